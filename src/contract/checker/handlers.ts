import {
  adapterIsClosed,
  bindHasReturned,
  bindIsCalled,
  haltHasReturned,
  haltIsCalled,
  initializeHasReturned,
  initializeIsCalled,
  registerHasReturned,
  registerIsCalled,
  registrationIsNotified,
  unbindHasReturned,
  unbindIsAsked,
  unbindIsCalled,
  unbindIsCompleted,
} from "./binding-judge.js";
import { closeIsCompleted, completionHasReturned } from "./close-completion.js";
import * as call from "./call-judge.js";
import { codesOf, TRACE_CALLS } from "./call-table.js";
import { closeHasReturned, closeIsAnswered, closeIsAsked, closeIsCalled, closeIsTold } from "./close-judge.js";
import type { CodedEvent } from "./event.js";
import type { Frame } from "./frames.js";
import { NOBODY } from "./object-table.js";
import {
  notifyIsAnswered,
  notifyIsCalled,
  notifyIsCompleted,
  notifyIsDelivered,
  notifyIsTold,
} from "./notify-judge.js";
import {
  openCompletionHasReturned,
  openHasReturned,
  openIsAnswered,
  openIsAsked,
  openIsCalled,
  openIsCompleted,
  openIsTold,
} from "./open-judge.js";
import * as party from "./party-judge.js";
import * as sap from "./sap-judge.js";
import type { Scene } from "./scene.js";
import * as vc from "./vc-judge.js";

/** `isBroken`: the call breaks a rule that comes before those of where its object stands. */
export type OnCall = (s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean) => void;
/** `frame` is null when the trace does not have the call; `id` is the call's object, NOBODY where no record names it. */
export type OnReturn = (s: Scene, e: CodedEvent, frame: Frame | null, id: number) => void;

interface Row {
  readonly calls: readonly string[];
  readonly onCall?: OnCall;
  readonly onReturn?: OnReturn;
}

/** A handler that needs to know of the return only whose it is. */
const of =
  (judge: (s: Scene, e: CodedEvent, id: number) => void): OnReturn =>
  (s, e, _frame, id) => {
    if (id !== NOBODY) judge(s, e, id);
  };
/** One that needs only the frame. */
const ended =
  (judge: (s: Scene, frame: Frame | null, id: number) => void): OnReturn =>
  (s, _e, frame, id) =>
    judge(s, frame, id);

const both = (name: string): string[] => [`NdisMCm${name}`, `NdisCm${name}`];

const ROWS: readonly Row[] = [
  { calls: ["MiniportInitializeEx"], onCall: initializeIsCalled, onReturn: initializeHasReturned },
  { calls: both("RegisterAddressFamilyEx"), onCall: registerIsCalled, onReturn: registerHasReturned },
  { calls: ["ProtocolBindAdapterEx"], onCall: bindIsCalled, onReturn: bindHasReturned },
  { calls: ["ProtocolCoAfRegisterNotify"], onCall: registrationIsNotified },
  { calls: ["NdisUnbindAdapter"], onCall: unbindIsAsked },
  { calls: ["ProtocolUnbindAdapterEx"], onCall: unbindIsCalled, onReturn: unbindHasReturned },
  { calls: ["MiniportHaltEx"], onCall: haltIsCalled, onReturn: haltHasReturned },
  { calls: ["NdisCloseAdapterEx"], onCall: adapterIsClosed },
  { calls: ["NdisCompleteUnbindAdapterEx"], onCall: unbindIsCompleted },

  { calls: ["NdisClOpenAddressFamilyEx"], onCall: openIsCalled, onReturn: openHasReturned },
  { calls: ["ProtocolCmOpenAf"], onCall: openIsAsked, onReturn: of(openIsAnswered) },
  { calls: both("OpenAddressFamilyComplete"), onCall: openIsCompleted, onReturn: ended(openCompletionHasReturned) },
  { calls: ["ProtocolClOpenAfCompleteEx"], onCall: openIsTold },

  { calls: ["NdisClCloseAddressFamily"], onCall: closeIsCalled, onReturn: closeHasReturned },
  { calls: ["ProtocolCmCloseAf"], onCall: closeIsAsked, onReturn: of(closeIsAnswered) },
  { calls: both("CloseAddressFamilyComplete"), onCall: closeIsCompleted, onReturn: ended(completionHasReturned) },
  { calls: ["ProtocolClCloseAfComplete"], onCall: closeIsTold },

  { calls: both("NotifyCloseAddressFamily"), onCall: notifyIsCalled },
  { calls: ["ProtocolClNotifyCloseAf"], onCall: notifyIsDelivered, onReturn: of(notifyIsAnswered) },
  { calls: ["NdisClNotifyCloseAddressFamilyComplete"], onCall: notifyIsCompleted },
  { calls: ["ProtocolCmNotifyCloseAfComplete"], onCall: notifyIsTold },

  { calls: ["NdisClRegisterSap"], onCall: sap.registerSapIsCalled, onReturn: sap.registerSapHasReturned },
  { calls: ["ProtocolCmRegisterSap"], onCall: sap.registerSapIsAsked, onReturn: of(sap.registerSapIsAnswered) },
  { calls: both("RegisterSapComplete"), onCall: sap.registerSapIsCompleted },
  { calls: ["ProtocolClRegisterSapComplete"], onCall: sap.registerSapIsTold },
  { calls: ["NdisClDeregisterSap"], onCall: sap.deregisterSapIsCalled, onReturn: sap.deregisterSapHasReturned },
  { calls: ["ProtocolCmDeregisterSap"], onReturn: of(sap.deregisterSapIsAnswered) },
  { calls: both("DeregisterSapComplete"), onCall: sap.deregisterSapIsCompleted },
  { calls: ["ProtocolClDeregisterSapComplete"], onCall: sap.deregisterSapIsTold },

  { calls: ["NdisCoCreateVc", "NdisMCmCreateVc"], onCall: vc.createIsCalled, onReturn: vc.createHasReturned },
  { calls: ["ProtocolCoCreateVc"], onCall: vc.createIsAsked, onReturn: of(vc.createIsAnswered) },
  { calls: ["NdisCoDeleteVc", "NdisMCmDeleteVc"], onCall: vc.deleteIsCalled, onReturn: vc.deleteHasReturned },
  { calls: ["ProtocolCoDeleteVc"], onReturn: of(vc.deleteIsAnswered) },
  { calls: both("ActivateVc"), onCall: vc.activateIsCalled, onReturn: vc.activateHasReturned },
  { calls: ["ProtocolCmActivateVcComplete"], onCall: vc.activateIsTold },
  { calls: both("DeactivateVc"), onCall: vc.deactivateIsCalled, onReturn: vc.deactivateHasReturned },
  { calls: ["ProtocolCmDeactivateVcComplete"], onCall: vc.deactivateIsTold },
  { calls: ["NdisCoSendNetBufferLists"], onCall: vc.dataIsSent },
  { calls: ["ProtocolCoSendNetBufferListsComplete"], onCall: vc.dataIsBack },
  { calls: ["ProtocolCoReceiveNetBufferLists"], onCall: vc.dataIsReceived },

  { calls: ["NdisClMakeCall"], onCall: call.makeIsCalled, onReturn: call.makeHasReturned },
  { calls: ["ProtocolCmMakeCall"], onCall: call.makeIsAsked, onReturn: of(call.makeIsAnswered) },
  { calls: both("MakeCallComplete"), onCall: call.makeIsCompleted },
  { calls: ["ProtocolClMakeCallComplete"], onCall: call.makeIsTold },
  { calls: ["NdisClCloseCall"], onCall: call.closeCallIsCalled, onReturn: call.closeCallHasReturned },
  { calls: ["ProtocolCmCloseCall"], onReturn: call.closeCallIsAnswered },
  { calls: both("CloseCallComplete"), onCall: call.closeCallIsCompleted },
  { calls: ["ProtocolClCloseCallComplete"], onCall: call.closeCallIsTold },
  { calls: both("DispatchIncomingCall"), onCall: call.offerIsCalled, onReturn: call.offerHasReturned },
  { calls: ["ProtocolClIncomingCall"], onCall: call.offerIsAsked, onReturn: of(call.offerIsAnswered) },
  { calls: ["NdisClIncomingCallComplete"], onCall: call.offerIsCompleted },
  { calls: both("DispatchCallConnected"), onCall: call.connectedIsCalled },
  {
    calls: ["ProtocolClIncomingCloseCall"],
    onCall: call.incomingCloseIsCalled,
    onReturn: of(call.incomingCloseHasReturned),
  },

  { calls: ["NdisClAddParty"], onCall: party.addIsCalled, onReturn: party.addHasReturned },
  { calls: ["ProtocolCmAddParty"], onCall: party.addIsAsked, onReturn: of(party.addIsAnswered) },
  { calls: both("AddPartyComplete"), onCall: party.addIsCompleted },
  { calls: ["ProtocolClAddPartyComplete"], onCall: party.addIsTold },
  { calls: ["NdisClDropParty"], onCall: party.dropIsCalled, onReturn: party.dropHasReturned },
  { calls: ["ProtocolCmDropParty"], onReturn: of(party.dropIsAnswered) },
  { calls: both("DropPartyComplete"), onCall: party.dropIsCompleted },
  { calls: ["ProtocolClDropPartyComplete"], onCall: party.dropIsTold },
];

/** What judges a call, by its code; null where the contract says nothing of it. */
export const ON_CALL: readonly (OnCall | null)[] = byCode(({ onCall }) => onCall);
/** What judges its return. */
export const ON_RETURN: readonly (OnReturn | null)[] = byCode(({ onReturn }) => onReturn);

function byCode<Handler>(handlerOf: (row: Row) => Handler | undefined): (Handler | null)[] {
  const handlers: (Handler | null)[] = TRACE_CALLS.map(() => null);
  for (const row of ROWS) for (const code of codesOf(...row.calls)) handlers[code] = handlerOf(row) ?? null;
  return handlers;
}
