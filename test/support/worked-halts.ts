import { always, FAILURE, PENDING } from "./fault-example.js";
import {
  HALT,
  halted,
  MCM_COMES_UP,
  one,
  OPENED,
  CLIENT_COMES_UP,
  raised,
  STANDALONE_COMES_UP,
  type WorkedRun,
} from "./worked-runs.js";

export const WORKED_HALTS: readonly WorkedRun[] = [
  {
    title: "an MCM whose client closes inside its notification",
    scenario: halted(),
    trace: `${MCM_COMES_UP}${OPENED}
  4 PASSIVE call f9 MiniportHaltEx ndis → cm:0
  4 PASSIVE call f10 in f9 NdisMCmNotifyCloseAddressFamily cm:0 → ndis
  4 PASSIVE call f11 in f10 ProtocolClNotifyCloseAf ndis → client:0
  4 PASSIVE call f12 in f11 NdisClCloseAddressFamily client:0 → ndis
  4 PASSIVE call f13 in f12 ProtocolCmCloseAf ndis → cm:0
  4 PASSIVE return f13 ProtocolCmCloseAf PENDING
  4 PASSIVE return f12 NdisClCloseAddressFamily PENDING
  4 PASSIVE return f11 ProtocolClNotifyCloseAf PENDING
  4 PASSIVE return f10 NdisMCmNotifyCloseAddressFamily PENDING
 24 DISPATCH release from cm:0
 24 DISPATCH call f14 NdisMCmCloseAddressFamilyComplete cm:0 → ndis SUCCESS
 24 DISPATCH call f15 in f14 ProtocolClCloseAfComplete ndis → client:0 SUCCESS
 24 DISPATCH release from client:0
 24 DISPATCH return f15 ProtocolClCloseAfComplete
 24 DISPATCH return f14 NdisMCmCloseAddressFamilyComplete
 24 PASSIVE call f16 NdisClNotifyCloseAddressFamilyComplete client:0 → ndis SUCCESS
 24 PASSIVE call f17 in f16 ProtocolCmNotifyCloseAfComplete ndis → cm:0 SUCCESS
 24 PASSIVE return f17 ProtocolCmNotifyCloseAfComplete
 24 PASSIVE return f16 NdisClNotifyCloseAddressFamilyComplete
 24 PASSIVE return f9 MiniportHaltEx`,
    digest: [
      [0, 1, 1, "open"],
      [4, 1, 6, "closePended", PENDING],
      [24, 1, 10, "vacant"],
    ],
  },
  {
    title: "a stand-alone call manager that closes its binding early; the client pends, and completes early and twice",
    scenario: halted(
      {
        faults: [
          always("cm-early-close-adapter"),
          always("early-notify-completion"),
          always("double-notify-completion"),
        ],
      },
      { notify: { pend: 1 } },
      { kind: "standalone" },
    ),
    trace: `${STANDALONE_COMES_UP}${raised(OPENED, 1)}
  4 PASSIVE call f10 ProtocolUnbindAdapterEx ndis → cm:0
  4 PASSIVE call f11 in f10 NdisCmNotifyCloseAddressFamily cm:0 → ndis
  4 PASSIVE call f12 in f11 ProtocolClNotifyCloseAf ndis → client:0
  4 PASSIVE return f12 ProtocolClNotifyCloseAf PENDING
  4 PASSIVE return f11 NdisCmNotifyCloseAddressFamily PENDING
  4 PASSIVE call f13 NdisClCloseAddressFamily client:0 → ndis
  4 PASSIVE call f14 in f13 ProtocolCmCloseAf ndis → cm:0
  4 PASSIVE return f14 ProtocolCmCloseAf PENDING
  4 PASSIVE return f13 NdisClCloseAddressFamily PENDING
  4 PASSIVE call f15 NdisClNotifyCloseAddressFamilyComplete client:0 → ndis SUCCESS
  4 PASSIVE return f15 NdisClNotifyCloseAddressFamilyComplete
  4 PASSIVE call f16 in f10 NdisCloseAdapterEx cm:0 → ndis
  4 PASSIVE return f16 NdisCloseAdapterEx PENDING
  4 PASSIVE return f10 ProtocolUnbindAdapterEx PENDING
 24 DISPATCH release from cm:0
 24 DISPATCH call f17 NdisCmCloseAddressFamilyComplete cm:0 → ndis SUCCESS
 24 DISPATCH call f18 in f17 ProtocolClCloseAfComplete ndis → client:0 SUCCESS
 24 DISPATCH release from client:0
 24 DISPATCH return f18 ProtocolClCloseAfComplete
 24 DISPATCH return f17 NdisCmCloseAddressFamilyComplete
 24 PASSIVE call f19 NdisClNotifyCloseAddressFamilyComplete client:0 → ndis SUCCESS
 24 PASSIVE call f20 in f19 ProtocolCmNotifyCloseAfComplete ndis → cm:0 SUCCESS
 24 PASSIVE return f20 ProtocolCmNotifyCloseAfComplete
 24 PASSIVE return f19 NdisClNotifyCloseAddressFamilyComplete
 24 PASSIVE call f21 NdisClNotifyCloseAddressFamilyComplete client:0 → ndis SUCCESS
 24 PASSIVE return f21 NdisClNotifyCloseAddressFamilyComplete
 24 PASSIVE call f22 ProtocolCloseAdapterCompleteEx ndis → cm:0
 24 PASSIVE return f22 ProtocolCloseAdapterCompleteEx
 24 PASSIVE call f23 NdisCompleteUnbindAdapterEx cm:0 → ndis
 24 PASSIVE return f23 NdisCompleteUnbindAdapterEx`,
    digest: [
      [0, 1, 1, "open"],
      [4, 1, 6, "closePended", PENDING],
      [4, 1, "notify/owed", "closePended"],
      [4, 1, "close/adapter", "closePended"],
      [24, 1, 10, "vacant"],
      [24, 1, "notify/owed", "vacant"],
    ],
  },
  {
    title: "a notification at DISPATCH_LEVEL in which SAPs go first and the client waits",
    scenario: halted(
      { faults: [always("notify-irql"), always("saps-first"), always("notify-wait"), always("notify-success")] },
      { outstanding: { vcs: one, saps: one } },
    ),
    trace: `${MCM_COMES_UP}${OPENED}
  4 PASSIVE call f9 MiniportHaltEx ndis → cm:0
  4 DISPATCH call f10 in f9 NdisMCmNotifyCloseAddressFamily cm:0 → ndis
  4 DISPATCH call f11 in f10 ProtocolClNotifyCloseAf ndis → client:0
  4 DISPATCH call f12 in f11 NdisClDeregisterSap client:0 → ndis
  4 DISPATCH call f13 in f12 ProtocolCmDeregisterSap ndis → cm:0
  4 DISPATCH return f13 ProtocolCmDeregisterSap PENDING
  4 DISPATCH return f12 NdisClDeregisterSap PENDING
  4 DISPATCH call f14 in f11 NdisClCloseCall client:0 → ndis
  4 DISPATCH call f15 in f14 ProtocolCmCloseCall ndis → cm:0
  4 DISPATCH return f15 ProtocolCmCloseCall PENDING
  4 DISPATCH return f14 NdisClCloseCall PENDING
  4 DISPATCH call f16 in f11 NdisClCloseAddressFamily client:0 → ndis
  4 DISPATCH call f17 in f16 ProtocolCmCloseAf ndis → cm:0
  4 DISPATCH return f17 ProtocolCmCloseAf PENDING
  4 DISPATCH return f16 NdisClCloseAddressFamily PENDING
  4 DISPATCH wait from client:0
  4 DISPATCH wake from client:0
  4 DISPATCH return f11 ProtocolClNotifyCloseAf SUCCESS
  4 DISPATCH return f10 NdisMCmNotifyCloseAddressFamily SUCCESS
  7 DISPATCH call f18 NdisMCmDeregisterSapComplete cm:0 → ndis SUCCESS
  7 DISPATCH call f19 in f18 ProtocolClDeregisterSapComplete ndis → client:0 SUCCESS
  7 DISPATCH return f19 ProtocolClDeregisterSapComplete
  7 DISPATCH return f18 NdisMCmDeregisterSapComplete
  7 DISPATCH call f20 NdisMCmCloseCallComplete cm:0 → ndis SUCCESS
  7 DISPATCH call f21 in f20 ProtocolClCloseCallComplete ndis → client:0 SUCCESS
  7 DISPATCH return f21 ProtocolClCloseCallComplete
  7 DISPATCH return f20 NdisMCmCloseCallComplete
 27 DISPATCH release from cm:0
 27 DISPATCH call f22 NdisMCmCloseAddressFamilyComplete cm:0 → ndis SUCCESS
 27 DISPATCH call f23 in f22 ProtocolClCloseAfComplete ndis → client:0 SUCCESS
 27 DISPATCH release from client:0
 27 DISPATCH return f23 ProtocolClCloseAfComplete
 27 DISPATCH return f22 NdisMCmCloseAddressFamilyComplete
 27 PASSIVE return f9 MiniportHaltEx`,
    digest: [
      [0, 1, 1, "open"],
      [4, 1, "irql/caller", "open"],
      [4, 1, "notify/order", "open"],
      [4, 1, 6, "closePended", PENDING],
      [4, 1, "close/blocked", "closePended"],
      [4, 1, "notify/owed", "closePended"],
      [27, 1, 10, "vacant"],
    ],
  },
  {
    title:
      "a call manager that registers late, twice and too high, and a close that fails in NDIS after the client has pended",
    scenario: halted(
      {
        faults: [
          always("register-late"),
          always("register-twice"),
          always("register-irql"),
          always("outstanding-close"),
        ],
      },
      { notify: { pend: 1 }, outstanding: { vcs: one, saps: one } },
    ),
    trace: `
  0 PASSIVE call f1 MiniportInitializeEx ndis → cm:0
  0 PASSIVE return f1 MiniportInitializeEx SUCCESS
  0 DISPATCH call f2 NdisMCmRegisterAddressFamilyEx cm:0 → ndis
  0 DISPATCH return f2 NdisMCmRegisterAddressFamilyEx SUCCESS
  0 PASSIVE call f3 NdisMCmRegisterAddressFamilyEx cm:0 → ndis
  0 PASSIVE return f3 NdisMCmRegisterAddressFamilyEx FAILURE
${raised(CLIENT_COMES_UP, 1)}${raised(OPENED, 1)}
  4 PASSIVE call f10 MiniportHaltEx ndis → cm:0
  4 PASSIVE call f11 in f10 NdisMCmNotifyCloseAddressFamily cm:0 → ndis
  4 PASSIVE call f12 in f11 ProtocolClNotifyCloseAf ndis → client:0
  4 PASSIVE return f12 ProtocolClNotifyCloseAf PENDING
  4 PASSIVE return f11 NdisMCmNotifyCloseAddressFamily PENDING
  4 PASSIVE call f13 NdisClCloseAddressFamily client:0 → ndis
  4 PASSIVE return f13 NdisClCloseAddressFamily FAILURE
  4 PASSIVE call f14 ProtocolClCloseAfComplete client:0 → client:0 FAILURE
  4 PASSIVE return f14 ProtocolClCloseAfComplete
  4 PASSIVE call f15 NdisClNotifyCloseAddressFamilyComplete client:0 → ndis FAILURE
  4 PASSIVE call f16 in f15 ProtocolCmNotifyCloseAfComplete ndis → cm:0 FAILURE
  4 PASSIVE return f16 ProtocolCmNotifyCloseAfComplete
  4 PASSIVE return f15 NdisClNotifyCloseAddressFamilyComplete
  4 PASSIVE return f10 MiniportHaltEx`,
    digest: [
      [0, 0, "irql/caller", "vacant"],
      [0, 0, "register/duplicate", "vacant", FAILURE],
      [0, 1, 1, "open"],
      [4, 1, "close/outstanding", "open", FAILURE],
      [4, 1, 16, "stranded", FAILURE],
    ],
  },
  {
    title: "an AF whose open was pended at the halt of a stand-alone call manager, and whose close is synchronous",
    scenario: halted({}, {}, { kind: "standalone", irql: "PASSIVE_LEVEL" }, { pend: 0 }, { pend: 1 }),
    trace: `${STANDALONE_COMES_UP}
  0 PASSIVE call f7 NdisClOpenAddressFamilyEx client:0 → ndis
  0 PASSIVE call f8 in f7 ProtocolCmOpenAf ndis → cm:0
  0 PASSIVE return f8 ProtocolCmOpenAf PENDING
  0 PASSIVE return f7 NdisClOpenAddressFamilyEx PENDING
  4 PASSIVE call f9 ProtocolUnbindAdapterEx ndis → cm:0
  4 PASSIVE return f9 ProtocolUnbindAdapterEx PENDING
  7 PASSIVE call f10 NdisCmOpenAddressFamilyComplete cm:0 → ndis SUCCESS
  7 PASSIVE call f11 in f10 ProtocolClOpenAfCompleteEx ndis → client:0 SUCCESS
  7 PASSIVE return f11 ProtocolClOpenAfCompleteEx
  7 PASSIVE return f10 NdisCmOpenAddressFamilyComplete
  7 PASSIVE call f12 NdisCmNotifyCloseAddressFamily cm:0 → ndis
  7 PASSIVE call f13 in f12 ProtocolClNotifyCloseAf ndis → client:0
  7 PASSIVE call f14 in f13 NdisClCloseAddressFamily client:0 → ndis
  7 PASSIVE call f15 in f14 ProtocolCmCloseAf ndis → cm:0
  7 PASSIVE release from cm:0
  7 PASSIVE return f15 ProtocolCmCloseAf SUCCESS
  7 PASSIVE return f14 NdisClCloseAddressFamily SUCCESS
  7 PASSIVE call f16 in f13 ProtocolClCloseAfComplete client:0 → client:0 SUCCESS
  7 PASSIVE release from client:0
  7 PASSIVE return f16 ProtocolClCloseAfComplete
  7 PASSIVE return f13 ProtocolClNotifyCloseAf SUCCESS
  7 PASSIVE return f12 NdisCmNotifyCloseAddressFamily SUCCESS
  7 PASSIVE call f17 NdisCloseAdapterEx cm:0 → ndis
  7 PASSIVE return f17 NdisCloseAdapterEx SUCCESS
  7 PASSIVE call f18 NdisCompleteUnbindAdapterEx cm:0 → ndis
  7 PASSIVE return f18 NdisCompleteUnbindAdapterEx`,
    digest: [
      [0, 1, 2, "openPended", PENDING],
      [7, 1, 3, "openCompleted"],
      [7, 1, 4, "open"],
      [7, 1, 5, "vacant"],
    ],
  },
  {
    title: "an AF that is forgotten: the halt waits for it, as it is its client's to close",
    scenario: halted({ faults: [always("forgotten-notify")] }),
    trace: `${MCM_COMES_UP}${OPENED}
  4 PASSIVE call f9 MiniportHaltEx ndis → cm:0`,
    digest: [
      [0, 1, 1, "open"],
      [4, 1, "notify/required", "open"],
      [4, 1, 18, "stranded"],
    ],
  },
  {
    title: "an AF that is closing already, of which NDIS wants to hear no more",
    scenario: halted(
      {
        phases: [{ kind: "run", ns: 1_500 }, HALT, { kind: "run", ns: 8_500 }],
        faults: [always("lost-completion")],
      },
      {},
      { notify: { closing: true } },
    ),
    trace: `${MCM_COMES_UP}${OPENED}
 10 PASSIVE call f9 NdisClCloseAddressFamily client:0 → ndis
 10 PASSIVE call f10 in f9 ProtocolCmCloseAf ndis → cm:0
 10 PASSIVE return f10 ProtocolCmCloseAf PENDING
 10 PASSIVE return f9 NdisClCloseAddressFamily PENDING
 15 PASSIVE call f11 MiniportHaltEx ndis → cm:0
 15 PASSIVE call f12 in f11 NdisMCmNotifyCloseAddressFamily cm:0 → ndis
 15 PASSIVE return f12 NdisMCmNotifyCloseAddressFamily FAILURE`,
    digest: [
      [0, 1, 1, "open"],
      [10, 1, 6, "closePended", PENDING],
    ],
  },
];
