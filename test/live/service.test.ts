import { describe, expect, it } from "vitest";
import {
  CONDUCT_BATCH_COUNT,
  CONDUCT_BUSY,
  CONDUCT_BYTES,
  CONDUCT_WAITING_COUNT,
} from "../../assembly/abi/conduct-layout.js";
import { MACHINE_QUEUED } from "../../assembly/abi/layout.js";
import { DISPATCHES } from "../../src/run/live-plan.js";
import { liveTraceLines } from "../../src/run/live-trace.js";
import type { TraceEvent } from "../../src/contract/checker/event.js";
import type { ScenarioInput } from "../../src/scenario/schema.js";
import { brokenIn, checkTrace, isBusy, playUntil, RACES, type LiveRun } from "../support/live-run.js";

type Close = NonNullable<Extract<NonNullable<ScenarioInput["callManager"]>, { close?: unknown }>["close"]>;

const LANES = [1, 2, 4];
const WAYS_TO_HAND_OVER = DISPATCHES.flatMap((dispatch) => LANES.map((lanes) => [dispatch, lanes] as const));

/** Every kind of service beside each other, with all that lanes race on: one adapter each. */
const CONDUCTED: ScenarioInput = {
  ...RACES,
  callManager: (
    [
      { serve: { servers: 2, order: "fifo" } },
      { serve: { servers: 1, order: "lifo" }, coalesce: { count: 3, timer: "20us" } },
      { serve: { servers: 3, order: "random" } },
      { coalesce: { count: 4, timer: "50us" } },
    ] satisfies Close[]
  ).map((close, i) => ({
    kind: i % 2 === 0 ? ("mcm" as const) : ("standalone" as const),
    open: { pend: 0.3, service: { exponential: "5us" } },
    close: { pend: 0.9, inline: 0.2, service: { exponential: "20us" }, ...close },
  })),
};

/** One call manager, which has all its closes at a halt, in the order of the slots. */
function haltedWith(close: Close, afs: number): ScenarioInput {
  return {
    name: "halted",
    topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 4, afs },
    callManager: { close: { pend: 1, service: { constant: "10us" }, ...close } },
    client: { hold: { constant: "400s" }, reopen: false },
    phases: [{ run: "4ms" }, { halt: { adapters: "all" } }, { drain: "5s" }],
  };
}

/** One that has them for good: in wall-clock time no service ends, and no timer fires. */
function endlessWith(close: Close): ScenarioInput {
  return {
    name: "endless",
    topology: { machines: 1, adaptersPerMachine: 3, clientsPerAdapter: 4, afs: 60 },
    callManager: { close: { pend: 1, ...close } },
    client: { hold: { constant: "1us" }, reopen: false },
    phases: [{ run: "4ms" }],
  };
}

function traceOf({ plan, execution }: LiveRun): TraceEvent[] {
  return [...liveTraceLines(execution.memory, plan)].map((line) => JSON.parse(line) as TraceEvent);
}

/** Whether the halt has met all AFs: a lane may begin late. */
function haltsAll(run: LiveRun): boolean {
  const calls = traceOf(run).map(({ op, call }) => (op === "call" ? call : undefined));
  return (
    run.execution.outcome.totals.closes === 100 &&
    calls.lastIndexOf("ProtocolCmOpenAf") < calls.indexOf("MiniportHaltEx")
  );
}

/** Slots in the order of the call managers' completions. */
function completedSlots(run: LiveRun): number[] {
  return traceOf(run)
    .filter(({ op, call }) => op === "call" && /^NdisM?CmCloseAddressFamilyComplete$/.test(call ?? ""))
    .map(({ af }) => Number(/#(\d+)v/.exec(String(af))?.[1]));
}

/** A field of every call manager's record, added up. */
function sumOf({ plan, execution }: LiveRun, field: number): number {
  const view = new DataView(execution.memory.buffer);
  const adapters = plan.scenario.topology.adaptersPerMachine;
  return Array.from({ length: adapters }, (_, adapter) =>
    view.getUint32(plan.map.conducts + adapter * CONDUCT_BYTES + field, true),
  ).reduce((sum, n) => sum + n, 0);
}

function queuedIn({ plan, execution }: LiveRun): number {
  const view = new DataView(execution.memory.buffer);
  return plan.map.lanes.reduce((sum, { header }) => sum + view.getUint32(header + MACHINE_QUEUED, true), 0);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe.each(WAYS_TO_HAND_OVER)("call managers that serve and gather, by %s on %i lanes", (dispatch, lanes) => {
  it("break no rule, and leave nothing waiting or in a batch", async () => {
    const run = await playUntil(isBusy, CONDUCTED, { dispatch, lanes });
    const { totals, machines } = run.execution.outcome;

    expect(brokenIn(run)).toEqual({});
    expect([machines[0]?.openAtEnd, machines[0]?.pendedAtEnd]).toEqual([0, 0]);
    expect(totals.lifecycles).toBe(totals.opens);
    expect([CONDUCT_BUSY, CONDUCT_WAITING_COUNT, CONDUCT_BATCH_COUNT].map((field) => sumOf(run, field))).toEqual([
      0, 0, 0,
    ]);
    const verdict = checkTrace(run);
    expect({ ...verdict.byRule, undecided: verdict.undecided }).toEqual({ undecided: 0 });
  });

  it("never have more closes in service than servers", async () => {
    const endless = endlessWith({ service: { constant: "400s" }, serve: { servers: 4, order: "fifo" } });
    const areAllThere = (run: LiveRun): boolean => sumOf(run, CONDUCT_BUSY) + sumOf(run, CONDUCT_WAITING_COUNT) === 60;
    const run = await playUntil(areAllThere, endless, { dispatch, lanes, pace: "wall", traced: false });

    expect(sumOf(run, CONDUCT_BUSY)).toBe(3 * 4);
    // What is in the queues are services.
    expect(queuedIn(run)).toBe(3 * 4);
    expect(run.execution.outcome.totals.completions).toBe(0);
  });

  it("send completions off in batches of their count while no timer fires", async () => {
    const endless = endlessWith({ service: { constant: "1us" }, coalesce: { count: 6, timer: "400s" } });
    // The adapters have 21, 20 and 19 AFs.
    const isDone = ({ execution }: LiveRun): boolean => execution.outcome.totals.completions === 3 * 18;
    const run = await playUntil(isDone, endless, { dispatch, lanes, pace: "wall", traced: false });

    expect(run.execution.outcome.totals.closes).toBe(60);
    expect(sumOf(run, CONDUCT_BATCH_COUNT)).toBe(3 + 2 + 1);
  });

  it("send a batch off when its timer fires", async () => {
    const rare = haltedWith({ coalesce: { count: 1000, timer: "50us" } }, 100);
    const run = await playUntil(({ execution }) => execution.outcome.totals.closes === 100, rare, { dispatch, lanes });

    expect(run.execution.outcome.totals.completions).toBe(100);
  });
});

describe("closes that come one after the other, on any number of lanes", () => {
  const orderOf = async (close: Close, lanes: number): Promise<number[]> => {
    return completedSlots(await playUntil(haltsAll, haltedWith(close, 100), { lanes }));
  };

  it.each(LANES)(
    "are completed in their order by a call manager that serves the oldest first (%i lanes)",
    async (n) => {
      expect(await orderOf({ serve: { servers: 3, order: "fifo" } }, n)).toEqual(range(0, 100));
    },
  );

  it.each(LANES)(
    "are completed backwards but for those that found a server, by one that serves the newest first (%i lanes)",
    async (n) => {
      expect(await orderOf({ serve: { servers: 3, order: "lifo" } }, n)).toEqual([
        ...range(0, 3),
        ...range(3, 100).toReversed(),
      ]);
    },
  );

  it.each(LANES)("are completed in an order of its own by one that serves at random (%i lanes)", async (n) => {
    const order = await orderOf({ serve: { servers: 3, order: "random" } }, n);

    expect(order.slice(0, 3)).toEqual(range(0, 3));
    expect(order.toSorted((a, b) => a - b)).toEqual(range(0, 100));
    expect(order).not.toEqual(range(0, 100));
    // The choices are draws of the scenario.
    expect(order).toEqual(await orderOf({ serve: { servers: 3, order: "random" } }, 1));
  });
});

describe("a close that is completed twice where completions are gathered", () => {
  it.each(DISPATCHES)("breaks the rule each time, whichever comes first (%s)", async (dispatch) => {
    const twice = { ...CONDUCTED, faults: [{ kind: "double-complete", rate: 0.1 }] };
    const run = await playUntil(isBusy, twice, { dispatch, lanes: 4 });
    const broken = brokenIn(run);

    expect(Object.keys(broken)).toEqual(["close/double-complete"]);
    expect(checkTrace(run).byRule).toEqual(broken);
  });
});
