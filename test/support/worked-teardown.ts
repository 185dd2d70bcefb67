import { CLOSE_PENDED, OPEN } from "./object-example.js";
import { objectScenario, PENDED } from "./object-scenario.js";
import { ticks } from "./plain-scenario.js";
import type { WorkedObjects } from "./worked-objects.js";

/** A client closes its AF at tick 30, while a multipoint call is connected on it: everything is pended. */
export const WORKED_TEARDOWN: WorkedObjects = {
  title:
    "a close by the client: it drops the party, closes the call, deregisters the SAP and closes the AF, which waits",
  scenario: objectScenario({
    objects: { saps: 1, calls: 1, parties: 1, lasts: ticks(50) },
    served: { sap: PENDED.sap, call: PENDED.call, party: PENDED.party },
    holdTicks: 30,
    runTicks: 60,
  }),
  from: 2,
  folds: [
    [0, 0, 1, 1, OPEN],
    [0, 0, 1, 129, 1, "PENDING"],
    [2, 0, 1, 130, 2],
    [10, 0, 1, 136, 1],
    [10, 0, 1, 137, 2, "PENDING"],
    [14, 0, 1, 139, 5],
    [14, 1, 1, 151, 1, "PENDING"],
    [17, 1, 1, 152, 2],
    [30, 1, 1, 154, 3, "PENDING"],
    [33, 1, 1, 155, 0],
    [33, 0, 1, 144, 6, "PENDING"],
    [33, 0, 1, 132, 3, "PENDING"],
    [33, 0, 1, 6, CLOSE_PENDED, "PENDING"],
    [35, 0, 1, 133, 0],
    [37, 0, 1, 146, 8],
    [37, 0, 1, 147, 0],
    [57, 0, 1, 10, 0],
  ],
  objects: {
    saps: { registered: 1, deregistered: 1, atEnd: 0 },
    vcs: { created: 1, deleted: 1, atEnd: 0 },
    calls: { connected: 1, failed: 0, rejected: 0, closed: 1 },
    parties: { added: 1, dropped: 1, atEnd: 0 },
  },
  trace: `
   2 D call   f11         NdisMCmRegisterSapComplete  cm:0 → ndis  SAP#0v1  SUCCESS
   2 D call   f12 in f11  ProtocolClRegisterSapComplete  ndis → client:0  SAP#0v1  SUCCESS
   2 D return f12         ProtocolClRegisterSapComplete  SAP#0v1
   2 D return f11         NdisMCmRegisterSapComplete  SAP#0v1
  10 P call   f13         NdisCoCreateVc  client:0 → ndis
  10 P call   f14 in f13  ProtocolCoCreateVc  ndis → cm:0  VC#0v1
  10 P return f14         ProtocolCoCreateVc  VC#0v1  SUCCESS
  10 P return f13         NdisCoCreateVc  VC#0v1  SUCCESS
  10 P call   f15         NdisClMakeCall  client:0 → ndis  VC#0v1
  10 P call   f16 in f15  ProtocolCmMakeCall  ndis → cm:0  VC#0v1  PARTY#0v1
  10 P return f16         ProtocolCmMakeCall  VC#0v1  PARTY#0v1  PENDING
  10 P return f15         NdisClMakeCall  VC#0v1  PARTY#0v1  PENDING
  14 D call   f17         NdisMCmActivateVc  cm:0 → ndis  VC#0v1
  14 D return f17         NdisMCmActivateVc  VC#0v1  SUCCESS
  14 D call   f18         ProtocolCmActivateVcComplete  cm:0 → cm:0  VC#0v1  SUCCESS
  14 D return f18         ProtocolCmActivateVcComplete  VC#0v1
  14 D call   f19         NdisMCmMakeCallComplete  cm:0 → ndis  VC#0v1  PARTY#0v1  SUCCESS
  14 D call   f20 in f19  ProtocolClMakeCallComplete  ndis → client:0  VC#0v1  PARTY#0v1  SUCCESS
  14 D return f20         ProtocolClMakeCallComplete  VC#0v1  PARTY#0v1
  14 D return f19         NdisMCmMakeCallComplete  VC#0v1  PARTY#0v1
  14 P call   f21         NdisClAddParty  client:0 → ndis  VC#0v1
  14 P call   f22 in f21  ProtocolCmAddParty  ndis → cm:0  VC#0v1  PARTY#1v1
  14 P return f22         ProtocolCmAddParty  VC#0v1  PARTY#1v1  PENDING
  14 P return f21         NdisClAddParty  VC#0v1  PARTY#1v1  PENDING
  17 D call   f23         NdisMCmAddPartyComplete  cm:0 → ndis  VC#0v1  PARTY#1v1  SUCCESS
  17 D call   f24 in f23  ProtocolClAddPartyComplete  ndis → client:0  VC#0v1  PARTY#1v1  SUCCESS
  17 D return f24         ProtocolClAddPartyComplete  VC#0v1  PARTY#1v1
  17 D return f23         NdisMCmAddPartyComplete  VC#0v1  PARTY#1v1
  30 P call   f25         NdisClDropParty  client:0 → ndis  VC#0v1  PARTY#1v1
  30 P call   f26 in f25  ProtocolCmDropParty  ndis → cm:0  VC#0v1  PARTY#1v1
  30 P return f26         ProtocolCmDropParty  VC#0v1  PARTY#1v1  PENDING
  30 P return f25         NdisClDropParty  VC#0v1  PARTY#1v1  PENDING
  33 D call   f27         NdisMCmDropPartyComplete  cm:0 → ndis  VC#0v1  PARTY#1v1  SUCCESS
  33 D call   f28 in f27  ProtocolClDropPartyComplete  ndis → client:0  VC#0v1  PARTY#1v1  SUCCESS
  33 D return f28         ProtocolClDropPartyComplete  VC#0v1  PARTY#1v1
  33 D return f27         NdisMCmDropPartyComplete  VC#0v1  PARTY#1v1
  33 P call   f29         NdisClCloseCall  client:0 → ndis  VC#0v1  PARTY#0v1
  33 P call   f30 in f29  ProtocolCmCloseCall  ndis → cm:0  VC#0v1  PARTY#0v1
  33 P return f30         ProtocolCmCloseCall  VC#0v1  PARTY#0v1  PENDING
  33 P return f29         NdisClCloseCall  VC#0v1  PARTY#0v1  PENDING
  33 P call   f31         NdisClDeregisterSap  client:0 → ndis  SAP#0v1
  33 P call   f32 in f31  ProtocolCmDeregisterSap  ndis → cm:0  SAP#0v1
  33 P return f32         ProtocolCmDeregisterSap  SAP#0v1  PENDING
  33 P return f31         NdisClDeregisterSap  SAP#0v1  PENDING
  33 P call   f33         NdisClCloseAddressFamily  client:0 → ndis
  33 P call   f34 in f33  ProtocolCmCloseAf  ndis → cm:0
  33 P return f34         ProtocolCmCloseAf  PENDING
  33 P return f33         NdisClCloseAddressFamily  PENDING
  35 D call   f35         NdisMCmDeregisterSapComplete  cm:0 → ndis  SAP#0v1  SUCCESS
  35 D call   f36 in f35  ProtocolClDeregisterSapComplete  ndis → client:0  SAP#0v1  SUCCESS
  35 D return f36         ProtocolClDeregisterSapComplete  SAP#0v1
  35 D return f35         NdisMCmDeregisterSapComplete  SAP#0v1
  37 D call   f37         NdisMCmDeactivateVc  cm:0 → ndis  VC#0v1
  37 D return f37         NdisMCmDeactivateVc  VC#0v1  SUCCESS
  37 D call   f38         ProtocolCmDeactivateVcComplete  cm:0 → cm:0  VC#0v1  SUCCESS
  37 D return f38         ProtocolCmDeactivateVcComplete  VC#0v1
  37 D call   f39         NdisMCmCloseCallComplete  cm:0 → ndis  VC#0v1  PARTY#0v1  SUCCESS
  37 D call   f40 in f39  ProtocolClCloseCallComplete  ndis → client:0  VC#0v1  PARTY#0v1  SUCCESS
  37 D return f40         ProtocolClCloseCallComplete  VC#0v1  PARTY#0v1
  37 D return f39         NdisMCmCloseCallComplete  VC#0v1  PARTY#0v1
  37 P call   f41         NdisCoDeleteVc  client:0 → ndis  VC#0v1
  37 P call   f42 in f41  ProtocolCoDeleteVc  ndis → cm:0  VC#0v1
  37 P return f42         ProtocolCoDeleteVc  VC#0v1  SUCCESS
  37 P return f41         NdisCoDeleteVc  VC#0v1  SUCCESS
  57 D release            cm:0
  57 D call   f43         NdisMCmCloseAddressFamilyComplete  cm:0 → ndis  SUCCESS
  57 D call   f44 in f43  ProtocolClCloseAfComplete  ndis → client:0  SUCCESS
  57 D release            client:0
  57 D return f44         ProtocolClCloseAfComplete
  57 D return f43         NdisMCmCloseAddressFamilyComplete`,
};
