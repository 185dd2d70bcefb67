/** Where faults can strike in a lively scenario, worked out from its trace and not from the model. */
import { buildCountTable, sampleCount } from "../../src/contract/count-table.js";
import { draw, machineKey, PURPOSE } from "../../src/contract/draw.js";
import type { FaultId } from "../../src/contract/faults.js";
import type { OBJECT_FAULTS } from "../../src/contract/object-faults.js";
import type { CallRecord, TraceRecord } from "../../src/contract/reference-trace.js";
import type { StatusName } from "../../src/contract/statuses.js";
import type { CallManagerKind, Irql, Phase, Scenario } from "../../src/scenario/scenario.js";
import { findCall, findReturn, type Life } from "./lives.js";
import { plainScenario, ticks } from "./plain-scenario.js";

export const OPEN_COMPLETION = /^NdisM?CmOpenAddressFamilyComplete$/;
export const CLOSE_COMPLETION = /^NdisM?CmCloseAddressFamilyComplete$/;
export const OPEN_TOLD = /^ProtocolClOpenAfCompleteEx$/;
export const CLOSE_TOLD = /^ProtocolClCloseAfComplete$/;
export const OPEN = /^NdisClOpenAddressFamilyEx$/;
export const CM_OPEN = /^ProtocolCmOpenAf$/;
export const CLOSE = /^NdisClCloseAddressFamily$/;
export const CM_CLOSE = /^ProtocolCmCloseAf$/;
export const CLOSE_CALL = /^NdisClCloseCall$/;
export const DEREGISTER_SAP = /^NdisClDeregisterSap$/;
export const NOTIFY = /^NdisM?CmNotifyCloseAddressFamily$/;
export const NOTIFIED = /^ProtocolClNotifyCloseAf$/;
export const NOTIFY_COMPLETE = /^NdisClNotifyCloseAddressFamilyComplete$/;
export const CM_NOTIFY_COMPLETE = /^ProtocolCmNotifyCloseAfComplete$/;

const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";
const RESOURCES = "NDIS_STATUS_RESOURCES";

const exponential = (meanTicks: number) => ({ kind: "exponential" as const, meanNs: meanTicks * 100 });

export interface Variant {
  readonly kind: CallManagerKind;
  readonly irql: Irql;
  readonly completionCostNs: number;
  readonly thinkTicks: number;
}

/** Every kind and IRQL, with completions that cost nothing and some that do; every second one reopens at once. */
export const VARIANTS: readonly Variant[] = (["mcm", "standalone"] as const).flatMap((kind, i) =>
  (["PASSIVE_LEVEL", "DISPATCH_LEVEL"] as const).flatMap((irql, j) =>
    [0, 300].map((completionCostNs, k) => ({
      kind,
      irql,
      completionCostNs,
      thinkTicks: (i + j + k) % 2 === 0 ? 0 : 25,
    })),
  ),
);

const outstanding = { vcs: { kind: "poisson", mean: 0.5 }, saps: { kind: "poisson", mean: 0.3 } } as const;

interface Size {
  /** On two machines of two adapters. */
  readonly afs: number;
  readonly holdTicks: number;
  /** Before the drain. */
  readonly phases: readonly Phase[];
}

/** AFs that open and close in every way, drained. */
function drivenScenario(
  { kind, irql, completionCostNs, thinkTicks }: Variant,
  { afs, holdTicks, phases }: Size,
): Scenario {
  return plainScenario(
    {
      topology: { machines: 2, adaptersPerMachine: 2, clientsPerAdapter: 2, afs },
      processors: { count: 3, dpcBudget: 2, completionCostNs },
      client: {
        hold: exponential(holdTicks),
        think: ticks(thinkTicks),
        reopen: true,
        wait: 0.5,
        notify: { pend: 0.4 },
        habit: [],
        outstanding,
        objects: null,
      },
      phases: [...phases, { kind: "drain", ns: 1e9 }],
    },
    { pend: 0.5, fail: 0.3, service: exponential(10) },
    { pend: 0.7, inline: 0.2, service: exponential(40) },
    { kind, irql, teardown: { service: exponential(15) }, notify: { closing: true } },
  );
}

/** 13 AFs that live some lifecycles each. */
export function livelyScenario(variant: Variant): Scenario {
  return drivenScenario(variant, { afs: 13, holdTicks: 30, phases: [{ kind: "run", ns: 40_000 }] });
}

export const HALT_TICK = 30;

/** Many AFs, most of them in their first lifecycle when all adapters halt. */
export function haltingScenario(variant: Variant): Scenario {
  const phases: readonly Phase[] = [
    { kind: "run", ns: HALT_TICK * 100 },
    { kind: "halt", adapters: [{ from: 0, to: 3 }] },
  ];
  return drivenScenario(variant, { afs: 90, holdTicks: 80, phases });
}

const returns = (life: Life, name: RegExp, status: StatusName): TraceRecord | undefined => {
  const returned = findReturn(life, findCall(life, name));
  return returned?.status === status ? returned : undefined;
};

const passes = (call: CallRecord | undefined, status: StatusName): CallRecord | undefined =>
  call?.status === status ? call : undefined;

const pendedOpen = (life: Life): TraceRecord | undefined => returns(life, OPEN, PENDING);

/** The end of an open at its call manager. */
const openEnd =
  (status: StatusName) =>
  (life: Life): TraceRecord | undefined =>
    returns(life, CM_OPEN, status) ?? passes(findCall(life, OPEN_COMPLETION), status);

const told =
  (name: RegExp, status: StatusName) =>
  (life: Life): TraceRecord | undefined =>
    findReturn(life, passes(findCall(life, name), status));

const closeCompletion = (life: Life): TraceRecord | undefined => findCall(life, CLOSE_COMPLETION, "outside");
const closeCompleted = (life: Life): TraceRecord | undefined =>
  findReturn(life, findCall(life, CLOSE_COMPLETION, "outside"));

/** Of a client that completes its close itself. */
function closeSelfCompleted(life: Life): TraceRecord | undefined {
  const call = findCall(life, CLOSE_TOLD);
  return call !== undefined && call.from === call.to ? findReturn(life, call) : undefined;
}

/** Of a close that is not completed inline. */
function pendedClose(life: Life): TraceRecord | undefined {
  const inline = findCall(life, CLOSE_COMPLETION, "inside") !== undefined;
  return inline ? undefined : returns(life, CLOSE, PENDING);
}

/** Of such a close that was asked for inside ProtocolClNotifyCloseAf. */
function closePendedInNotification(life: Life): TraceRecord | undefined {
  const notified = findCall(life, NOTIFIED);
  const isInside = notified !== undefined && findCall(life, CLOSE)?.parent === notified.frame;
  return isInside ? pendedClose(life) : undefined;
}

/** Also of an AF of which its call manager has forgotten to notify: nothing else stays open. */
function openAtHalt(life: Life): TraceRecord | undefined {
  const isLeftOpen = findCall(life, CLOSE) === undefined;
  return findCall(life, NOTIFIED) ?? (isLeftOpen ? told(OPEN_TOLD, SUCCESS)(life) : undefined);
}

/** Notified of in MiniportHaltEx or ProtocolUnbindAdapterEx, and closed when the notification returns. */
function closedInWalk(life: Life): TraceRecord | undefined {
  const call = findCall(life, NOTIFY, "inside");
  const closed = told(CLOSE_TOLD, SUCCESS)(life);
  return call !== undefined && closed?.timeNs === call.timeNs ? call : undefined;
}

/** The callback at PASSIVE_LEVEL of the last teardown of a lifecycle. */
export function lastTeardownTold(life: Life): CallRecord | undefined {
  const isTold = (record: TraceRecord): record is CallRecord =>
    record.op === "call" && /^ProtocolCl(CloseCall|DeregisterSap)Complete$/.test(record.call);
  const last = life.records.findLast(isTold);
  return last?.irql === "PASSIVE_LEVEL" ? last : undefined;
}

const pendedNotification = (life: Life): TraceRecord | undefined => returns(life, NOTIFIED, PENDING);

/** Whether there was work on the AF, whatever became of it: drawn once more. */
function hadWork({ machine, slot, generation }: Life): boolean {
  const count = (of: "vcs" | "saps"): number =>
    sampleCount(buildCountTable(outstanding[of]), draw(machineKey(1, machine, PURPOSE[of]), slot, generation, 0));
  return count("vcs") + count("saps") > 0;
}

/**
 * Faults whose opportunities a lifecycle does not show: when a driver comes up or looks through all AFs that it has left,
 * by what a call manager remembers of other AFs, or after what these scenarios do not do; and those with objects, which
 * are not in these scenarios.
 */
export type HiddenFaultId =
  | keyof typeof OBJECT_FAULTS
  | "forgotten-af"
  | "early-close-adapter"
  | "register-late"
  | "register-twice"
  | "register-irql"
  | "cm-early-close-adapter"
  | "close-adapter-irql"
  | "cm-close-adapter-irql"
  | "retry-close"
  | "shared-flag"
  | "one-handle"
  | "halted-completion"
  | "lock-deadlock"
  | "walk-skips";

/** The record in whose tick a fault of this kind can strike a lifecycle. */
export const OPPORTUNITIES: Readonly<Record<Exclude<FaultId, HiddenFaultId>, (life: Life) => TraceRecord | undefined>> =
  {
    "double-complete": closeCompleted,
    "lost-completion": pendedClose,
    "early-completion": told(OPEN_TOLD, SUCCESS),
    "wrong-family": closeCompletion,
    "completion-irql": closeCompletion,
    "completion-status": closeCompletion,
    "stale-completion": closeSelfCompleted,
    "close-twice": pendedClose,
    "stale-close": closeCompleted,
    "open-irql": (life) => findCall(life, OPEN),
    "lost-open-completion": pendedOpen,
    "double-open-complete": (life) => findReturn(life, findCall(life, OPEN_COMPLETION)),
    "open-completion-status": (life) => findCall(life, OPEN_COMPLETION),
    "open-self-complete": pendedOpen,
    "early-close": pendedOpen,
    "null-context": openEnd(SUCCESS),
    // Once for a binding.
    "no-unbind": (life) => findCall(life, /^NdisUnbindAdapter$/),
    "failed-open-close": told(OPEN_TOLD, RESOURCES),
    "failed-open-leak": openEnd(RESOURCES),
    "outstanding-close": (life) => (hadWork(life) ? findCall(life, CLOSE) : undefined),
    "close-self-complete": pendedClose,
    "early-release": pendedClose,
    "blocked-wait": pendedClose,
    "callback-wait": (life) => pendedClose(life) && lastTeardownTold(life),
    "undrained-completion": (life) =>
      (findCall(life, CLOSE_CALL) ?? findCall(life, DEREGISTER_SAP)) && pendedClose(life),
    "context-leak": told(CLOSE_TOLD, SUCCESS),
    "close-return-status": (life) => returns(life, CLOSE, SUCCESS),
    "cm-leak": told(CLOSE_TOLD, SUCCESS),
    "forgotten-notify": openAtHalt,
    "notify-irql": (life) => findCall(life, NOTIFY),
    "saps-first": (life) => findCall(life, NOTIFIED) && findCall(life, CLOSE_CALL) && findCall(life, DEREGISTER_SAP),
    "notify-wait": closePendedInNotification,
    "notify-success": closePendedInNotification,
    "lost-notify-completion": pendedNotification,
    "early-notify-completion": (life) => pendedNotification(life) && pendedClose(life),
    "double-notify-completion": (life) => findReturn(life, findCall(life, NOTIFY_COMPLETE)),
    "use-in-completion": closeCompletion,
    "use-after-completion": closeCompleted,
    "release-at-call": closeCompletion,
    "inline-success": (life) => findCall(life, CLOSE_COMPLETION, "inside"),
    "no-self-complete": closeSelfCompleted,
    "walk-repeats": closedInWalk,
  };

/** Those that strike in halts only. */
export const HALT_FAULTS: ReadonlySet<FaultId> = new Set<FaultId>([
  "forgotten-notify",
  "notify-irql",
  "saps-first",
  "notify-wait",
  "notify-success",
  "lost-notify-completion",
  "early-notify-completion",
  "double-notify-completion",
  "walk-repeats",
]);
