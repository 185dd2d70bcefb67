/** What faults do to the trace of a lifecycle that they strike. */
import { CALLS, type CallName, COMPLETION_CALLS, NOTIFY_CALLS } from "../../src/contract/calls.js";
import type { FaultId } from "../../src/contract/faults.js";
import type { NoteRecord, TraceRecord } from "../../src/contract/reference-trace.js";
import type { StatusName } from "../../src/contract/statuses.js";
import {
  CLOSE,
  CLOSE_COMPLETION,
  CLOSE_TOLD,
  CM_CLOSE,
  CM_NOTIFY_COMPLETE,
  CM_OPEN,
  lastTeardownTold,
  NOTIFIED,
  NOTIFY,
  NOTIFY_COMPLETE,
  OPEN,
  OPEN_COMPLETION,
  OPEN_TOLD,
  type Variant,
} from "./fault-opportunities.js";
import { findCall, findReturn, type Life } from "./lives.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";

/** Faults whose violation is a call that is never made; what follows in their slots does not happen. */
export const LOST: Readonly<Partial<Record<FaultId, RegExp>>> = {
  "lost-completion": CLOSE_COMPLETION,
  "lost-open-completion": OPEN_COMPLETION,
  "lost-notify-completion": NOTIFY_COMPLETE,
};

/** A call that a fault adds: what is passed, and what comes back. */
type Extra = (variant: Variant) => {
  readonly call: CallName;
  readonly status?: string;
  readonly answer?: string;
  readonly isNested?: boolean;
};

const completion =
  (of: "open" | "close"): Extra =>
  ({ kind }) => ({ call: COMPLETION_CALLS[kind][of], status: SUCCESS });
const notifyCompletion: Extra = () => ({ call: "NdisClNotifyCloseAddressFamilyComplete", status: SUCCESS });
const notification =
  (isNested: boolean): Extra =>
  ({ kind }) => ({ call: NOTIFY_CALLS[kind], answer: "NDIS_STATUS_FAILURE", isNested });
const close: Extra = () => ({ call: "NdisClCloseAddressFamily", answer: "NDIS_STATUS_FAILURE" });

/** Faults that add a call. */
export const ADDED: Readonly<Partial<Record<FaultId, Extra>>> = {
  "double-complete": completion("close"),
  "early-completion": completion("close"),
  "stale-completion": completion("close"),
  "double-open-complete": completion("open"),
  "close-twice": close,
  "stale-close": close,
  "open-self-complete": () => ({ call: "ProtocolClOpenAfCompleteEx", status: SUCCESS }),
  "early-close": close,
  "failed-open-close": close,
  "close-self-complete": () => ({ call: "ProtocolClCloseAfComplete", status: SUCCESS }),
  "undrained-completion": completion("close"),
  "early-notify-completion": notifyCompletion,
  "double-notify-completion": notifyCompletion,
  "use-in-completion": notification(false),
  "use-after-completion": notification(false),
  "walk-repeats": notification(true),
};

const contents = new WeakMap<object, string>();

/** A record without what counts records, so that further records before it do not show. */
export function content(record: object): string {
  const known = contents.get(record);
  if (known !== undefined) return known;
  const text = JSON.stringify(record).replaceAll(/"(seq|frame|parent)":\d+/g, '"$1":0');
  contents.set(record, text);
  return text;
}

/** The call that a fault adds at a place, and its return, as `content` gives them. */
export function addedRecords(extra: Extra, variant: Variant, life: Life, timeNs: number): string[] {
  const { call, status, answer, isNested = false } = extra(variant);
  const open = findCall(life, OPEN)!;
  const { adapter, machine } = open;
  const byClient = CALLS[call].from !== "cm";
  const irql = CALLS[call].irqlMax === "PASSIVE_LEVEL" || byClient ? "PASSIVE_LEVEL" : variant.irql;
  const processor = byClient ? open.processor : adapter % 3;
  const head = { seq: 0, timeNs, machine, processor, irql };
  const af = `AF#${life.slot}v${life.generation}`;
  const from = byClient ? open.from : `cm:${adapter}`;
  const to = CALLS[call].to === "client" ? open.from : "ndis";
  const passed = status === undefined ? {} : { status };
  const answered = answer === undefined ? {} : { status: answer };
  return [
    content({
      ...head,
      op: "call",
      frame: 0,
      ...(isNested ? { parent: 0 } : {}),
      call,
      from,
      to,
      adapter,
      af,
      ...passed,
    }),
    content({ ...head, op: "return", frame: 0, call, af, ...answered }),
  ];
}

/** What becomes of a record: itself, something else, more or nothing. */
type Edit = (record: TraceRecord, life: Life, variant: Variant) => readonly TraceRecord[];

const isCall = (record: TraceRecord, name: RegExp): boolean => "call" in record && name.test(record.call);
const isReturn = (record: TraceRecord, name: RegExp): boolean => record.op === "return" && name.test(record.call);
const isRelease = (record: TraceRecord, by: "client" | "cm"): boolean =>
  record.op === "release" && record.from.startsWith(by);

const without =
  (gone: (record: TraceRecord) => boolean): Edit =>
  (record) =>
    gone(record) ? [] : [record];

const passing =
  (call: RegExp, status: StatusName): Edit =>
  (record) => [record.op === "call" && isCall(record, call) ? { ...record, status } : record];

const otherFamily: Edit = (record, _, { kind }) => {
  if (!("call" in record) || !CLOSE_COMPLETION.test(record.call)) return [record];
  return [{ ...record, call: COMPLETION_CALLS[kind === "mcm" ? "standalone" : "mcm"].close }];
};

const atDeviceLevel: Edit = (record) => {
  const inCompletion = isRelease(record, "cm") || isRelease(record, "client") || record.op === "wake";
  const follows = inCompletion || isCall(record, CLOSE_COMPLETION) || isCall(record, CLOSE_TOLD);
  return [follows ? { ...record, irql: "DEVICE_LEVEL" } : record];
};

/** What stands in the frames of a synchronous open. */
const openAtDispatchLevel: Edit = (record, life) => {
  const told = findCall(life, OPEN_TOLD);
  const synchronous = told !== undefined && told.from !== "ndis";
  const failed = synchronous && told.status !== SUCCESS;
  const follows =
    isCall(record, OPEN) ||
    isCall(record, CM_OPEN) ||
    (synchronous && isCall(record, OPEN_TOLD)) ||
    (failed && record.op === "release");
  return [follows ? { ...record, irql: "DISPATCH_LEVEL" } : record];
};

const withoutContext: Edit = (record) => {
  if (record.op === "release" || record.op === "wait" || record.op === "wake") return [record];
  const ends = isReturn(record, CM_OPEN) || (record.op === "call" && isCall(record, OPEN_COMPLETION));
  return [ends && "status" in record && record.status === SUCCESS ? { ...record, context: null } : record];
};

/** A note of the client, in the frame of another record. */
function noteIn(frame: TraceRecord, op: NoteRecord["op"], life: Life): NoteRecord {
  const { from } = findCall(life, OPEN)!;
  const { timeNs, machine, processor, irql } = frame;
  return { seq: 0, timeNs, machine, processor, irql, op, from, af: `AF#${life.slot}v${life.generation}` };
}

/** A wait in that frame, which is given up at once. */
function waitIn(frame: TraceRecord, life: Life): readonly (NoteRecord & { readonly parent: number })[] {
  return (["wait", "wake"] as const).map((op) => {
    const { from, af, ...head } = noteIn(frame, op, life);
    return { ...head, parent: 0, from, af };
  });
}

/** A note of the client at its own place, in the tick of another record. */
function noteAfter(record: TraceRecord, op: NoteRecord["op"], life: Life, irql: NoteRecord["irql"]): NoteRecord {
  return { ...noteIn(record, op, life), processor: findCall(life, OPEN)!.processor, irql };
}

const earlyRelease: Edit = (record, life) => {
  if (isRelease(record, "client")) return [];
  return isReturn(record, CLOSE) ? [record, noteAfter(record, "release", life, "PASSIVE_LEVEL")] : [record];
};

const releaseAtCall: Edit = (record, life) => {
  if (isRelease(record, "client")) return [];
  const isCalled = record.op === "call" && isCall(record, CLOSE_COMPLETION);
  return isCalled ? [record, noteAfter(record, "release", life, "PASSIVE_LEVEL")] : [record];
};

const inlineSuccess: Edit = (record) => [
  record.op === "return" && isCall(record, CM_CLOSE) ? { ...record, status: SUCCESS } : record,
];

const blockedWait: Edit = (record, life) => {
  if (record.op === "wait") return [{ ...record, irql: "DISPATCH_LEVEL" }];
  if (life.records.some(({ op }) => op === "wait")) return [record];
  if (isReturn(record, CLOSE)) return [record, noteAfter(record, "wait", life, "DISPATCH_LEVEL")];
  return record.op === "call" && isCall(record, CLOSE_TOLD) ? [record, noteIn(record, "wake", life)] : [record];
};

/** The notification, and what happens in it; a client that waits for its close does so elsewhere. */
const notifiedAtDispatchLevel: Edit = (record, life) => {
  const call = findCall(life, NOTIFY);
  const [first, last] = [call, findReturn(life, call)].map((at) => life.records.indexOf(at!));
  const at = life.records.indexOf(record);
  return [first! <= at && at <= last! && record.op !== "wait" ? { ...record, irql: "DISPATCH_LEVEL" } : record];
};

const callbackWait: Edit = (record, life) => {
  const isLast = record.op === "return" && record.frame === lastTeardownTold(life)?.frame;
  return isLast ? [...waitIn(record, life), record] : [record];
};

const notifyWait: Edit = (record, life) => (isReturn(record, NOTIFIED) ? [...waitIn(record, life), record] : [record]);

const notifySuccess: Edit = (record) => {
  if (isCall(record, NOTIFY_COMPLETE) || isCall(record, CM_NOTIFY_COMPLETE)) return [];
  if (record.op !== "return") return [record];
  return [isCall(record, NOTIFY) || isCall(record, NOTIFIED) ? { ...record, status: SUCCESS } : record];
};

/** Faults that change calls, or leave out or add something that is no call of its own. */
export const EDITED: Readonly<Partial<Record<FaultId, Edit>>> = {
  "wrong-family": otherFamily,
  "completion-irql": atDeviceLevel,
  "completion-status": passing(CLOSE_COMPLETION, "NDIS_STATUS_FAILURE"),
  "open-completion-status": passing(OPEN_COMPLETION, "NDIS_STATUS_PENDING"),
  "open-irql": openAtDispatchLevel,
  "null-context": withoutContext,
  "no-unbind": without((record) => isCall(record, /^NdisUnbindAdapter$/)),
  "failed-open-leak": without((record) => isRelease(record, "cm")),
  "early-release": earlyRelease,
  "blocked-wait": blockedWait,
  "callback-wait": callbackWait,
  "context-leak": without((record) => isRelease(record, "client")),
  "close-return-status": (record) => [
    record.op === "return" && isReturn(record, CM_CLOSE) ? { ...record, status: "NDIS_STATUS_NOT_ACCEPTED" } : record,
  ],
  "cm-leak": without((record) => isRelease(record, "cm")),
  "notify-irql": notifiedAtDispatchLevel,
  "notify-wait": notifyWait,
  "notify-success": notifySuccess,
  "release-at-call": releaseAtCall,
  "inline-success": inlineSuccess,
  "no-self-complete": without((record) => isCall(record, CLOSE_TOLD) || isRelease(record, "client")),
};
