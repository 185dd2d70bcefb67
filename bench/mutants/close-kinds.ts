import {
  afsBetween,
  atCall,
  callOf,
  change,
  delay,
  drop,
  dropRecord,
  duplicate,
  move,
  type MutantKind,
  type Operator,
  retarget,
  type Span,
  spans,
} from "./mutate.js";
import {
  again,
  atOnce,
  bySelf,
  CLOSE,
  CLOSE_DONE,
  closing,
  insert,
  isLate,
  isOfClient,
  isOfCm,
  last,
  lastCompletion,
  OPEN_DONE,
  otherForm,
  pended,
  staysPended,
  TOLD_OF_OPEN,
  withoutRest,
} from "./places.js";
import { FAILURE, NOT_ACCEPTED, SUCCESS, type TraceLine } from "./trace-writer.js";

const NOTIFY = ":NotifyCloseAddressFamily";
const NOTIFY_DONE = "NdisClNotifyCloseAddressFamilyComplete";
const NOTIFY_TOLD = "ProtocolCmNotifyCloseAfComplete";
const TOLD = "ProtocolClCloseAfComplete";

/** A call in the form of the other kind of call manager. */
const renamed = (name: string): MutantKind =>
  atCall("close/family", "retarget", { call: name }, name, ({ lines, call, answer }) => {
    const other = { call: otherForm(call.call!) };
    const changed = { ...call, ...other };
    return {
      lines: lines.map((line) => (line === call ? changed : line === answer ? { ...answer, ...other } : line)),
      broken: changed,
    };
  });

/** A client waits, right after its close has returned. */
const waits = (rule: "close/blocked" | null, text: string, fields: Partial<TraceLine>): MutantKind =>
  atCall(rule, "duplicate", { call: CLOSE, if: staysPended }, text, (span) => {
    const { seq, machine, processor, irql, from, af } = span.call;
    const wait: TraceLine = {
      seq,
      timeNs: span.answer.timeNs,
      machine,
      processor,
      irql,
      op: "wait",
      from: from!,
      af: af!,
      ...fields,
    };
    return {
      lines: [...span.lines.slice(0, span.to + 1), wait, ...span.lines.slice(span.to + 1)],
      broken: rule === null ? null : wait,
    };
  });

/** A driver's release at a close is left out, which leaves its context. */
const leaks = (rule: "close/context-leak" | "close/cm-leak", driver: string): MutantKind =>
  dropRecord(
    rule,
    `the release of the ${driver}`,
    (line, lines) => line.op === "release" && line.from!.startsWith(driver) && callOf(lines, CLOSE, line) !== undefined,
    (line, lines) => callOf(lines, CLOSE, line),
  );

const closesAdapter = (text: string, isIt: (span: Span) => boolean, since: (line: TraceLine) => boolean): MutantKind =>
  atCall("close/adapter", "swap", { call: "NdisCloseAdapterEx", if: isIt }, text, (span) => {
    const begin = span.lines.findIndex(since);
    const done = lastCompletion(span.lines, begin, span.from);
    if (
      done === undefined ||
      afsBetween(span.lines, done.from, TOLD_OF_OPEN, CLOSE).some(
        (af) => callOf(span.lines.slice(done.from), CLOSE, { af }) !== undefined,
      )
    )
      return null;
    const lines = move(span, done.from);
    return { lines, broken: lines[done.from]! };
  });

const isUnbindOf =
  (driver: string) =>
  ({ op, call, to }: TraceLine): boolean =>
    op === "call" && call === "ProtocolUnbindAdapterEx" && to!.startsWith(driver);

const legal: Operator = "swap";

/** Changes that break rules of the groups close and notify, and some that break none. */
export const CLOSE_KINDS: readonly MutantKind[] = [
  duplicate("close/redundant", { call: CLOSE, if: staysPended }),
  duplicate("close/client-stale", { call: CLOSE }, FAILURE, last),
  drop("close/completes-once", { call: TOLD, if: bySelf }, closing),
  duplicate("close/completes-once", { call: TOLD }, null),
  atCall(
    "close/completes-once",
    "drop",
    { call: CLOSE_DONE, if: isLate },
    "the completion alone, so that NDIS tells of nothing",
    ({ lines, call, answer }) => {
      const told = callOf(lines, TOLD, call)!;
      const { parent: _, ...changed } = told;
      return {
        lines: lines.flatMap((line) => (line === call || line === answer ? [] : [line === told ? changed : line])),
        broken: changed,
      };
    },
  ),
  leaks("close/context-leak", "client"),
  leaks("close/cm-leak", "cm"),
  atCall(
    "close/context-early",
    "swap",
    { call: CLOSE, if: staysPended },
    "the client's release before the completion",
    (span) => {
      const release = span.lines.find(
        (line) => line.op === "release" && line.af === span.call.af && line.from!.startsWith("client"),
      );
      if (release === undefined) return null;
      const early = { ...release, timeNs: span.answer.timeNs };
      const rest = span.lines.filter((line) => line !== release);
      return { lines: [...rest.slice(0, span.to + 1), early, ...rest.slice(span.to + 1)], broken: early };
    },
  ),
  atCall(
    "close/unbind",
    "drop",
    { call: CLOSE, if: ({ lines, from }) => lines.slice(0, from).some(isUnbindOf("client")) },
    "a close at the unbind",
    (span) => {
      const lines = withoutRest(span);
      return {
        lines,
        broken: lines.find(
          (line) => line.op === "call" && line.call === "NdisCloseAdapterEx" && line.from!.startsWith("client"),
        )!,
      };
    },
  ),
  change("close/status", { call: "ProtocolCmCloseAf", if: atOnce }, "return", { status: NOT_ACCEPTED }),
  change("close/status", { call: "ProtocolCmCloseAf", if: atOnce }, "return", { status: FAILURE }),
  atCall("close/owed", "drop", { call: CLOSE_DONE, if: isLate }, CLOSE_DONE, (span) => ({
    lines: withoutRest(span),
    broken: closing(span)!,
  })),
  delay("close/owed", { call: CLOSE_DONE, if: isLate }),
  delay(null, { call: CLOSE_DONE, if: isLate }, 11e9),
  change("close/complete-status", { call: CLOSE_DONE }, "call", { status: FAILURE }),
  retarget("close/not-pended", { call: CLOSE_DONE, if: isLate }, ({ lines, from }, choose) => {
    const afs = afsBetween(lines, from, TOLD_OF_OPEN, CLOSE).filter((af) => callOf(lines, CLOSE, { af }) !== undefined);
    return afs.length === 0 ? null : { af: afs[choose(afs.length)]! };
  }),
  duplicate("close/double-complete", { call: CLOSE_DONE }, null),
  duplicate("close/double-complete", { call: CLOSE_DONE }, null, last),
  change(
    "close/double-complete",
    { call: "ProtocolCmCloseAf", if: (span) => pended(span) && !staysPended(span) },
    "return",
    { status: SUCCESS },
  ),
  atCall(
    "close/cm-stale",
    "retarget",
    { call: CLOSE_DONE },
    "the completion of a close that was answered with success",
    (span, choose) => {
      const closed = spans(span.lines, { call: CLOSE, if: (one) => one.to < span.from && atOnce(one) });
      if (closed.length === 0) return null;
      const { call, answer } = again(span, { af: closed[choose(closed.length)]!.call.af! });
      return { lines: insert(span.lines, span.from, call, answer), broken: call };
    },
  ),
  atCall("close/cm-stale", "duplicate", { call: NOTIFY }, "a notification with an expired handle", (span) => {
    const { call, answer } = again(span, { timeNs: span.lines.at(-1)!.timeNs }, FAILURE);
    return { lines: [...span.lines, call, answer], broken: call };
  }),
  renamed(CLOSE_DONE),
  renamed(OPEN_DONE),
  renamed(NOTIFY),
  closesAdapter("the client's binding closed before a completion", isOfClient, isUnbindOf("client")),
  closesAdapter("the call manager's binding closed before a completion", isOfCm, isUnbindOf("cm")),
  atCall("close/outstanding", "drop", { call: "NdisClDeregisterSap" }, "the deregistration of a SAP", (span) => {
    const lines = span.lines.filter(
      (line) => line.sap !== span.call.sap || line.call?.includes("DeregisterSap") !== true,
    );
    const close = closing(span);
    return close === undefined ? null : { lines, broken: close };
  }),
  atCall(
    "close/undrained",
    "delay",
    { call: ":DeregisterSapComplete" },
    "the completion of a deregistration, until after that of the close",
    (span) => {
      const done = spans(span.lines, { call: CLOSE_DONE, if: ({ call }) => call.af === span.call.af })[0];
      if (done === undefined || done.from < span.from || !isLate(done)) return null;
      return { lines: move(span, done.to + 1), broken: done.call };
    },
  ),
  waits("close/blocked", "a wait at DISPATCH_LEVEL", { irql: "DISPATCH_LEVEL" }),
  waits(null, "a wait at PASSIVE_LEVEL in a thread of the client's own", {}),

  atCall(
    "notify/required",
    "drop",
    {
      call: NOTIFY,
      if: ({ call, lines, from }) =>
        lines
          .slice(0, from)
          .some(({ frame, op, call: name }) => op === "call" && frame === call.parent && /Halt|Unbind/.test(name!)),
    },
    "the notification of a call manager that goes",
    (span) => ({
      lines: withoutRest(span),
      broken: span.lines.find(({ op, frame, call, from }) =>
        span.call.call!.startsWith("NdisM")
          ? op === "return" && frame === span.call.parent
          : op === "call" && call === "NdisCloseAdapterEx" && from!.startsWith("cm"),
      )!,
    }),
  ),
  drop("notify/owed", { call: NOTIFY_DONE }, closing),
  duplicate("notify/owed", { call: NOTIFY_DONE }, null),
  atCall("notify/owed", "swap", { call: NOTIFY_DONE }, "a notification completed before the close", (span) => {
    const close = spans(span.lines, { call: CLOSE, if: ({ call }) => call.af === span.call.af })[0]!;
    const lines = move(span, close.from);
    return { lines, broken: lines[close.from]! };
  }),
  change("notify/owed", { call: "ProtocolClNotifyCloseAf", if: pended }, "return", { status: SUCCESS }),
  drop("notify/completes-once", { call: NOTIFY_TOLD }, closing),
  duplicate("notify/completes-once", { call: NOTIFY_TOLD }, null),
  change("notify/completes-once", { call: NOTIFY_TOLD }, "call", { status: FAILURE }),
  atCall(
    "notify/order",
    "swap",
    { call: "NdisClDeregisterSap" },
    "a SAP deregistered before the call is closed",
    (span) => {
      const { af } = span.call;
      const notified = spans(span.lines, { call: "ProtocolClNotifyCloseAf", if: ({ call }) => call.af === af })[0];
      const close = spans(span.lines, { call: "NdisClCloseCall", if: ({ call }) => call.af === af }).at(-1);
      if (notified === undefined || close === undefined || close.from < notified.to || close.call.parent !== undefined)
        return null;
      const lines = move(span, close.from);
      return { lines, broken: lines[close.from]! };
    },
  ),
  atCall(null, legal, { call: CLOSE_DONE, if: isLate }, "the completions of two AFs in another order", (span) => {
    const next = spans(span.lines, { call: CLOSE_DONE, if: (one) => one.from > span.to && isLate(one) })[0];
    if (next === undefined) return null;
    const back = span.lines.findIndex(
      (line) => line.op === "return" && line.call === CLOSE && line.af === next.call.af,
    );
    const [release, at] = [next.from - 1, span.from - 1];
    if (back > at || span.lines[release]!.op !== "release" || span.lines[at]!.op !== "release") return null;
    // What is on the other AF has to be completed by then.
    if (span.lines.slice(at, release).some(({ af }) => af === next.call.af)) return null;
    const body = span.lines.slice(release, next.to + 1).map((line) => ({ ...line, timeNs: span.call.timeNs }));
    return {
      lines: [...span.lines.slice(0, at), ...body, ...span.lines.slice(at, release), ...span.lines.slice(next.to + 1)],
      broken: null,
    };
  }),
];
