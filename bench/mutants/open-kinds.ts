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
  retarget,
  returnOf,
  spans,
} from "./mutate.js";
import {
  again,
  atOnce,
  byNdis,
  bySelf,
  CLOSE,
  CLOSE_DONE,
  insert,
  OPEN_DONE,
  opening,
  tellsFailure,
  TOLD_OF_OPEN,
  withoutRest,
} from "./places.js";
import { FAILURE, PENDING, SUCCESS } from "./trace-writer.js";

/** Changes that break rules of the groups irql, register and open, and some that break none. */
export const OPEN_KINDS: readonly MutantKind[] = [
  change("irql/caller", { call: "NdisClOpenAddressFamilyEx" }, "call", { irql: "DISPATCH_LEVEL" }),
  change("irql/caller", { call: ":RegisterAddressFamilyEx" }, "call", { irql: "DISPATCH_LEVEL" }),
  change("irql/caller", { call: ":NotifyCloseAddressFamily" }, "call", { irql: "APC_LEVEL" }),
  change("irql/caller", { call: CLOSE_DONE }, "call", { irql: "DEVICE_LEVEL" }),
  change("irql/caller", { call: "NdisCloseAdapterEx" }, "call", { irql: "DISPATCH_LEVEL" }),
  change(null, { call: CLOSE_DONE }, "call", { irql: "DISPATCH_LEVEL" }),
  change("irql/callback", { call: TOLD_OF_OPEN, if: byNdis }, "call", { irql: "DISPATCH_LEVEL" }),
  change("irql/callback", { call: "ProtocolCoAfRegisterNotify" }, "call", { irql: "DISPATCH_LEVEL" }),
  change(null, { call: TOLD_OF_OPEN, if: bySelf }, "call", { irql: "DISPATCH_LEVEL" }),

  duplicate("register/duplicate", { call: ":RegisterAddressFamilyEx" }),
  atCall(
    "register/place",
    "swap",
    { call: ":RegisterAddressFamilyEx" },
    "a registration after the routine has returned",
    (span) => {
      const { parent, ...call } = span.call;
      const outer = span.lines.findIndex(({ op, frame }) => op === "return" && frame === parent);
      return {
        lines: move(span, outer + 1).map((line) => (line.op === "call" && line.frame === call.frame ? call : line)),
        broken: call,
      };
    },
  ),
  drop("register/fan-out", { call: "ProtocolCoAfRegisterNotify" }, ({ lines }) =>
    lines.find(({ op, call }) => op === "call" && (call === "ProtocolUnbindAdapterEx" || call === "MiniportHaltEx")),
  ),
  duplicate("register/fan-out", { call: "ProtocolCoAfRegisterNotify" }, null),

  duplicate("open/completes-once", { call: TOLD_OF_OPEN }, null),
  drop("open/completes-once", { call: TOLD_OF_OPEN, if: bySelf }, opening),
  change("open/status", { call: "ProtocolCmOpenAf" }, "return", { status: "0x40000000" }),
  change("open/status", { call: OPEN_DONE }, "call", { status: PENDING }),
  change("open/context", { call: "ProtocolCmOpenAf", if: atOnce }, "return", { context: null }),
  change("open/context", { call: OPEN_DONE, if: ({ call }) => call.status === SUCCESS }, "call", { context: null }),
  atCall("open/owed", "drop", { call: OPEN_DONE }, OPEN_DONE, (span) => ({
    lines: withoutRest(span),
    broken: opening(span)!,
  })),
  delay("open/owed", { call: OPEN_DONE }),
  delay(null, { call: OPEN_DONE }, 1e9),
  duplicate("open/not-pended", { call: OPEN_DONE }, null),
  retarget("open/not-pended", { call: OPEN_DONE }, ({ lines, from }, choose) => {
    const afs = afsBetween(lines, from, TOLD_OF_OPEN, CLOSE).filter((af) => callOf(lines, CLOSE, { af }) !== undefined);
    return afs.length === 0 ? null : { af: afs[choose(afs.length)]! };
  }),
  atCall("open/use-before-complete", "swap", { call: CLOSE }, "a close before the open has completed", (span) => {
    const done = spans(span.lines, { call: OPEN_DONE, if: ({ call }) => call.af === span.call.af })[0];
    if (done === undefined) return null;
    const { call, answer } = again(span, { timeNs: span.lines[done.from - 1]!.timeNs }, FAILURE);
    return { lines: insert(span.lines, done.from, call, answer), broken: call };
  }),
  drop(
    "open/failed-unbind",
    { call: "NdisUnbindAdapter", if: ({ lines }) => spans(lines, { call: "NdisUnbindAdapter" }).length === 1 },
    ({ lines }) => lines.find(tellsFailure),
  ),
  atCall("open/failed-handle", "retarget", { call: CLOSE }, "the close of an AF whose open has failed", (span) => {
    const failed = span.lines.slice(0, span.from).find((line) => line.op === "call" && tellsFailure(line));
    if (failed === undefined) return null;
    const { call, answer } = again(span, { af: failed.af! }, FAILURE);
    return { lines: insert(span.lines, span.from, call, answer), broken: call };
  }),
  dropRecord(
    "open/failed-handle",
    "the call manager's release before it reports a failure",
    (line, lines) => line.op === "release" && line.from!.startsWith("cm") && callOf(lines, CLOSE, line) === undefined,
    (line, lines) => callOf(lines, OPEN_DONE, line) ?? returnOf(lines, "ProtocolCmOpenAf", line),
  ),
];
