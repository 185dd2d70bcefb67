import { describe, expect, it } from "vitest";
import { type ReferenceRun, runReference } from "../../src/contract/reference.js";
import { foldEntry, foldRun } from "../../src/contract/reference-states.js";
import type { TraceRecord } from "../../src/contract/reference-trace.js";
import { PLAIN_CLIENT, PLAIN_SCENARIO, plainScenario, START_RECORDS, ticks } from "../support/plain-scenario.js";

const topology = (afs: number, adaptersPerMachine = 1, machines = 1) => ({
  machines,
  adaptersPerMachine,
  clientsPerAdapter: 1,
  afs,
});

/** Ticks at which a call is made, in order. */
function ticksOf(run: ReferenceRun, call: string): number[] {
  return run.trace.filter((r) => r.op === "call" && r.call === call).map((r) => r.timeNs / 100);
}

/** Slots of the handles that a call is made with, in order. */
function slotsOf(run: ReferenceRun, call: string): number[] {
  return run.trace
    .filter((r) => r.op === "call" && r.call === call)
    .map((r) => Number(/^AF#(\d+)v/.exec((r as { af: string }).af)![1]));
}

const outline = (record: TraceRecord): string =>
  [
    record.timeNs / 100,
    record.op,
    "call" in record ? `${record.call}#${record.frame}` : "",
    "parent" in record ? `in #${record.parent}` : "",
    "to" in record ? `${record.from}>${record.to}` : "from" in record ? record.from : "",
    "af" in record ? record.af : "",
    ("status" in record && record.status?.replace("NDIS_STATUS_", "")) || "",
    `cpu${record.processor}`,
    record.irql === "PASSIVE_LEVEL" ? "P" : "D",
  ]
    .filter((word) => word !== "")
    .join(" ");

const COMPLETE = "NdisMCmCloseAddressFamilyComplete";
const TOLD = "ProtocolClCloseAfComplete";

describe("a single AF with constant times", () => {
  const run = runReference(PLAIN_SCENARIO);

  it("lives in rounds of hold 10, close 20 and think 5 ticks", () => {
    expect(ticksOf(run, "NdisClOpenAddressFamilyEx")).toEqual([0, 35, 70]);
    expect(ticksOf(run, "NdisClCloseAddressFamily")).toEqual([10, 45, 80]);
    expect(ticksOf(run, TOLD)).toEqual([30, 65]);
    expect(run.close.total).toEqual([20, 20]);
    expect(run.totals).toMatchObject({ opens: 3, closes: 3, completions: 2, lifecycles: 2, events: 5, undecided: 1 });
  });

  it("leaves the trace that MODEL.md describes", () => {
    expect(run.trace.slice(START_RECORDS, START_RECORDS + 16).map(outline)).toEqual([
      "0 call NdisClOpenAddressFamilyEx#6 client:0>ndis cpu0 P",
      "0 call ProtocolCmOpenAf#7 in #6 ndis>cm:0 AF#0v1 cpu0 P",
      "0 return ProtocolCmOpenAf#7 AF#0v1 SUCCESS cpu0 P",
      "0 return NdisClOpenAddressFamilyEx#6 AF#0v1 SUCCESS cpu0 P",
      "0 call ProtocolClOpenAfCompleteEx#8 client:0>client:0 AF#0v1 SUCCESS cpu0 P",
      "0 return ProtocolClOpenAfCompleteEx#8 AF#0v1 cpu0 P",
      "10 call NdisClCloseAddressFamily#9 client:0>ndis AF#0v1 cpu0 P",
      "10 call ProtocolCmCloseAf#10 in #9 ndis>cm:0 AF#0v1 cpu0 P",
      "10 return ProtocolCmCloseAf#10 AF#0v1 PENDING cpu0 P",
      "10 return NdisClCloseAddressFamily#9 AF#0v1 PENDING cpu0 P",
      "30 release cm:0 AF#0v1 cpu0 D",
      "30 call NdisMCmCloseAddressFamilyComplete#11 cm:0>ndis AF#0v1 SUCCESS cpu0 D",
      "30 call ProtocolClCloseAfComplete#12 in #11 ndis>client:0 AF#0v1 SUCCESS cpu0 D",
      "30 release client:0 AF#0v1 cpu0 D",
      "30 return ProtocolClCloseAfComplete#12 AF#0v1 cpu0 D",
      "30 return NdisMCmCloseAddressFamilyComplete#11 AF#0v1 cpu0 D",
    ]);
  });

  it("has the digest of its transitions, folded one by one", () => {
    const entry = (tick: number, generation: number, code: number, state: "open" | "closePended" | "vacant") =>
      ({
        tick,
        slot: 0,
        generation,
        code,
        state,
        status: code === 6 ? "NDIS_STATUS_PENDING" : "NDIS_STATUS_SUCCESS",
      }) as const;
    const round = (tick: number, generation: number) => [
      entry(tick, generation, 1, "open"),
      entry(tick + 10, generation, 6, "closePended"),
      entry(tick + 30, generation, 10, "vacant"),
    ];
    const entries = [...round(0, 1), ...round(35, 2), ...round(70, 3).slice(0, 2)];
    expect(run.digest).toBe(foldRun([entries.reduce(foldEntry, 0n)]));
    // Computed by a separate implementation of MODEL.md, "States and digest", in Python.
    expect(run.digest).toBe("24503d7256baef64");
  });
});

describe("closes that are not simply pended", () => {
  it("complete inline before PENDING is returned, told on the client's side at its IRQL, with latency 0", () => {
    const run = runReference(
      plainScenario({ phases: [{ kind: "run", ns: 1_200 }] }, {}, { inline: 1 }, { kind: "standalone" }),
    );
    expect(run.trace.slice(2 + START_RECORDS + 6).map(outline)).toEqual([
      "10 call NdisClCloseAddressFamily#10 client:0>ndis AF#0v1 cpu0 P",
      "10 call ProtocolCmCloseAf#11 in #10 ndis>cm:0 AF#0v1 cpu0 P",
      "10 release cm:0 AF#0v1 cpu0 P",
      "10 call NdisCmCloseAddressFamilyComplete#12 in #11 cm:0>ndis AF#0v1 SUCCESS cpu0 P",
      "10 call ProtocolClCloseAfComplete#13 in #12 ndis>client:0 AF#0v1 SUCCESS cpu0 P",
      "10 release client:0 AF#0v1 cpu0 P",
      "10 return ProtocolClCloseAfComplete#13 AF#0v1 cpu0 P",
      "10 return NdisCmCloseAddressFamilyComplete#12 AF#0v1 cpu0 P",
      "10 return ProtocolCmCloseAf#11 AF#0v1 PENDING cpu0 P",
      "10 return NdisClCloseAddressFamily#10 AF#0v1 PENDING cpu0 P",
    ]);
    expect(run.close).toMatchObject({ total: [0], requestToCompletion: [0], completionToClient: [0] });
    expect(run.totals).toMatchObject({ pendedCloses: 1, completions: 1, synchronousCloses: 0 });
  });

  it("complete synchronously without a completion call and without a latency", () => {
    const run = runReference(plainScenario({ phases: [{ kind: "run", ns: 1_200 }] }, {}, { pend: 0 }));
    expect(run.trace.slice(START_RECORDS + 6).map(outline)).toEqual([
      "10 call NdisClCloseAddressFamily#9 client:0>ndis AF#0v1 cpu0 P",
      "10 call ProtocolCmCloseAf#10 in #9 ndis>cm:0 AF#0v1 cpu0 P",
      "10 release cm:0 AF#0v1 cpu0 P",
      "10 return ProtocolCmCloseAf#10 AF#0v1 SUCCESS cpu0 P",
      "10 return NdisClCloseAddressFamily#9 AF#0v1 SUCCESS cpu0 P",
      "10 call ProtocolClCloseAfComplete#11 client:0>client:0 AF#0v1 SUCCESS cpu0 P",
      "10 release client:0 AF#0v1 cpu0 P",
      "10 return ProtocolClCloseAfComplete#11 AF#0v1 cpu0 P",
    ]);
    expect(run.close.total).toEqual([]);
    expect(run.totals).toMatchObject({ closes: 1, synchronousCloses: 1, pendedCloses: 0, events: 2 });
  });
});

describe("a pended open", () => {
  const opened = (irql: "PASSIVE_LEVEL" | "DISPATCH_LEVEL") =>
    runReference(
      plainScenario(
        { processors: { count: 1, dpcBudget: 1, completionCostNs: 300 }, phases: [{ kind: "run", ns: 1_500 }] },
        { pend: 1 },
        {},
        { irql },
      ),
    );

  it("completed at PASSIVE_LEVEL tells the client inside the completion call", () => {
    const run = opened("PASSIVE_LEVEL");
    expect(run.trace.slice(START_RECORDS + 2).map(outline)).toEqual([
      "0 return ProtocolCmOpenAf#7 AF#0v1 PENDING cpu0 P",
      "0 return NdisClOpenAddressFamilyEx#6 AF#0v1 PENDING cpu0 P",
      "7 call NdisMCmOpenAddressFamilyComplete#8 cm:0>ndis AF#0v1 SUCCESS cpu0 P",
      "10 call ProtocolClOpenAfCompleteEx#9 in #8 ndis>client:0 AF#0v1 SUCCESS cpu0 P",
      "10 return ProtocolClOpenAfCompleteEx#9 AF#0v1 cpu0 P",
      "10 return NdisMCmOpenAddressFamilyComplete#8 AF#0v1 cpu0 P",
    ]);
    expect(run.open).toMatchObject({ total: [10], requestToCompletion: [7], completionToClient: [3] });
  });

  it("completed at DISPATCH_LEVEL tells the client from a thread at PASSIVE_LEVEL afterwards", () => {
    expect(
      opened("DISPATCH_LEVEL")
        .trace.slice(START_RECORDS + 4)
        .map(outline),
    ).toEqual([
      "7 call NdisMCmOpenAddressFamilyComplete#8 cm:0>ndis AF#0v1 SUCCESS cpu0 D",
      "10 return NdisMCmOpenAddressFamilyComplete#8 AF#0v1 cpu0 D",
      "10 call ProtocolClOpenAfCompleteEx#9 ndis>client:0 AF#0v1 SUCCESS cpu0 P",
      "10 return ProtocolClOpenAfCompleteEx#9 AF#0v1 cpu0 P",
    ]);
  });
});

describe("servers and batches", () => {
  // Four AFs close at tick 10; one server takes 20 ticks for each.
  const served = (order: "fifo" | "lifo" | "random", afs = 4, seed = 1) =>
    runReference(
      plainScenario(
        {
          seed,
          topology: topology(afs),
          client: { ...PLAIN_SCENARIO.client, reopen: false },
          phases: [{ kind: "run", ns: 1e6 }],
        },
        {},
        { serve: { servers: 1, order } },
      ),
    );

  it("serve the longest waiting first (fifo)", () => {
    expect(slotsOf(served("fifo"), COMPLETE)).toEqual([0, 1, 2, 3]);
    expect(ticksOf(served("fifo"), COMPLETE)).toEqual([30, 50, 70, 90]);
  });

  it("serve the last come first (lifo)", () => {
    expect(slotsOf(served("lifo"), COMPLETE)).toEqual([0, 3, 2, 1]);
  });

  it("serve all once, in an order that depends on the seed (random)", () => {
    const orders = [1, 2].map((seed) => slotsOf(served("random", 12, seed), COMPLETE));
    for (const order of orders)
      expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(orders[0]).not.toEqual(orders[1]);
  });

  it("complete together when the batch is full or its timer ends", () => {
    const run = runReference(
      plainScenario(
        { topology: topology(5), client: { ...PLAIN_SCENARIO.client, reopen: false } },
        {},
        { coalesce: { count: 3, timerNs: 1_500 }, serve: { servers: 1, order: "fifo" } },
      ),
    );
    // Served at 30, 50, 70, 90 (and 110, too late): the timer ends at 45, 65, 85.
    expect(ticksOf(run, COMPLETE)).toEqual([45, 65, 85]);
    const full = runReference(
      plainScenario(
        { topology: topology(5), client: { ...PLAIN_SCENARIO.client, reopen: false } },
        {},
        { coalesce: { count: 3, timerNs: 1_500 } },
      ),
    );
    expect(ticksOf(full, COMPLETE)).toEqual([30, 30, 30, 45, 45]);
  });
});

describe("processors", () => {
  it("call one completion after the other, and a DPC over its budget goes to the tail", () => {
    const run = runReference(
      plainScenario({
        topology: topology(8, 2),
        processors: { count: 1, dpcBudget: 2, completionCostNs: 100 },
        client: { ...PLAIN_SCENARIO.client, reopen: false },
      }),
    );
    // Slots 0 to 3 belong to adapter 0, 4 to 7 to adapter 1. All are due at 30: slot 0 is taken at once and alone, the
    // DPC of adapter 0 comes back with 1 to 3 and stands before that of adapter 1.
    expect(slotsOf(run, COMPLETE)).toEqual([0, 1, 2, 4, 5, 3, 6, 7]);
    expect(ticksOf(run, COMPLETE)).toEqual([30, 31, 32, 33, 34, 35, 36, 37]);
    expect(ticksOf(run, TOLD)).toEqual([31, 32, 33, 34, 35, 36, 37, 38]);
  });

  it("let a work item wait while there are DPCs", () => {
    const scenario = plainScenario({
      topology: topology(4, 2),
      processors: { count: 1, dpcBudget: 64, completionCostNs: 100 },
      client: { ...PLAIN_SCENARIO.client, reopen: false },
    });
    const [dispatch] = scenario.callManagers;
    const run = runReference({ ...scenario, callManagers: [{ ...dispatch!, irql: "PASSIVE_LEVEL" }, dispatch!] });
    expect(slotsOf(run, COMPLETE)).toEqual([0, 2, 3, 1]);
  });
});

describe("phases", () => {
  it("a warm-up's measures are forgotten, its totals kept", () => {
    const run = runReference(
      plainScenario({
        phases: [
          { kind: "warmup", ns: 3_100 },
          { kind: "run", ns: 6_900 },
        ],
      }),
    );
    expect(run.close.total).toEqual([20]);
    expect(run.machines[0]!.streams[0]).toEqual({ sequences: [0, 1], clients: [0, 0], measuredFrom: 1 });
    expect(run.totals.completions).toBe(2);
  });

  it("a halt closes what is open on its adapters, before that tick's events, for good", () => {
    const run = runReference(
      plainScenario({
        topology: topology(4, 2),
        phases: [
          { kind: "run", ns: 400 },
          { kind: "halt", adapters: [{ from: 1, to: 1 }] },
          { kind: "run", ns: 9_600 },
        ],
      }),
    );
    expect(ticksOf(run, "NdisClCloseAddressFamily").slice(0, 4)).toEqual([4, 4, 10, 10]);
    expect(slotsOf(run, "NdisClCloseAddressFamily").slice(0, 4)).toEqual([2, 3, 0, 1]);
    expect(slotsOf(run, "ProtocolCmOpenAf").filter((slot) => slot >= 2)).toEqual([2, 3]);
  });

  it("a drain opens nothing and ends with the last event", () => {
    const run = runReference(
      plainScenario({
        phases: [
          { kind: "run", ns: 1_500 },
          { kind: "drain", ns: 1e9 },
        ],
      }),
    );
    expect(run.totals).toMatchObject({ opens: 1, lifecycles: 1, undecided: 0, virtualTicks: 30 });
  });

  it("a drain in which nothing happens ends where it starts", () => {
    const run = runReference(
      plainScenario({
        client: { ...PLAIN_SCENARIO.client, reopen: false },
        phases: [
          { kind: "run", ns: 4_000 },
          { kind: "drain", ns: 1e9 },
        ],
      }),
    );
    expect(run.totals).toMatchObject({ lifecycles: 1, virtualTicks: 40 });
  });

  it("a close that comes past the deadline breaks close/owed when it comes, or at the end", () => {
    const run = runReference(plainScenario({ deadlines: { openNs: 0, closeNs: 1_900 } }));
    expect(run.violations.map(({ rule, tick, generation }) => [rule, tick, generation])).toEqual([
      ["close/owed", 30, 1],
      ["close/owed", 65, 2],
      ["close/owed", 100, 3],
    ]);
    expect(run.totals).toMatchObject({ completions: 2, undecided: 0 });
  });

  it("a close that comes just at the deadline breaks nothing", () => {
    const run = runReference(plainScenario({ deadlines: { openNs: 0, closeNs: 2_000 } }));
    expect(run.violations).toEqual([]);
    expect(run.totals).toMatchObject({ completions: 2, undecided: 1 });
  });
});

describe("open arrivals", () => {
  it("take free slots in turn and are refused when there are none", () => {
    const run = runReference(
      plainScenario({
        topology: topology(2),
        client: { ...PLAIN_SCENARIO.client, reopen: false },
        // Every 8 ticks; a lifecycle takes 30.
        arrivals: { kind: "constant", perSecond: 1_250_000 },
      }),
    );
    expect(ticksOf(run, "ProtocolCmOpenAf")).toEqual([8, 16, 40, 48, 72, 80]);
    expect(slotsOf(run, "ProtocolCmOpenAf")).toEqual([0, 1, 0, 1, 0, 1]);
    expect(run.totals.refused).toBe(6);
  });

  it("pass over free slots of a halted adapter", () => {
    const run = runReference(
      plainScenario({
        topology: topology(4, 2),
        client: { ...PLAIN_SCENARIO.client, reopen: false },
        arrivals: { kind: "constant", perSecond: 1_250_000 },
        phases: [
          { kind: "halt", adapters: [{ from: 0, to: 0 }] },
          { kind: "run", ns: 10_000 },
        ],
      }),
    );
    expect(slotsOf(run, "ProtocolCmOpenAf")).toEqual([2, 3, 2, 3, 2, 3]);
  });
});

it("a churning client with a think of 0 opens again at once", () => {
  const run = runReference(plainScenario({ client: { ...PLAIN_CLIENT, hold: ticks(10), think: ticks(0) } }));
  expect(ticksOf(run, "NdisClOpenAddressFamilyEx")).toEqual([0, 30, 60, 90]);
});
