// The rules that bind NDIS (src/contract/MODEL-DRIVERS.md, register/fan-out and notify/completes-once), judged from what is delivered: whoever
// makes the calls neither reads nor writes what is counted here. Only a mistake of this kernel breaks them.
import {
  AF_WORD,
  CLIENT_BYTES,
  CLIENT_NOTIFIED,
  CM_NOTES,
  MACHINE_ADAPTERS,
  MACHINE_CLIENTS,
  MACHINE_CLIENTS_PER_ADAPTER,
} from "../abi/layout";
import {
  CALL_BIND_ADAPTER,
  CALL_CM_REGISTER,
  CALL_HALT,
  CALL_INITIALIZE,
  CALL_MCM_REGISTER,
  CALL_REGISTER_NOTIFY,
  CALL_UNBIND_ADAPTER,
  NOTE_IS_BOUND,
  NOTE_NOTIFICATION_ENDED,
  NOTE_NOTIFICATION_FAILED,
  NOTE_NOTIFICATION_PENDED,
  NOTE_UP,
  OP_ADAPTER_CALL,
  OP_BINDING_CALL,
  REGISTRATIONS_SHIFT,
  RULE_IRQL_CALLBACK,
  RULE_NOTIFY_COMPLETES_ONCE,
  RULE_REGISTER_FAN_OUT,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import { callManagerOf, firstSlotOfClient, recordOf } from "../table/handle-table";
import { clientNotes, setClientNotes, addSlotNote, slotNotes, clearSlotNotes } from "./notes";
import { checkIrql, violate } from "./rules";

const NOTIFICATION: u32 = NOTE_NOTIFICATION_PENDED | NOTE_NOTIFICATION_ENDED | NOTE_NOTIFICATION_FAILED;

@inline
function registrationsOf(machine: usize, client: u32): u32 {
  const adapter = client / load<u32>(machine, MACHINE_CLIENTS_PER_ADAPTER);
  return load<u32>(callManagerOf(machine, adapter), CM_NOTES) >>> REGISTRATIONS_SHIFT;
}

/** Address of how often a client was notified since it was bound. */
@inline
function notifiedAt(machine: usize, client: u32): usize {
  return (load<u32>(machine, MACHINE_CLIENTS) + client * CLIENT_BYTES + CLIENT_NOTIFIED) as usize;
}

/** The first slot of a client stands for it, with generation 0: what is broken is about no AF. */
function blame(machine: usize, now: u32, client: u32): void {
  const callManager = callManagerOf(machine, client / load<u32>(machine, MACHINE_CLIENTS_PER_ADAPTER));
  const slot = firstSlotOfClient(machine, client);
  violate(machine, callManager, now, slot, 0, RULE_REGISTER_FAN_OUT, STATUS_SUCCESS);
}

/** A call that is about no AF is made, of a client or a call manager with this number. */
export function observeCall(machine: usize, now: u32, op: u32, number: u32, call: u32, irql: u32): void {
  if (op == OP_ADAPTER_CALL) {
    if (call == CALL_HALT || call == CALL_UNBIND_ADAPTER) goDown(machine, now, number);
  } else if (call == CALL_REGISTER_NOTIFY) {
    deliver(machine, now, number, irql);
  } else if (call == CALL_UNBIND_ADAPTER) {
    judgeBinding(machine, now, number);
    setClientNotes(machine, number, NOTE_IS_BOUND, 0);
  }
}

/** The call manager of an adapter goes, and with it its registration. */
function goDown(machine: usize, now: u32, adapter: u32): void {
  const clients = load<u32>(machine, MACHINE_CLIENTS_PER_ADAPTER);
  for (let client = adapter * clients; client < (adapter + 1) * clients; client++) judgeBinding(machine, now, client);
  const callManager = callManagerOf(machine, adapter);
  const others = load<u32>(callManager, CM_NOTES) & ((1 << REGISTRATIONS_SHIFT) - 1) & ~NOTE_UP;
  store<u32>(callManager, others, CM_NOTES);
}

/** NDIS notifies a client of its adapter's address family. */
function deliver(machine: usize, now: u32, client: u32, irql: u32): void {
  const callManager = callManagerOf(machine, client / load<u32>(machine, MACHINE_CLIENTS_PER_ADAPTER));
  const slot = firstSlotOfClient(machine, client);
  checkIrql(machine, callManager, now, slot, 0, RULE_IRQL_CALLBACK, CALL_REGISTER_NOTIFY, irql);
  const at = notifiedAt(machine, client);
  const notified = load<u16>(at);
  const isBound = clientNotes(machine, client, NOTE_IS_BOUND) != 0;
  const isUp = (load<u32>(callManager, CM_NOTES) & NOTE_UP) != 0;
  if (!isBound || !isUp || notified >= registrationsOf(machine, client)) blame(machine, now, client);
  store<u16>(at, (notified + 1) as u16);
}

/** Was a client that is bound notified as often as it should? */
function judgeBinding(machine: usize, now: u32, client: u32): void {
  if (clientNotes(machine, client, NOTE_IS_BOUND) == 0) return;
  if (load<u16>(notifiedAt(machine, client)) < registrationsOf(machine, client)) blame(machine, now, client);
}

/** Such a call has returned. */
export function observeReturn(machine: usize, op: u32, number: u32, call: u32, status: u32): void {
  if (op == OP_BINDING_CALL && call == CALL_BIND_ADAPTER) {
    setClientNotes(machine, number, 0, NOTE_IS_BOUND);
    store<u16>(notifiedAt(machine, number), 0);
  }
  if (op != OP_ADAPTER_CALL) return;
  const callManager = callManagerOf(machine, number);
  const notes = load<u32>(callManager, CM_NOTES);
  if (call == CALL_INITIALIZE || call == CALL_BIND_ADAPTER) store<u32>(callManager, notes | NOTE_UP, CM_NOTES);
  if ((call == CALL_MCM_REGISTER || call == CALL_CM_REGISTER) && status == STATUS_SUCCESS) {
    store<u32>(callManager, notes + (1 << REGISTRATIONS_SHIFT), CM_NOTES);
  }
}

/** What the bindings that are left at the end of a run lack. */
export function judgeBindings(machine: usize, now: u32): void {
  const clients = load<u32>(machine, MACHINE_ADAPTERS) * load<u32>(machine, MACHINE_CLIENTS_PER_ADAPTER);
  for (let client: u32 = 0; client < clients; client++) judgeBinding(machine, now, client);
}

/** A client has returned from ProtocolClNotifyCloseAf. */
export function observeAnswer(machine: usize, slot: u32, status: u32): void {
  if (status == STATUS_PENDING) addSlotNote(machine, slot, NOTE_NOTIFICATION_PENDED);
}

/** A client completes the notification that it has pended. */
export function observeNotifyCompletion(machine: usize, slot: u32, status: u32): void {
  addSlotNote(machine, slot, NOTE_NOTIFICATION_ENDED | (status == STATUS_SUCCESS ? 0 : NOTE_NOTIFICATION_FAILED));
}

/** NDIS tells a call manager that a notification is completed, with this status. */
export function judgeTold(machine: usize, now: u32, slot: u32, callManager: usize, status: u32): void {
  const known = slotNotes(machine, slot, NOTIFICATION);
  clearSlotNotes(machine, slot, NOTIFICATION);
  const right = status == STATUS_SUCCESS ? 0 : NOTE_NOTIFICATION_FAILED;
  if (known == (NOTE_NOTIFICATION_PENDED | NOTE_NOTIFICATION_ENDED | right)) return;
  blameNotification(machine, now, slot, callManager);
}

/** Whether the call manager was never told of a notification that its client has completed. */
export function isUntold(machine: usize, slot: u32): bool {
  return slotNotes(machine, slot, NOTE_NOTIFICATION_ENDED) != 0;
}

/** NDIS has broken notify/completes-once for a slot. */
export function blameNotification(machine: usize, now: u32, slot: u32, callManager: usize): void {
  const word = load<u32>(recordOf(machine, slot), AF_WORD);
  violate(machine, callManager, now, slot, word, RULE_NOTIFY_COMPLETES_ONCE, STATUS_SUCCESS);
}
