import type { ObjectTotals } from "../../src/measure/outcome.js";
import { DEFAULT_READINGS } from "../../src/scenario/readings.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { CLOSE_PENDED, type Fold, OPEN, withObjects } from "./object-example.js";
import { always } from "./fault-example.js";
import { ticks } from "./plain-scenario.js";

/** A run of one AF and what is on it, written by hand from MODEL-OBJECTS.md. */
export interface WorkedObjects {
  readonly title: string;
  readonly scenario: Scenario;
  /** The first tick of the trace that is written down. */
  readonly from: number;
  readonly trace: string;
  readonly folds: readonly Fold[];
  readonly objects: ObjectTotals;
}

const OPENED: Fold = [0, 0, 1, 1, OPEN];
const NOTHING: ObjectTotals = {
  saps: { registered: 0, deregistered: 0, atEnd: 0 },
  vcs: { created: 0, deleted: 0, atEnd: 0 },
  calls: { connected: 0, failed: 0, rejected: 0, closed: 0 },
  parties: { added: 0, dropped: 0, atEnd: 0 },
};
const ONE_VC = { created: 1, deleted: 1, atEnd: 0 };
const ONE_CALL = { connected: 1, failed: 0, rejected: 0, closed: 1 };

export const WORKED_OBJECTS: readonly WorkedObjects[] = [
  {
    title: "an outgoing call with a party that the network ends, all of it at once, of an MCM",
    scenario: withObjects({ objects: { calls: 1, parties: 1, remote: 1 } }),
    from: 10,
    folds: [
      OPENED,
      [10, 0, 1, 136, 1],
      [10, 0, 1, 139, 5],
      [10, 1, 1, 150, 2],
      [30, 1, 1, 153, 0],
      [30, 0, 1, 143, 8],
      [30, 0, 1, 147, 0],
    ],
    objects: { ...NOTHING, vcs: ONE_VC, calls: ONE_CALL, parties: { added: 1, dropped: 1, atEnd: 0 } },
    trace: `
  10 P call   f9          NdisCoCreateVc  client:0 → ndis
  10 P call   f10 in f9   ProtocolCoCreateVc  ndis → cm:0  VC#0v1
  10 P return f10         ProtocolCoCreateVc  VC#0v1  SUCCESS
  10 P return f9          NdisCoCreateVc  VC#0v1  SUCCESS
  10 P call   f11         NdisClMakeCall  client:0 → ndis  VC#0v1
  10 P call   f12 in f11  ProtocolCmMakeCall  ndis → cm:0  VC#0v1  PARTY#0v1
  10 P call   f13 in f12  NdisMCmActivateVc  cm:0 → ndis  VC#0v1
  10 P return f13         NdisMCmActivateVc  VC#0v1  SUCCESS
  10 P call   f14 in f12  ProtocolCmActivateVcComplete  cm:0 → cm:0  VC#0v1  SUCCESS
  10 P return f14         ProtocolCmActivateVcComplete  VC#0v1
  10 P return f12         ProtocolCmMakeCall  VC#0v1  PARTY#0v1  SUCCESS
  10 P return f11         NdisClMakeCall  VC#0v1  PARTY#0v1  SUCCESS
  10 P call   f15         ProtocolClMakeCallComplete  client:0 → client:0  VC#0v1  PARTY#0v1  SUCCESS
  10 P return f15         ProtocolClMakeCallComplete  VC#0v1  PARTY#0v1
  10 P call   f16         NdisClAddParty  client:0 → ndis  VC#0v1
  10 P call   f17 in f16  ProtocolCmAddParty  ndis → cm:0  VC#0v1  PARTY#1v1
  10 P return f17         ProtocolCmAddParty  VC#0v1  PARTY#1v1  SUCCESS
  10 P return f16         NdisClAddParty  VC#0v1  PARTY#1v1  SUCCESS
  10 P call   f18         ProtocolClAddPartyComplete  client:0 → client:0  VC#0v1  PARTY#1v1  SUCCESS
  10 P return f18         ProtocolClAddPartyComplete  VC#0v1  PARTY#1v1
  30 D call   f19         NdisMCmDispatchIncomingDropParty  cm:0 → ndis  VC#0v1  PARTY#1v1  SUCCESS
  30 D call   f20 in f19  ProtocolClIncomingDropParty  ndis → client:0  VC#0v1  PARTY#1v1  SUCCESS
  30 D call   f21 in f20  NdisClDropParty  client:0 → ndis  VC#0v1  PARTY#1v1
  30 D call   f22 in f21  ProtocolCmDropParty  ndis → cm:0  VC#0v1  PARTY#1v1
  30 D return f22         ProtocolCmDropParty  VC#0v1  PARTY#1v1  SUCCESS
  30 D return f21         NdisClDropParty  VC#0v1  PARTY#1v1  SUCCESS
  30 D call   f23 in f20  ProtocolClDropPartyComplete  client:0 → client:0  VC#0v1  PARTY#1v1  SUCCESS
  30 D return f23         ProtocolClDropPartyComplete  VC#0v1  PARTY#1v1
  30 D return f20         ProtocolClIncomingDropParty  VC#0v1  PARTY#1v1
  30 D return f19         NdisMCmDispatchIncomingDropParty  VC#0v1  PARTY#1v1
  30 D call   f24         NdisMCmDispatchIncomingCloseCall  cm:0 → ndis  VC#0v1  SUCCESS
  30 D call   f25 in f24  ProtocolClIncomingCloseCall  ndis → client:0  VC#0v1  SUCCESS
  30 D call   f26 in f25  NdisClCloseCall  client:0 → ndis  VC#0v1  PARTY#0v1
  30 D call   f27 in f26  ProtocolCmCloseCall  ndis → cm:0  VC#0v1  PARTY#0v1
  30 D call   f28 in f27  NdisMCmDeactivateVc  cm:0 → ndis  VC#0v1
  30 D return f28         NdisMCmDeactivateVc  VC#0v1  SUCCESS
  30 D call   f29 in f27  ProtocolCmDeactivateVcComplete  cm:0 → cm:0  VC#0v1  SUCCESS
  30 D return f29         ProtocolCmDeactivateVcComplete  VC#0v1
  30 D return f27         ProtocolCmCloseCall  VC#0v1  PARTY#0v1  SUCCESS
  30 D return f26         NdisClCloseCall  VC#0v1  PARTY#0v1  SUCCESS
  30 D call   f30 in f25  ProtocolClCloseCallComplete  client:0 → client:0  VC#0v1  PARTY#0v1  SUCCESS
  30 D return f30         ProtocolClCloseCallComplete  VC#0v1  PARTY#0v1
  30 D return f25         ProtocolClIncomingCloseCall  VC#0v1
  30 D return f24         NdisMCmDispatchIncomingCloseCall  VC#0v1
  30 P call   f31         NdisCoDeleteVc  client:0 → ndis  VC#0v1
  30 P call   f32 in f31  ProtocolCoDeleteVc  ndis → cm:0  VC#0v1
  30 P return f32         ProtocolCoDeleteVc  VC#0v1  SUCCESS
  30 P return f31         NdisCoDeleteVc  VC#0v1  SUCCESS`,
  },
  {
    title: "a SAP and an incoming call, all of it pended, of a stand-alone call manager",
    scenario: withObjects({
      objects: { saps: 1, incoming: 1, answer: { pend: 1, service: ticks(3), reject: 0 } },
      pended: ["sap", "call", "vc"],
      callManager: { kind: "standalone" },
      run: 45,
    }),
    from: 1,
    folds: [
      OPENED,
      [0, 0, 1, 129, 1, "PENDING"],
      [2, 0, 1, 130, 2],
      [10, 0, 1, 136, 1],
      [10, 0, 1, 138, 3, "PENDING"],
      [11, 0, 1, 141, 4, "PENDING"],
      [14, 0, 1, 139, 5],
      [34, 0, 1, 144, 6, "PENDING"],
      [38, 0, 1, 145, 7, "PENDING"],
      [39, 0, 1, 146, 8],
      [39, 0, 1, 147, 0],
    ],
    objects: { ...NOTHING, saps: { registered: 1, deregistered: 0, atEnd: 1 }, vcs: ONE_VC, calls: ONE_CALL },
    trace: `
   2 D call   f12         NdisCmRegisterSapComplete  cm:0 → ndis  SAP#0v1  SUCCESS
   2 D call   f13 in f12  ProtocolClRegisterSapComplete  ndis → client:0  SAP#0v1  SUCCESS
   2 D return f13         ProtocolClRegisterSapComplete  SAP#0v1
   2 D return f12         NdisCmRegisterSapComplete  SAP#0v1
  10 D call   f14         NdisCoCreateVc  cm:0 → ndis
  10 D call   f15 in f14  ProtocolCoCreateVc  ndis → client:0  VC#0v1
  10 D return f15         ProtocolCoCreateVc  VC#0v1  SUCCESS
  10 D return f14         NdisCoCreateVc  VC#0v1  SUCCESS
  10 D call   f16         NdisCmActivateVc  cm:0 → ndis  VC#0v1
  10 D return f16         NdisCmActivateVc  VC#0v1  PENDING
  11 D call   f17         ProtocolCmActivateVcComplete  ndis → cm:0  VC#0v1  SUCCESS
  11 D return f17         ProtocolCmActivateVcComplete  VC#0v1
  11 D call   f18         NdisCmDispatchIncomingCall  cm:0 → ndis  SAP#0v1  VC#0v1
  11 D call   f19 in f18  ProtocolClIncomingCall  ndis → client:0  SAP#0v1  VC#0v1
  11 D return f19         ProtocolClIncomingCall  SAP#0v1  VC#0v1  PENDING
  11 D return f18         NdisCmDispatchIncomingCall  SAP#0v1  VC#0v1  PENDING
  14 P call   f20         NdisClIncomingCallComplete  client:0 → ndis  VC#0v1  SUCCESS
  14 P call   f21 in f20  ProtocolCmIncomingCallComplete  ndis → cm:0  VC#0v1  SUCCESS
  14 P return f21         ProtocolCmIncomingCallComplete  VC#0v1
  14 P return f20         NdisClIncomingCallComplete  VC#0v1
  14 D call   f22         NdisCmDispatchCallConnected  cm:0 → ndis  VC#0v1
  14 D call   f23 in f22  ProtocolClCallConnected  ndis → client:0  VC#0v1
  14 D return f23         ProtocolClCallConnected  VC#0v1
  14 D return f22         NdisCmDispatchCallConnected  VC#0v1
  34 P call   f24         NdisClCloseCall  client:0 → ndis  VC#0v1
  34 P call   f25 in f24  ProtocolCmCloseCall  ndis → cm:0  VC#0v1
  34 P return f25         ProtocolCmCloseCall  VC#0v1  PENDING
  34 P return f24         NdisClCloseCall  VC#0v1  PENDING
  38 D call   f26         NdisCmDeactivateVc  cm:0 → ndis  VC#0v1
  38 D return f26         NdisCmDeactivateVc  VC#0v1  PENDING
  39 D call   f27         ProtocolCmDeactivateVcComplete  ndis → cm:0  VC#0v1  SUCCESS
  39 D return f27         ProtocolCmDeactivateVcComplete  VC#0v1
  39 D call   f28         NdisCmCloseCallComplete  cm:0 → ndis  VC#0v1  SUCCESS
  39 D call   f29 in f28  ProtocolClCloseCallComplete  ndis → client:0  VC#0v1  SUCCESS
  39 D return f29         ProtocolClCloseCallComplete  VC#0v1
  39 D return f28         NdisCmCloseCallComplete  VC#0v1
  39 D call   f30         NdisCoDeleteVc  cm:0 → ndis  VC#0v1
  39 D call   f31 in f30  ProtocolCoDeleteVc  ndis → client:0  VC#0v1
  39 D return f31         ProtocolCoDeleteVc  VC#0v1  SUCCESS
  39 D return f30         NdisCoDeleteVc  VC#0v1  SUCCESS`,
  },
  {
    title: "an incoming call that the client rejects",
    scenario: withObjects({
      objects: { saps: 1, incoming: 1, answer: { pend: 0, service: ticks(3), reject: 1 } },
      run: 15,
    }),
    from: 10,
    folds: [OPENED, [0, 0, 1, 128, 2], [10, 0, 1, 136, 1], [10, 0, 1, 142, 8, "FAILURE"], [10, 0, 1, 147, 0]],
    objects: {
      ...NOTHING,
      saps: { registered: 1, deregistered: 0, atEnd: 1 },
      vcs: ONE_VC,
      calls: { connected: 0, failed: 0, rejected: 1, closed: 0 },
    },
    trace: `
  10 D call   f12         NdisMCmCreateVc  cm:0 → ndis
  10 D call   f13 in f12  ProtocolCoCreateVc  ndis → client:0  VC#0v1
  10 D return f13         ProtocolCoCreateVc  VC#0v1  SUCCESS
  10 D return f12         NdisMCmCreateVc  VC#0v1  SUCCESS
  10 D call   f14         NdisMCmActivateVc  cm:0 → ndis  VC#0v1
  10 D return f14         NdisMCmActivateVc  VC#0v1  SUCCESS
  10 D call   f15         ProtocolCmActivateVcComplete  cm:0 → cm:0  VC#0v1  SUCCESS
  10 D return f15         ProtocolCmActivateVcComplete  VC#0v1
  10 D call   f16         NdisMCmDispatchIncomingCall  cm:0 → ndis  SAP#0v1  VC#0v1
  10 D call   f17 in f16  ProtocolClIncomingCall  ndis → client:0  SAP#0v1  VC#0v1
  10 D return f17         ProtocolClIncomingCall  SAP#0v1  VC#0v1  FAILURE
  10 D return f16         NdisMCmDispatchIncomingCall  SAP#0v1  VC#0v1  FAILURE
  10 D call   f18         ProtocolCmIncomingCallComplete  cm:0 → cm:0  VC#0v1  FAILURE
  10 D return f18         ProtocolCmIncomingCallComplete  VC#0v1
  10 D call   f19         NdisMCmDeactivateVc  cm:0 → ndis  VC#0v1
  10 D return f19         NdisMCmDeactivateVc  VC#0v1  SUCCESS
  10 D call   f20         ProtocolCmDeactivateVcComplete  cm:0 → cm:0  VC#0v1  SUCCESS
  10 D return f20         ProtocolCmDeactivateVcComplete  VC#0v1
  10 D call   f21         NdisMCmDeleteVc  cm:0 → ndis  VC#0v1
  10 D call   f22 in f21  ProtocolCoDeleteVc  ndis → client:0  VC#0v1
  10 D return f22         ProtocolCoDeleteVc  VC#0v1  SUCCESS
  10 D return f21         NdisMCmDeleteVc  VC#0v1  SUCCESS`,
  },
  {
    title:
      "a halt: the notified client closes the call, deregisters the SAP and closes the AF, which waits for the call",
    scenario: withObjects({
      objects: { saps: 1, calls: 1 },
      pended: ["call"],
      fields: {
        phases: [
          { kind: "run", ns: 1_500 },
          { kind: "halt", adapters: [{ from: 0, to: 0 }] },
          { kind: "run", ns: 3_000 },
        ],
      },
    }),
    from: 15,
    folds: [
      OPENED,
      [0, 0, 1, 128, 2],
      [10, 0, 1, 136, 1],
      [10, 0, 1, 137, 2, "PENDING"],
      [14, 0, 1, 139, 5],
      [15, 0, 1, 144, 6, "PENDING"],
      [15, 0, 1, 131, 0],
      [15, 0, 1, 6, CLOSE_PENDED, "PENDING"],
      [19, 0, 1, 146, 8],
      [19, 0, 1, 147, 0],
      [39, 0, 1, 10, 0],
    ],
    objects: { ...NOTHING, saps: { registered: 1, deregistered: 1, atEnd: 0 }, vcs: ONE_VC, calls: ONE_CALL },
    trace: `
  15 P call   f20         MiniportHaltEx  ndis → cm:0
  15 P call   f21 in f20  NdisMCmNotifyCloseAddressFamily  cm:0 → ndis
  15 P call   f22 in f21  ProtocolClNotifyCloseAf  ndis → client:0
  15 P call   f23 in f22  NdisClCloseCall  client:0 → ndis  VC#0v1
  15 P call   f24 in f23  ProtocolCmCloseCall  ndis → cm:0  VC#0v1
  15 P return f24         ProtocolCmCloseCall  VC#0v1  PENDING
  15 P return f23         NdisClCloseCall  VC#0v1  PENDING
  15 P call   f25 in f22  NdisClDeregisterSap  client:0 → ndis  SAP#0v1
  15 P call   f26 in f25  ProtocolCmDeregisterSap  ndis → cm:0  SAP#0v1
  15 P return f26         ProtocolCmDeregisterSap  SAP#0v1  SUCCESS
  15 P return f25         NdisClDeregisterSap  SAP#0v1  SUCCESS
  15 P call   f27 in f22  ProtocolClDeregisterSapComplete  client:0 → client:0  SAP#0v1  SUCCESS
  15 P return f27         ProtocolClDeregisterSapComplete  SAP#0v1
  15 P call   f28 in f22  NdisClCloseAddressFamily  client:0 → ndis
  15 P call   f29 in f28  ProtocolCmCloseAf  ndis → cm:0
  15 P return f29         ProtocolCmCloseAf  PENDING
  15 P return f28         NdisClCloseAddressFamily  PENDING
  15 P return f22         ProtocolClNotifyCloseAf  PENDING
  15 P return f21         NdisMCmNotifyCloseAddressFamily  PENDING
  19 D call   f30         NdisMCmDeactivateVc  cm:0 → ndis  VC#0v1
  19 D return f30         NdisMCmDeactivateVc  VC#0v1  SUCCESS
  19 D call   f31         ProtocolCmDeactivateVcComplete  cm:0 → cm:0  VC#0v1  SUCCESS
  19 D return f31         ProtocolCmDeactivateVcComplete  VC#0v1
  19 D call   f32         NdisMCmCloseCallComplete  cm:0 → ndis  VC#0v1  SUCCESS
  19 D call   f33 in f32  ProtocolClCloseCallComplete  ndis → client:0  VC#0v1  SUCCESS
  19 D return f33         ProtocolClCloseCallComplete  VC#0v1
  19 D return f32         NdisMCmCloseCallComplete  VC#0v1
  19 P call   f34         NdisCoDeleteVc  client:0 → ndis  VC#0v1
  19 P call   f35 in f34  ProtocolCoDeleteVc  ndis → cm:0  VC#0v1
  19 P return f35         ProtocolCoDeleteVc  VC#0v1  SUCCESS
  19 P return f34         NdisCoDeleteVc  VC#0v1  SUCCESS
  39 D release            cm:0
  39 D call   f36         NdisMCmCloseAddressFamilyComplete  cm:0 → ndis  SUCCESS
  39 D call   f37 in f36  ProtocolClCloseAfComplete  ndis → client:0  SUCCESS
  39 D release            client:0
  39 D return f37         ProtocolClCloseAfComplete
  39 D return f36         NdisMCmCloseAddressFamilyComplete
  39 P call   f38         NdisClNotifyCloseAddressFamilyComplete  client:0 → ndis  SUCCESS
  39 P call   f39 in f38  ProtocolCmNotifyCloseAfComplete  ndis → cm:0  SUCCESS
  39 P return f39         ProtocolCmNotifyCloseAfComplete
  39 P return f38         NdisClNotifyCloseAddressFamilyComplete
  39 P return f20         MiniportHaltEx`,
  },
  {
    title: "a SAP that is deregistered while its AF is closing, as NDIS forwards every close",
    scenario: withObjects({
      objects: { saps: 1 },
      hold: 10,
      run: 25,
      fields: {
        contract: { ...DEFAULT_READINGS, outstandingClose: "forwarded" },
        faults: [always("outstanding-close")],
      },
    }),
    from: 10,
    folds: [OPENED, [0, 0, 1, 128, 2], [10, 0, 1, 6, CLOSE_PENDED, "PENDING"], [10, 0, 1, 134, 0, "FAILURE"]],
    objects: { ...NOTHING, saps: { registered: 1, deregistered: 1, atEnd: 0 } },
    trace: `
  10 P call   f12         NdisClCloseAddressFamily  client:0 → ndis
  10 P call   f13 in f12  ProtocolCmCloseAf  ndis → cm:0
  10 P return f13         ProtocolCmCloseAf  PENDING
  10 P return f12         NdisClCloseAddressFamily  PENDING
  10 P call   f14         NdisClDeregisterSap  client:0 → ndis  SAP#0v1
  10 P return f14         NdisClDeregisterSap  SAP#0v1  FAILURE
  10 P call   f15         ProtocolClDeregisterSapComplete  client:0 → client:0  SAP#0v1  FAILURE
  10 P return f15         ProtocolClDeregisterSapComplete  SAP#0v1`,
  },
];
