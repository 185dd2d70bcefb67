/** Where faults can strike in a lively scenario, worked out from its trace and not from the model. */
import { buildCountTable, sampleCount } from "../../src/contract/count-table.js";
import { draw, machineKey, PURPOSE } from "../../src/contract/draw.js";
import type { FaultId } from "../../src/contract/faults.js";
import type { CallRecord, TraceRecord } from "../../src/contract/reference-trace.js";
import type { StatusName } from "../../src/contract/statuses.js";
import type { CallManagerKind, Irql, Scenario } from "../../src/scenario/scenario.js";
import { findCall, findReturn, type Life } from "./lives.js";
import { PLAIN_CLIENT, plainScenario, ticks } from "./plain-scenario.js";

export const OPEN_COMPLETION = /^NdisM?CmOpenAddressFamilyComplete$/;
export const CLOSE_COMPLETION = /^NdisM?CmCloseAddressFamilyComplete$/;
export const OPEN_TOLD = /^ProtocolClOpenAfCompleteEx$/;
export const CLOSE_TOLD = /^ProtocolClCloseAfComplete$/;
export const OPEN = /^NdisClOpenAddressFamilyEx$/;
export const CM_OPEN = /^ProtocolCmOpenAf$/;
export const CLOSE = /^NdisClCloseAddressFamily$/;
export const CM_CLOSE = /^ProtocolCmCloseAf$/;
export const TEARDOWN = /^NdisClCloseCall$|^NdisClDeregisterSap$/;

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

/** Two machines of two adapters, 13 AFs that open and close in every way, drained. */
export function livelyScenario({ kind, irql, completionCostNs, thinkTicks }: Variant): Scenario {
  return plainScenario(
    {
      topology: { machines: 2, adaptersPerMachine: 2, clientsPerAdapter: 2, afs: 13 },
      processors: { count: 3, dpcBudget: 2, completionCostNs },
      client: { ...PLAIN_CLIENT, hold: exponential(30), think: ticks(thinkTicks), wait: 0.5, outstanding },
      phases: [
        { kind: "run", ns: 40_000 },
        { kind: "drain", ns: 1e9 },
      ],
    },
    { pend: 0.5, fail: 0.3, service: exponential(10) },
    { pend: 0.7, inline: 0.2, service: exponential(40) },
    { kind, irql, teardown: { service: exponential(15) } },
  );
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

/** Of a close that is not completed inline. */
function pendedClose(life: Life): TraceRecord | undefined {
  const inline = findCall(life, CLOSE_COMPLETION, "inside") !== undefined;
  return inline ? undefined : returns(life, CLOSE, PENDING);
}

/** Whether there was work on the AF, whatever became of it: drawn once more. */
function hadWork({ machine, slot, generation }: Life): boolean {
  const count = (of: "vcs" | "saps"): number =>
    sampleCount(buildCountTable(outstanding[of]), draw(machineKey(1, machine, PURPOSE[of]), slot, generation, 0));
  return count("vcs") + count("saps") > 0;
}

/** Faults that strike at an unbind, of which the lively scenario has none. */
export type BindingFaultId = "forgotten-af" | "early-close-adapter";

/** The record in whose tick a fault of this kind can strike a lifecycle. */
export const OPPORTUNITIES: Readonly<
  Record<Exclude<FaultId, BindingFaultId>, (life: Life) => TraceRecord | undefined>
> = {
  "double-complete": closeCompleted,
  "lost-completion": pendedClose,
  "early-completion": told(OPEN_TOLD, SUCCESS),
  "wrong-family": closeCompletion,
  "completion-irql": closeCompletion,
  "completion-status": closeCompletion,
  "stale-completion": (life) => findReturn(life, findCall(life, CLOSE_TOLD, "outside")),
  "close-twice": pendedClose,
  "stale-close": closeCompleted,
  "open-irql": (life) => findCall(life, OPEN),
  "lost-open-completion": pendedOpen,
  "double-open-complete": (life) => findReturn(life, findCall(life, OPEN_COMPLETION)),
  "open-completion-status": (life) => findCall(life, OPEN_COMPLETION),
  "open-self-complete": pendedOpen,
  "early-close": pendedOpen,
  "null-context": openEnd(SUCCESS),
  "no-unbind": told(OPEN_TOLD, RESOURCES),
  "failed-open-close": told(OPEN_TOLD, RESOURCES),
  "failed-open-leak": openEnd(RESOURCES),
  "outstanding-close": (life) => (hadWork(life) ? findCall(life, CLOSE) : undefined),
  "close-self-complete": pendedClose,
  "early-release": pendedClose,
  "blocked-wait": pendedClose,
  "undrained-completion": (life) => findCall(life, TEARDOWN) && pendedClose(life),
  "context-leak": told(CLOSE_TOLD, SUCCESS),
  "close-return-status": (life) => returns(life, CLOSE, SUCCESS),
  "cm-leak": told(CLOSE_TOLD, SUCCESS),
};
