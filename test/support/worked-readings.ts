import { DEFAULT_READINGS, type Readings } from "../../src/scenario/readings.js";
import type { CallManagerProfile, ClientProfile, Scenario } from "../../src/scenario/scenario.js";
import { always, NOT_ACCEPTED, PENDING } from "./fault-example.js";
import { PLAIN_CLIENT, plainScenario } from "./plain-scenario.js";
import { halted, MCM_COMES_UP, one, OPENED, raised, STANDALONE_COMES_UP, type WorkedRun } from "./worked-runs.js";

const reading = (second: Partial<Readings>): Pick<Scenario, "contract"> => ({
  contract: { ...DEFAULT_READINGS, ...second },
});
const withCall: Pick<ClientProfile, "outstanding"> = {
  outstanding: { vcs: one, saps: { kind: "constant", count: 0 } },
};

/** One lifecycle of an AF that is closed at tick 10. */
function once(
  fields: Partial<Scenario> = {},
  client: Partial<ClientProfile> = {},
  close: Partial<CallManagerProfile["close"]> = {},
  callManager: Partial<CallManagerProfile> = {},
): Scenario {
  return plainScenario({ client: { ...PLAIN_CLIENT, reopen: false, ...client }, ...fields }, {}, close, callManager);
}

/** The teardown of a VC and a close that is refused, from frame f9 on. */
const REFUSED = `
 10 PASSIVE call f9 NdisClCloseCall client:0 → ndis
 10 PASSIVE call f10 in f9 ProtocolCmCloseCall ndis → cm:0
 10 PASSIVE return f10 ProtocolCmCloseCall PENDING
 10 PASSIVE return f9 NdisClCloseCall PENDING
 10 PASSIVE call f11 NdisClCloseAddressFamily client:0 → ndis
 10 PASSIVE call f12 in f11 ProtocolCmCloseAf ndis → cm:0
 10 PASSIVE return f12 ProtocolCmCloseAf NOT_ACCEPTED
 10 PASSIVE return f11 NdisClCloseAddressFamily NOT_ACCEPTED
 10 PASSIVE call f13 ProtocolClCloseAfComplete client:0 → client:0 NOT_ACCEPTED
 10 PASSIVE return f13 ProtocolClCloseAfComplete
 13 DISPATCH call f14 NdisMCmCloseCallComplete cm:0 → ndis SUCCESS
 13 DISPATCH call f15 in f14 ProtocolClCloseCallComplete ndis → client:0 SUCCESS
 13 DISPATCH return f15 ProtocolClCloseCallComplete
 13 DISPATCH return f14 NdisMCmCloseCallComplete`;

/** A close that is pended, from frame f9 on. */
const CLOSE_PENDED = `
 10 PASSIVE call f9 NdisClCloseAddressFamily client:0 → ndis
 10 PASSIVE call f10 in f9 ProtocolCmCloseAf ndis → cm:0
 10 PASSIVE return f10 ProtocolCmCloseAf PENDING
 10 PASSIVE return f9 NdisClCloseAddressFamily PENDING`;

export const WORKED_READINGS: readonly WorkedRun[] = [
  {
    title: "a close that is refused and may be tried again, which is then synchronous",
    scenario: once(reading({ failedClose: "retry", notAcceptedClose: "table" }), withCall, { refuse: 1, pend: 0 }),
    trace: `${MCM_COMES_UP}${OPENED}${REFUSED}
 13 PASSIVE call f16 NdisClCloseAddressFamily client:0 → ndis
 13 PASSIVE call f17 in f16 ProtocolCmCloseAf ndis → cm:0
 13 PASSIVE release from cm:0
 13 PASSIVE return f17 ProtocolCmCloseAf SUCCESS
 13 PASSIVE return f16 NdisClCloseAddressFamily SUCCESS
 13 PASSIVE call f18 ProtocolClCloseAfComplete client:0 → client:0 SUCCESS
 13 PASSIVE release from client:0
 13 PASSIVE return f18 ProtocolClCloseAfComplete`,
    digest: [
      [0, 1, 1, "open"],
      [10, 1, "close/status", "open", NOT_ACCEPTED],
      [10, 1, 21, "refused", NOT_ACCEPTED],
      [13, 1, 22, "open"],
      [13, 1, 5, "vacant"],
    ],
  },
  {
    title: "a close that is refused where the handle is dead then, and used again by mistake",
    scenario: once({ faults: [always("retry-close")] }, withCall, { refuse: 1 }),
    trace: `${MCM_COMES_UP}${OPENED}${REFUSED}
 13 PASSIVE call f16 NdisClCloseAddressFamily client:0 → ndis
 13 PASSIVE return f16 NdisClCloseAddressFamily FAILURE`,
    digest: [
      [0, 1, 1, "open"],
      [10, 1, 19, "stranded", NOT_ACCEPTED],
      [13, 1, "close/client-stale", "stranded", "NDIS_STATUS_FAILURE"],
    ],
  },
  {
    title: "a close with a VC on the AF that NDIS forwards, inside a notification",
    scenario: halted(
      { ...reading({ outstandingClose: "forwarded" }), faults: [always("outstanding-close")] },
      withCall,
    ),
    trace: `${MCM_COMES_UP}${OPENED}
  4 PASSIVE call f9 MiniportHaltEx ndis → cm:0
  4 PASSIVE call f10 in f9 NdisMCmNotifyCloseAddressFamily cm:0 → ndis
  4 PASSIVE call f11 in f10 ProtocolClNotifyCloseAf ndis → client:0
  4 PASSIVE call f12 in f11 NdisClCloseAddressFamily client:0 → ndis
  4 PASSIVE call f13 in f12 ProtocolCmCloseAf ndis → cm:0
  4 PASSIVE return f13 ProtocolCmCloseAf PENDING
  4 PASSIVE return f12 NdisClCloseAddressFamily PENDING
  4 PASSIVE call f14 in f11 NdisClCloseCall client:0 → ndis
  4 PASSIVE call f15 in f14 ProtocolCmCloseCall ndis → cm:0
  4 PASSIVE return f15 ProtocolCmCloseCall PENDING
  4 PASSIVE return f14 NdisClCloseCall PENDING
  4 PASSIVE return f11 ProtocolClNotifyCloseAf PENDING
  4 PASSIVE return f10 NdisMCmNotifyCloseAddressFamily PENDING
  7 DISPATCH call f16 NdisMCmCloseCallComplete cm:0 → ndis SUCCESS
  7 DISPATCH call f17 in f16 ProtocolClCloseCallComplete ndis → client:0 SUCCESS
  7 DISPATCH return f17 ProtocolClCloseCallComplete
  7 DISPATCH return f16 NdisMCmCloseCallComplete
 27 DISPATCH release from cm:0
 27 DISPATCH call f18 NdisMCmCloseAddressFamilyComplete cm:0 → ndis SUCCESS
 27 DISPATCH call f19 in f18 ProtocolClCloseAfComplete ndis → client:0 SUCCESS
 27 DISPATCH release from client:0
 27 DISPATCH return f19 ProtocolClCloseAfComplete
 27 DISPATCH return f18 NdisMCmCloseAddressFamilyComplete
 27 PASSIVE call f20 NdisClNotifyCloseAddressFamilyComplete client:0 → ndis SUCCESS
 27 PASSIVE call f21 in f20 ProtocolCmNotifyCloseAfComplete ndis → cm:0 SUCCESS
 27 PASSIVE return f21 ProtocolCmNotifyCloseAfComplete
 27 PASSIVE return f20 NdisClNotifyCloseAddressFamilyComplete
 27 PASSIVE return f9 MiniportHaltEx`,
    digest: [
      [0, 1, 1, "open"],
      [4, 1, 6, "closePended", PENDING],
      [27, 1, 10, "vacant"],
    ],
  },
  {
    title: "a halt that finds a close refused: its client is notified and closes again",
    scenario: halted(
      {
        ...reading({ failedClose: "retry" }),
        phases: [
          { kind: "run", ns: 1_200 },
          { kind: "halt", adapters: [{ from: 0, to: 0 }] },
          { kind: "run", ns: 8_800 },
        ],
        faults: [always("early-notify-completion")],
      },
      withCall,
      {},
      { refuse: 1 },
    ),
    trace: `${MCM_COMES_UP}${OPENED}${REFUSED.split("\n").slice(0, 11).join("\n")}
 12 PASSIVE call f14 MiniportHaltEx ndis → cm:0
 12 PASSIVE call f15 in f14 NdisMCmNotifyCloseAddressFamily cm:0 → ndis
 12 PASSIVE call f16 in f15 ProtocolClNotifyCloseAf ndis → client:0
 12 PASSIVE return f16 ProtocolClNotifyCloseAf PENDING
 12 PASSIVE return f15 NdisMCmNotifyCloseAddressFamily PENDING
 12 PASSIVE call f17 NdisClNotifyCloseAddressFamilyComplete client:0 → ndis SUCCESS
 12 PASSIVE return f17 NdisClNotifyCloseAddressFamilyComplete
 13 DISPATCH call f18 NdisMCmCloseCallComplete cm:0 → ndis SUCCESS
 13 DISPATCH call f19 in f18 ProtocolClCloseCallComplete ndis → client:0 SUCCESS
 13 DISPATCH return f19 ProtocolClCloseCallComplete
 13 DISPATCH return f18 NdisMCmCloseCallComplete
 13 PASSIVE call f20 NdisClCloseAddressFamily client:0 → ndis
 13 PASSIVE call f21 in f20 ProtocolCmCloseAf ndis → cm:0
 13 PASSIVE return f21 ProtocolCmCloseAf PENDING
 13 PASSIVE return f20 NdisClCloseAddressFamily PENDING
 33 DISPATCH release from cm:0
 33 DISPATCH call f22 NdisMCmCloseAddressFamilyComplete cm:0 → ndis SUCCESS
 33 DISPATCH call f23 in f22 ProtocolClCloseAfComplete ndis → client:0 SUCCESS
 33 DISPATCH release from client:0
 33 DISPATCH return f23 ProtocolClCloseAfComplete
 33 DISPATCH return f22 NdisMCmCloseAddressFamilyComplete
 33 PASSIVE call f24 NdisClNotifyCloseAddressFamilyComplete client:0 → ndis SUCCESS
 33 PASSIVE call f25 in f24 ProtocolCmNotifyCloseAfComplete ndis → cm:0 SUCCESS
 33 PASSIVE return f25 ProtocolCmNotifyCloseAfComplete
 33 PASSIVE return f24 NdisClNotifyCloseAddressFamilyComplete
 33 PASSIVE return f14 MiniportHaltEx`,
    digest: [
      [0, 1, 1, "open"],
      [10, 1, 21, "refused", NOT_ACCEPTED],
      [12, 1, "notify/owed", "refused"],
      [13, 1, 22, "open"],
      [13, 1, 6, "closePended", PENDING],
      [33, 1, 10, "vacant"],
    ],
  },
  {
    title: "a notification that is delivered though the AF is closing, and whose handle is notified of after the end",
    scenario: halted(
      {
        ...reading({ notifyDuringClose: "delivered" }),
        phases: [
          { kind: "run", ns: 1_500 },
          { kind: "halt", adapters: [{ from: 0, to: 0 }] },
          { kind: "run", ns: 8_500 },
        ],
        faults: [always("notify-success"), always("use-after-completion")],
      },
      {},
      { notify: { closing: true }, kind: "standalone" },
    ),
    trace: `${STANDALONE_COMES_UP}${raised(OPENED, 1)}${raised(CLOSE_PENDED, 1)}
 15 PASSIVE call f12 ProtocolUnbindAdapterEx ndis → cm:0
 15 PASSIVE call f13 in f12 NdisCmNotifyCloseAddressFamily cm:0 → ndis
 15 PASSIVE call f14 in f13 ProtocolClNotifyCloseAf ndis → client:0
 15 PASSIVE return f14 ProtocolClNotifyCloseAf SUCCESS
 15 PASSIVE return f13 NdisCmNotifyCloseAddressFamily SUCCESS
 15 PASSIVE return f12 ProtocolUnbindAdapterEx PENDING
 30 DISPATCH release from cm:0
 30 DISPATCH call f15 NdisCmCloseAddressFamilyComplete cm:0 → ndis SUCCESS
 30 DISPATCH call f16 in f15 ProtocolClCloseAfComplete ndis → client:0 SUCCESS
 30 DISPATCH release from client:0
 30 DISPATCH return f16 ProtocolClCloseAfComplete
 30 DISPATCH return f15 NdisCmCloseAddressFamilyComplete
 30 PASSIVE call f17 NdisCmNotifyCloseAddressFamily cm:0 → ndis
 30 PASSIVE return f17 NdisCmNotifyCloseAddressFamily FAILURE
 30 PASSIVE call f18 NdisCloseAdapterEx cm:0 → ndis
 30 PASSIVE return f18 NdisCloseAdapterEx SUCCESS
 30 PASSIVE call f19 NdisCompleteUnbindAdapterEx cm:0 → ndis
 30 PASSIVE return f19 NdisCompleteUnbindAdapterEx`,
    digest: [
      [0, 1, 1, "open"],
      [10, 1, 6, "closePended", PENDING],
      [15, 1, "notify/owed", "closePended"],
      [30, 1, 10, "vacant"],
      [30, 1, "close/cm-stale", "vacant"],
    ],
  },
  {
    title:
      "a call manager that uses the handle before its completion returns, and deadlocks; a client that releases at the call",
    scenario: once({ faults: [always("use-in-completion"), always("release-at-call"), always("lock-deadlock")] }),
    trace: `${MCM_COMES_UP}${OPENED}${CLOSE_PENDED}
 30 DISPATCH release from cm:0
 30 DISPATCH call f11 NdisMCmCloseAddressFamilyComplete cm:0 → ndis SUCCESS
 30 PASSIVE call f12 NdisMCmNotifyCloseAddressFamily cm:0 → ndis
 30 PASSIVE return f12 NdisMCmNotifyCloseAddressFamily FAILURE
 30 PASSIVE release from client:0
 30 DISPATCH call f13 in f11 ProtocolClCloseAfComplete ndis → client:0 SUCCESS
 30 DISPATCH return f13 ProtocolClCloseAfComplete`,
    digest: [
      [0, 1, 1, "open"],
      [10, 1, 6, "closePended", PENDING],
      [30, 1, "close/context-early", "closePended"],
      [30, 1, 10, "vacant"],
    ],
  },
  {
    title:
      "the same with a completion that costs time, where handles expire at the call and clients may release from it on",
    scenario: once(
      {
        ...reading({ handleExpiry: "atCall", clientRelease: "fromCompletionCall" }),
        processors: { count: 1, dpcBudget: 1, completionCostNs: 200 },
        faults: [always("use-in-completion"), always("release-at-call")],
      },
      {},
    ),
    trace: `${MCM_COMES_UP}${OPENED}${CLOSE_PENDED}
 30 DISPATCH release from cm:0
 30 DISPATCH call f11 NdisMCmCloseAddressFamilyComplete cm:0 → ndis SUCCESS
 30 PASSIVE call f12 NdisMCmNotifyCloseAddressFamily cm:0 → ndis
 30 PASSIVE return f12 NdisMCmNotifyCloseAddressFamily FAILURE
 30 PASSIVE release from client:0
 32 DISPATCH call f13 in f11 ProtocolClCloseAfComplete ndis → client:0 SUCCESS
 32 DISPATCH return f13 ProtocolClCloseAfComplete
 32 DISPATCH return f11 NdisMCmCloseAddressFamilyComplete`,
    digest: [
      [0, 1, 1, "open"],
      [10, 1, 6, "closePended", PENDING],
      [30, 1, 9, "reporting"],
      [30, 1, "close/cm-stale", "reporting"],
      [32, 1, 10, "vacant"],
    ],
  },
  {
    title: "a call manager that returns success after it has completed inline",
    scenario: once({ faults: [always("inline-success")] }, {}, { inline: 1 }),
    trace: `${MCM_COMES_UP}${OPENED}
 10 PASSIVE call f9 NdisClCloseAddressFamily client:0 → ndis
 10 PASSIVE call f10 in f9 ProtocolCmCloseAf ndis → cm:0
 10 PASSIVE release from cm:0
 10 PASSIVE call f11 in f10 NdisMCmCloseAddressFamilyComplete cm:0 → ndis SUCCESS
 10 PASSIVE call f12 in f11 ProtocolClCloseAfComplete ndis → client:0 SUCCESS
 10 PASSIVE release from client:0
 10 PASSIVE return f12 ProtocolClCloseAfComplete
 10 PASSIVE return f11 NdisMCmCloseAddressFamilyComplete
 10 PASSIVE return f10 ProtocolCmCloseAf SUCCESS
 10 PASSIVE return f9 NdisClCloseAddressFamily PENDING`,
    digest: [
      [0, 1, 1, "open"],
      [10, 1, 7, "completedEarly"],
      [10, 1, "close/double-complete", "completedEarly"],
      [10, 1, 8, "vacant", PENDING],
    ],
  },
  {
    title: "a client that ignores a close that was not pended, in a walk that repeats",
    scenario: halted(
      { faults: [always("no-self-complete"), always("close-return-status"), always("walk-repeats")] },
      {},
      {},
      { pend: 0 },
    ),
    trace: `${MCM_COMES_UP}${OPENED}
  4 PASSIVE call f9 MiniportHaltEx ndis → cm:0
  4 PASSIVE call f10 in f9 NdisMCmNotifyCloseAddressFamily cm:0 → ndis
  4 PASSIVE call f11 in f10 ProtocolClNotifyCloseAf ndis → client:0
  4 PASSIVE call f12 in f11 NdisClCloseAddressFamily client:0 → ndis
  4 PASSIVE call f13 in f12 ProtocolCmCloseAf ndis → cm:0
  4 PASSIVE release from cm:0
  4 PASSIVE return f13 ProtocolCmCloseAf NOT_ACCEPTED
  4 PASSIVE return f12 NdisClCloseAddressFamily SUCCESS
  4 PASSIVE return f11 ProtocolClNotifyCloseAf SUCCESS
  4 PASSIVE return f10 NdisMCmNotifyCloseAddressFamily SUCCESS
  4 PASSIVE call f14 in f9 NdisMCmNotifyCloseAddressFamily cm:0 → ndis
  4 PASSIVE return f14 NdisMCmNotifyCloseAddressFamily FAILURE
  4 PASSIVE return f9 MiniportHaltEx`,
    digest: [
      [0, 1, 1, "open"],
      [4, 1, "close/status", "open", NOT_ACCEPTED],
      [4, 1, "close/completes-once", "open"],
      [4, 1, 5, "vacant"],
      [4, 1, "close/cm-stale", "vacant"],
    ],
  },
];
