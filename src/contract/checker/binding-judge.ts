import { NO_NUMBER } from "./event-code.js";
import type { CodedEvent } from "./event.js";
import type { Frame } from "./frames.js";
import {
  afsOf,
  CLOSE_CL,
  CLOSE_FAILED,
  HALT_JUDGED,
  isOpen,
  isOver,
  NOTIFIED,
  OWES_NOTIFY,
  UNBIND_JUDGED,
} from "./address-family.js";
import type { Adapter, Binding } from "./bindings.js";
import { codesOf, IRQL_MISSING, irqlName, MCM, PASSIVE_LEVEL, STANDALONE, TRACE_CALLS } from "./call-table.js";
import { NOBODY } from "./object-table.js";
import type { Scene } from "./scene.js";
import { isFailure, STATUS_MISSING, STATUS_PENDING } from "./status-class.js";
import { isWaiting } from "./vc-state.js";

const INITIALIZE = codesOf("MiniportInitializeEx");
const BIND = codesOf("ProtocolBindAdapterEx");

const isCallManager = (party: string | undefined): boolean => party !== undefined && party.startsWith("cm");

function adapterOf(s: Scene, e: CodedEvent): Adapter {
  return s.bindings.adapter(e.machine, e.adapter);
}

function bindingOf(s: Scene, e: CodedEvent, client: string | undefined): Binding {
  return s.bindings.binding(e.machine, e.adapter, client ?? null);
}

/** MiniportInitializeEx. */
export function initializeIsCalled(s: Scene, e: CodedEvent, frame: Frame): void {
  const adapter = adapterOf(s, e);
  adapter.form = MCM;
  comesUp(s, e, adapter, frame);
}

function comesUp(s: Scene, e: CodedEvent, adapter: Adapter, frame: Frame): void {
  adapter.isUp = false;
  adapter.registrations = 0;
  adapter.halt = null;
  frame.binding = bindingOf(s, e, undefined).index;
}

export function initializeHasReturned(s: Scene, e: CodedEvent, frame: Frame | null): void {
  if (frame !== null && frame.binding >= 0 && !isFailure(e.statusClass))
    s.bindings.all[frame.binding]!.adapter.isUp = true;
}

/** Ndis(M)CmRegisterAddressFamilyEx. */
export function registerIsCalled(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const adapter = adapterOf(s, e);
  if (adapter.form === 0) adapter.form = TRACE_CALLS[frame.code]!.form;
  frame.binding = bindingOf(s, e, undefined).index;
  if (e.adapter === undefined) s.cannotSay("register/duplicate", "adapter", e);
  else if (adapter.registrations > 0) {
    frame.ignored = true;
    if (!isBroken)
      s.breach("register/duplicate", e, NOBODY, "The call manager registered a second time on an adapter.");
    return;
  }
  adapter.registrations++;
  if (isBroken) return;
  const around = s.frames.find(e.machine, e.parent);
  if (!s.frames.areNumbered || (e.parent !== NO_NUMBER && around === null)) s.cannotSay("register/place", "parent", e);
  else if (!s.isWithin(around, adapter.form === MCM ? INITIALIZE : BIND)) {
    const place = adapter.form === MCM ? "MiniportInitializeEx" : "its ProtocolBindAdapterEx";
    const finding = s.finding(
      "register/place",
      e.line,
      e.timeNs,
      e.machine,
      NOBODY,
      `The call manager registered outside ${place}.`,
    );
    if (s.isWhole) s.ledger.add(finding);
    else s.ledger.addTentative("calls inside others", finding);
  }
}

export function registerHasReturned(s: Scene, e: CodedEvent, frame: Frame | null): void {
  // What NDIS refuses for another reason is not registered.
  if (frame === null || frame.ignored || frame.binding < 0 || !isFailure(e.statusClass)) return;
  s.bindings.all[frame.binding]!.adapter.registrations--;
}

/** ProtocolBindAdapterEx, of a client or of a stand-alone call manager. */
export function bindIsCalled(s: Scene, e: CodedEvent, frame: Frame): void {
  if (isCallManager(e.to)) {
    const adapter = adapterOf(s, e);
    adapter.form = STANDALONE;
    comesUp(s, e, adapter, frame);
    return;
  }
  const binding = bindingOf(s, e, e.to);
  frame.binding = binding.index;
  missesUnbind(s, binding);
  binding.hasAsked = false;
  binding.unbind = null;
}

export function bindHasReturned(s: Scene, e: CodedEvent, frame: Frame | null): void {
  if (frame === null || frame.binding < 0 || isFailure(e.statusClass)) return;
  const binding = s.bindings.all[frame.binding]!;
  if (binding.client === null) {
    if (binding.adapter.form === STANDALONE) binding.adapter.isUp = true;
    return;
  }
  binding.isBound = true;
  binding.notified = 0;
}

/** A client that has never called NdisUnbindAdapter after a failed open will not do so any more. */
export function missesUnbind(s: Scene, binding: Binding): void {
  const { failedOpen } = binding;
  if (failedOpen === null) return;
  binding.failedOpen = null;
  binding.hasAsked = true;
  const text = "The client did not call NdisUnbindAdapter after its open had failed.";
  s.ledger.add(
    s.finding("open/failed-unbind", failedOpen.line, failedOpen.timeNs, binding.adapter.machine, failedOpen.id, text),
  );
}

/** NdisUnbindAdapter. */
export function unbindIsAsked(s: Scene, e: CodedEvent): void {
  const binding = bindingOf(s, e, e.from);
  binding.hasAsked = true;
  binding.failedOpen = null;
}

/** ProtocolCoAfRegisterNotify. */
export function registrationIsNotified(s: Scene, e: CodedEvent): void {
  const irql = e.irql;
  if (irql === IRQL_MISSING) s.cannotSay("irql/callback", "irql", e);
  else if (irql > PASSIVE_LEVEL) {
    s.breach(
      "irql/callback",
      e,
      NOBODY,
      `NDIS called ProtocolCoAfRegisterNotify at ${irqlName(e.irql)}; its page says PASSIVE_LEVEL.`,
    );
  }
  if (e.adapter === undefined || e.to === undefined) {
    s.cannotSay("register/fan-out", e.adapter === undefined ? "adapter" : "to", e);
    return;
  }
  const binding = bindingOf(s, e, e.to);
  const { adapter } = binding;
  binding.notified++;
  const breach = (text: string): void => s.breach("register/fan-out", e, NOBODY, text);
  if (adapter.isUp === false) breach("NDIS notified a client of a registration while the call manager was not up.");
  else if (binding.isBound === false) breach("NDIS notified a client that was not bound.");
  else if (adapter.isUp === null || binding.isBound === null) {
    s.cannotSay("register/fan-out", "the beginning of the binding or of its call manager", e);
  } else if (binding.notified > adapter.registrations)
    breach("NDIS notified a client more often than there were registrations.");
}

/** A bound client that was not notified of every registration will not be any more. */
export function judgeFanOut(s: Scene, binding: Binding, line: number, timeNs: number): void {
  const { adapter } = binding;
  if (binding.isBound !== true || adapter.isUp !== true || binding.notified >= adapter.registrations) return;
  const text = `NDIS did not notify ${binding.client} of a registration on its adapter.`;
  s.ledger.add(s.finding("register/fan-out", line, timeNs, adapter.machine, NOBODY, text));
}

/** ProtocolUnbindAdapterEx, of a client or of a stand-alone call manager. */
export function unbindIsCalled(s: Scene, e: CodedEvent, frame: Frame): void {
  if (isCallManager(e.to)) {
    haltIsCalled(s, e, frame);
    return;
  }
  const binding = bindingOf(s, e, e.to);
  frame.binding = binding.index;
  judgeFanOut(s, binding, e.line, e.timeNs);
  binding.isBound = false;
  binding.unbind = { line: e.line, timeNs: e.timeNs };
}

export function unbindHasReturned(s: Scene, e: CodedEvent, frame: Frame | null): void {
  if (frame === null || frame.binding < 0) return;
  const status = e.statusClass;
  const binding = s.bindings.all[frame.binding]!;
  if (binding.client !== null && status !== STATUS_PENDING && status !== STATUS_MISSING) unbindHasEnded(s, e, binding);
}

/** The client's unbinding is over: what it has open stays so. */
function unbindHasEnded(s: Scene, e: CodedEvent, binding: Binding): void {
  if (binding.unbind === null) return;
  for (const id of afsOf(s, binding)) judgeUnbind(s, e.line, e.timeNs, id);
  binding.unbind = null;
}

/** An AF that its client has not closed at the unbind, and was not told so before. */
export function judgeUnbind(s: Scene, line: number, timeNs: number, id: number): boolean {
  if (isOpen(s, id) !== true || s.objects.has(id, UNBIND_JUDGED)) return false;
  const halt = s.isWhole ? s.bindingOf(id)!.adapter.halt : null;
  if (halt !== null) judgeHalt(s, halt.line, halt.timeNs, id);
  s.objects.mark(id, UNBIND_JUDGED);
  s.omission("close/unbind", line, timeNs, id, "The client was unbound and did not close this AF.");
  return true;
}

/** MiniportHaltEx, or ProtocolUnbindAdapterEx of a stand-alone call manager. */
export function haltIsCalled(s: Scene, e: CodedEvent, frame: Frame): void {
  const adapter = adapterOf(s, e);
  frame.binding = bindingOf(s, e, undefined).index;
  if (adapter.form === 0)
    adapter.form = isCallManager(e.to) && TRACE_CALLS[frame.code]!.name === "MiniportHaltEx" ? MCM : STANDALONE;
  for (const binding of adapter.bindings) judgeFanOut(s, binding, e.line, e.timeNs);
  adapter.isUp = false;
  adapter.halt = { line: e.line, timeNs: e.timeNs };
}

/** MiniportHaltEx has returned. */
export function haltHasReturned(s: Scene, e: CodedEvent, frame: Frame | null): void {
  const adapter = frame !== null && frame.binding >= 0 ? s.bindings.all[frame.binding]!.adapter : null;
  if (adapter === null) return;
  for (const binding of adapter.bindings) for (const id of afsOf(s, binding)) judgeHalt(s, e.line, e.timeNs, id);
}

/** An open AF of which its client was not notified. */
export function judgeHalt(s: Scene, line: number, timeNs: number, id: number): void {
  if (isOpen(s, id) !== true || s.objects.has(id, NOTIFIED | HALT_JUDGED | UNBIND_JUDGED)) return;
  // In a trace of ours the client had forgotten it before, and has gone.
  const binding = s.bindingOf(id);
  if (s.isWhole && binding !== null && (binding.unbind?.line ?? Infinity) < (binding.adapter.halt?.line ?? 0)) return;
  s.objects.mark(id, HALT_JUDGED);
  s.omission("notify/required", line, timeNs, id, "The call manager went and did not notify the client of this AF.");
}

/** NdisCloseAdapterEx. */
export function adapterIsClosed(s: Scene, e: CodedEvent, _frame: Frame, isBroken: boolean): void {
  if (isCallManager(e.from)) {
    const adapter = adapterOf(s, e);
    let first = NOBODY;
    for (const binding of adapter.bindings) {
      for (const id of afsOf(s, binding)) {
        if (adapter.halt !== null) judgeHalt(s, e.line, e.timeNs, id);
        if (first === NOBODY && (isLive(s, id) || s.objects.has(id, OWES_NOTIFY))) first = id;
      }
    }
    judgeAdapter(s, e, first, isBroken);
    return;
  }
  const binding = bindingOf(s, e, e.from);
  let first = NOBODY;
  for (const id of afsOf(s, binding)) {
    if (binding.unbind !== null && !isWaiting(s, id)) judgeUnbind(s, e.line, e.timeNs, id);
    if (first === NOBODY && isLive(s, id)) first = id;
  }
  judgeAdapter(s, e, first, isBroken);
}

function judgeAdapter(s: Scene, e: CodedEvent, id: number, isBroken: boolean): void {
  if (id === NOBODY || isBroken) return;
  s.breach("close/adapter", e, id, "The binding was closed while an AF on it had not ended.");
}

/** Whether an AF still has something to come: it is opening, open or closing. */
function isLive(s: Scene, id: number): boolean {
  if (isOver(s, id) || s.objects.has(id, UNBIND_JUDGED)) return false;
  return s.objects.state(id, CLOSE_CL) !== CLOSE_FAILED || s.readings.failedClose === "retry";
}

/** NdisCompleteUnbindAdapterEx. */
export function unbindIsCompleted(s: Scene, e: CodedEvent): void {
  if (isCallManager(e.from)) return;
  unbindHasEnded(s, e, bindingOf(s, e, e.from));
}
