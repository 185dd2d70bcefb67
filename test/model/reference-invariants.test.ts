import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { type ReferenceMachineRun, type ReferenceRun, runReference } from "../../src/contract/reference.js";
import type { CallRecord, NoteRecord, Party, TraceRecord } from "../../src/contract/reference-trace.js";
import { lengthNs } from "../../src/scenario/phases.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { breakableRules } from "../support/breakable-rules.js";
import { scenario } from "../support/scenario-generator.js";
import { callsOf, expectNesting, expectRightParties } from "../support/trace-invariants.js";

interface Sample {
  readonly generated: Scenario;
  readonly run: ReferenceRun;
}

// Hangs are what this is for: a loaded computer takes longer than the default of 5 s.
vi.setConfig({ testTimeout: 60_000 });

const SAMPLES = 80;
const samples: Sample[] = [];

beforeAll(() => {
  for (const generated of fc.sample(scenario, { numRuns: SAMPLES, seed: 20_261_123 }))
    samples.push({ generated, run: runReference(generated) });
}, 120_000);

/** Applies a check to every sample; says which scenario broke it. */
function forAll(check: (sample: Sample) => void): void {
  for (const sample of samples) {
    try {
      check(sample);
    } catch (error) {
      throw new Error(`in ${JSON.stringify(sample.generated)}`, { cause: error });
    }
  }
}

const sum = (machines: readonly ReferenceMachineRun[], of: (machine: ReferenceMachineRun) => number): number =>
  machines.reduce((total, machine) => total + of(machine), 0);

const clientBinds = (trace: readonly TraceRecord[]): CallRecord[] =>
  callsOf(trace).filter(({ call, to }) => call === "ProtocolBindAdapterEx" && to.startsWith("client:"));

describe("the generated scenarios", () => {
  it("reach every part of the model", () => {
    const reached = (what: (sample: Sample) => boolean): number => samples.filter(what).length;
    expect(reached(({ run }) => run.totals.refused > 0)).toBeGreaterThan(3);
    expect(reached(({ run }) => run.totals.undecided > 0)).toBeGreaterThan(3);
    expect(reached(({ run }) => run.violations.some(({ rule }) => rule === "close/owed"))).toBeGreaterThan(3);
    expect(reached(({ run }) => run.violations.some(({ rule }) => rule === "open/owed"))).toBeGreaterThan(3);
    expect(reached(({ run }) => run.open.completionToClient.some((ticks) => ticks > 0))).toBeGreaterThan(3);
    expect(reached(({ run }) => run.totals.synchronousCloses > 0 && run.totals.completions > 0)).toBeGreaterThan(3);
    expect(reached(({ run }) => run.totals.failedOpens > 0 && run.totals.lifecycles > 0)).toBeGreaterThan(3);
    for (const name of [
      "NdisUnbindAdapter",
      "ProtocolClCloseCallComplete",
      "ProtocolClDeregisterSapComplete",
      "NdisCompleteUnbindAdapterEx",
      "MiniportHaltEx",
      "ProtocolClNotifyCloseAf",
      "ProtocolCmNotifyCloseAfComplete",
    ])
      expect(reached(({ run }) => callsOf(run.trace).some(({ call }) => call === name))).toBeGreaterThan(3);
    expect(reached(({ run }) => run.trace.some(({ op }) => op === "wake"))).toBeGreaterThan(3);
    for (const [call, status] of [
      ["ProtocolClNotifyCloseAf", "NDIS_STATUS_SUCCESS"],
      ["NdisMCmNotifyCloseAddressFamily", "NDIS_STATUS_FAILURE"],
      ["NdisCmNotifyCloseAddressFamily", "NDIS_STATUS_PENDING"],
    ] as const) {
      const returns = (record: TraceRecord): boolean =>
        record.op === "return" && record.call === call && record.status === status;
      expect(reached(({ run }) => run.trace.some(returns))).toBeGreaterThan(3);
    }
    expect(reached(({ run }) => clientBinds(run.trace).some(({ timeNs }) => timeNs > 0))).toBeGreaterThan(3);
    expect(
      reached(({ run }) => run.machines.some(({ streams }) => streams.some((s) => s.measuredFrom > 0))),
    ).toBeGreaterThan(3);
    expect(
      reached(({ generated, run }) => {
        const ns = generated.phases.reduce((total, phase) => total + lengthNs(phase), 0);
        return run.machines.some(({ endTick }) => endTick < ns / generated.tickNs);
      }),
    ).toBeGreaterThan(3);
  });
});

describe("the reference model", () => {
  it("has totals that add up", () => {
    forAll(({ run: { totals, machines } }) => {
      const openAtEnd = sum(machines, (machine) => machine.openAtEnd);
      const pendedAtEnd = sum(machines, (machine) => machine.pendedAtEnd);
      expect(totals.opens).toBe(totals.lifecycles + openAtEnd + pendedAtEnd);
      expect(totals.closes).toBe(totals.synchronousCloses + totals.pendedCloses);
      expect(totals.pendedCloses).toBe(totals.completions + pendedAtEnd);
      expect(totals.failedOpens).toBeGreaterThanOrEqual(0);
      expect(totals.lifecycles).toBe(totals.synchronousCloses + totals.completions);
      expect(totals.events).toBe(totals.closes + totals.lifecycles);
      expect(totals.virtualTicks).toBe(Math.max(...machines.map((machine) => machine.endTick)));
    });
  });

  it("peaks at no less than what is left at the end and at no more than there are slots", () => {
    forAll(({ generated, run }) => {
      for (const machine of run.machines) {
        expect(machine.peakOpen).toBeGreaterThanOrEqual(machine.openAtEnd);
        expect(machine.peakPendedCloses).toBeGreaterThanOrEqual(machine.pendedAtEnd);
        expect(Math.max(machine.peakOpen, machine.peakPendedCloses)).toBeLessThanOrEqual(generated.topology.afs);
      }
    });
  });

  it("splits every latency in two parts that are not negative", () => {
    forAll(({ run }) => {
      for (const { total, requestToCompletion, completionToClient } of [run.close, run.open]) {
        total.forEach((ticks, i) => {
          expect(requestToCompletion[i]! + completionToClient[i]!).toBe(ticks);
          expect(Math.min(requestToCompletion[i]!, completionToClient[i]!)).toBeGreaterThanOrEqual(0);
        });
        expect([requestToCompletion.length, completionToClient.length]).toEqual([total.length, total.length]);
      }
    });
  });

  it("tells a client once of each pended close: every sequence comes once, and as many as latencies", () => {
    forAll(({ run }) => {
      let completions = 0;
      let measured = 0;
      for (const { streams } of run.machines) {
        for (const { sequences, clients, measuredFrom } of streams) {
          expect(new Set(sequences).size).toBe(sequences.length);
          expect(clients.length).toBe(sequences.length);
          completions += sequences.length;
          measured += sequences.length - measuredFrom;
        }
      }
      expect(completions).toBe(run.totals.completions);
      expect(measured).toBe(run.close.total.length);
    });
  });

  it("breaks no rule but those of its readings and the obligations, and these only past their deadline", () => {
    forAll(({ generated, run }) => {
      expect(run.warnings).toEqual([]);
      const rules = run.violations.map(({ rule }) => rule);
      expect(breakableRules(generated)).toEqual(new Set([...breakableRules(generated), ...rules]));
      if (generated.deadlines.closeNs === 12e9) for (const rule of rules) expect(rule).not.toMatch(/\/owed$/);
      const ticks = run.violations.map((violation) => violation.tick);
      expect(ticks).toEqual(ticks.toSorted((a, b) => a - b));
    });
  });

  it("gives the same run again, with a trace or without", () => {
    for (const { generated, run } of samples.slice(0, 20)) {
      const again = runReference(generated, false);
      expect({ ...again, trace: null }).toEqual({ ...run, trace: null });
    }
  });

  it("gives another digest for another seed, wherever times are drawn", () => {
    const lively = samples.filter(({ run }) => new Set(run.close.total).size > 5).slice(0, 20);
    for (const { generated, run } of lively) {
      const seed = generated.seed === 0 ? 1 : generated.seed - 1;
      expect(runReference({ ...generated, seed }, false).digest).not.toBe(run.digest);
    }
    expect(lively.length).toBeGreaterThan(5);
  });
});

describe("the reference model's trace", () => {
  it("counts calls, sequences and frames without gaps, machine by machine, in (time, machine, seq) order", () => {
    forAll(({ run: { trace, totals, machines } }) => {
      expect(callsOf(trace).length).toBe(totals.calls);
      for (const { machine } of machines) {
        const own = trace.filter((record) => record.machine === machine);
        own.forEach((record, i) => expect(record.seq).toBe(i + 1));
        callsOf(own).forEach((record, i) => expect(record.frame).toBe(i + 1));
      }
      for (let i = 1; i < trace.length; i++) {
        const [before, after] = [trace[i - 1]!, trace[i]!];
        const order = before.timeNs - after.timeNs || before.machine - after.machine || before.seq - after.seq;
        expect(order).toBeLessThan(0);
      }
    });
  });

  it("nests frames: a call's parent is open, in the same place, and returns after it", () => {
    forAll(({ generated, run: { trace } }) => expectNesting(generated, trace));
  });

  it("makes every call between the right parties, at an IRQL that its page allows, in the right form", () => {
    forAll(({ run: { trace } }) => expectRightParties(trace));
  });

  it("tells every handle's life in order: open, told, notified, teardowns, close, releases, told, notification completed", () => {
    const STEPS: readonly [RegExp, string][] = [
      [/^ProtocolCmOpenAf$/, "o"],
      [/^NdisM?CmOpenAddressFamilyComplete$/, "p"],
      [/^ProtocolClOpenAfCompleteEx$/, "t"],
      [/^NdisClCloseCall$|^NdisClDeregisterSap$/, "q"],
      [/^ProtocolCmCloseCall$|^ProtocolCmDeregisterSap$/, "r"],
      [/^NdisM?CmCloseCallComplete$|^NdisM?CmDeregisterSapComplete$/, "x"],
      [/^ProtocolClCloseCallComplete$|^ProtocolClDeregisterSapComplete$/, "y"],
      [/^NdisClCloseAddressFamily$/, "c"],
      [/^ProtocolCmCloseAf$/, "k"],
      [/^NdisM?CmCloseAddressFamilyComplete$/, "d"],
      [/^ProtocolClCloseAfComplete$/, "e"],
      [/^NdisM?CmNotifyCloseAddressFamily$/, "n"],
      [/^ProtocolClNotifyCloseAf$/, "l"],
      [/^NdisClNotifyCloseAddressFamilyComplete$/, "f"],
      [/^ProtocolCmNotifyCloseAfComplete$/, "g"],
    ];
    const NOTES: Readonly<Record<NoteRecord["op"], (from: Party) => string>> = {
      release: (from) => (from.startsWith("cm:") ? "M" : "C"),
      wait: () => "w",
      wake: () => "a",
    };
    forAll(({ run: { trace, totals, machines } }) => {
      const lives = new Map<string, string>();
      for (const record of trace) {
        if (record.op === "return" || record.af === undefined) continue;
        const letter =
          "call" in record ? STEPS.find(([call]) => call.test(record.call))![1] : NOTES[record.op](record.from);
        const key = `${record.machine}:${record.af}`;
        lives.set(key, (lives.get(key) ?? "") + letter);
      }
      const count = (pattern: RegExp): number => [...lives.values()].filter((life) => pattern.test(life)).length;
      // Open (pended or not), perhaps notified, perhaps refused at first, then close: synchronous "kM" without "d"; pended
      // or inline "kMd", with a notification that comes too late.
      const whole = count(
        /^op?t(nl)?(qr)*(cke(xy)*(nl)?(xy)*)?ck(w(xy)*(nl?)?(xy)*MdeaC|(xy)*(nl?)?(xy)*MdeC|MeC)(fg)?$/,
      );
      expect(whole).toBe(totals.lifecycles);
      const failed = count(/^oMp?tC$/);
      expect(failed).toBe(totals.failedOpens);
      const open = count(/^op?t((nl)?(qr)+cke(fg)?(xy)*(nl)?(xy)*)?$/);
      expect(open).toBe(sum(machines, (machine) => machine.openAtEnd));
      const pended = count(/^op?t(nl)?(qr)*(cke(xy)*(nl)?(xy)*)?ckw?(xy)*(nl?)?(xy)*(Md)?$/);
      expect(pended).toBe(sum(machines, (machine) => machine.pendedAtEnd));
      const opening = count(/^o(M?p)?$/);
      expect(opening + open + pended + whole + failed).toBe(lives.size);
      for (const life of lives.values()) {
        const called = life.split("q").length;
        const completed = life.split("x").length;
        // The call manager releases its context when all work is completed.
        if (life.includes("k") && life.includes("M")) expect(completed).toBe(called);
        else expect(completed).toBeLessThanOrEqual(called);
      }
    });
  });

  it("completes every notification that was pended once, when the close has ended, and no other", () => {
    forAll(({ run: { trace, machines } }) => {
      const answers = new Map<string, string>();
      const completed: string[] = [];
      for (const record of trace) {
        if (!("call" in record) || record.af === undefined) continue;
        const key = `${record.machine}:${record.af}`;
        if (record.op === "return" && record.call === "ProtocolClNotifyCloseAf") answers.set(key, record.status!);
        if (record.op === "call" && record.call === "ProtocolCmNotifyCloseAfComplete") completed.push(key);
      }
      const pended = new Set([...answers].filter(([, status]) => status === "NDIS_STATUS_PENDING").map(([key]) => key));
      expect(new Set(completed).size).toBe(completed.length);
      for (const key of completed) expect(pended).toContain(key);
      const closing = sum(machines, ({ pendedAtEnd, openAtEnd }) => pendedAtEnd + openAtEnd);
      expect(pended.size - completed.length).toBeLessThanOrEqual(closing);
    });
  });

  it("has one registration an adapter, and tells every client of it once for each of its binds", () => {
    forAll(({ generated, run: { trace } }) => {
      const { machines, adaptersPerMachine } = generated.topology;
      const registers = callsOf(trace).filter(({ call }) => /^NdisM?CmRegisterAddressFamilyEx$/.test(call));
      expect(registers.length).toBe(machines * adaptersPerMachine);
      const told = callsOf(trace).filter(({ call }) => call === "ProtocolCoAfRegisterNotify");
      expect(told.map(({ machine, to }) => [machine, to])).toEqual(
        clientBinds(trace).map(({ machine, to }) => [machine, to]),
      );
    });
  });

  it("ends a halt when nothing is left on the adapter, after which there is no call of its AFs", () => {
    forAll(({ generated, run: { trace } }) => {
      const ending = new Map<string, number>();
      const gone = new Set<string>();
      for (const record of trace) {
        if (!("call" in record)) continue;
        const frame = `${record.machine}:${record.frame}`;
        const adapter = ending.get(frame);
        if (record.op === "call") {
          const isLast = record.call === "NdisCompleteUnbindAdapterEx" && record.from.startsWith("cm:");
          if (isLast || record.call === "MiniportHaltEx") ending.set(frame, record.adapter);
          // What is left on an AF that stays open for good is torn down all the same.
          const isTeardown = /CloseCallComplete$|DeregisterSapComplete$/.test(record.call);
          if (record.af !== undefined && !isTeardown) expect(gone).not.toContain(`${record.machine}:${record.adapter}`);
        } else if (adapter !== undefined) {
          expect(gone).not.toContain(`${record.machine}:${adapter}`);
          gone.add(`${record.machine}:${adapter}`);
        }
      }
      expect(gone.size).toBeLessThanOrEqual(generated.topology.machines * generated.topology.adaptersPerMachine);
    });
  });
});
