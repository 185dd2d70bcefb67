import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { type ReferenceRun, runReference } from "../../src/contract/reference.js";
import type { TraceRecord } from "../../src/contract/reference-trace.js";
import { DEFAULT_READINGS } from "../../src/scenario/readings.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { breakableRules } from "../support/breakable-rules.js";
import { objectLives } from "../support/object-lives.js";
import { scenario, withObjects } from "../support/scenario-generator.js";
import { callsOf, expectNesting, expectRightParties } from "../support/trace-invariants.js";

interface Sample {
  readonly generated: Scenario;
  readonly run: ReferenceRun;
}

vi.setConfig({ testTimeout: 60_000 });

const SAMPLES = 40;
const samples: Sample[] = [];

beforeAll(() => {
  for (const generated of fc.sample(withObjects(scenario), { numRuns: SAMPLES, seed: 20_261_201 }))
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

const objectsOf = ({ objects }: ReferenceRun) => objects!;
const countOf = (lives: ReadonlyMap<string, string>, pattern: RegExp): number =>
  [...lives.values()].filter((calls) => pattern.test(calls)).length;

/** Sees that lives are as these patterns say: those that are over, and the others up to some call of them. */
function expectLives(lives: ReadonlyMap<string, string>, whole: RegExp, part: RegExp): void {
  for (const [handle, calls] of lives) expect(whole.test(calls) || part.test(calls), `${handle}: ${calls}`).toBe(true);
}

describe("the generated scenarios with objects", () => {
  it("reach every part of the model", () => {
    const totals = samples.map(({ run }) => objectsOf(run));
    const most = (of: (one: (typeof totals)[number]) => number): number => totals.filter((one) => of(one) > 0).length;
    for (const of of [
      (one) => one.saps.registered,
      (one) => one.saps.deregistered,
      (one) => one.vcs.deleted,
      (one) => one.calls.failed,
      (one) => one.calls.rejected,
      (one) => one.parties.dropped,
      (one) => one.saps.atEnd,
      (one) => one.vcs.atEnd,
    ] satisfies ((one: (typeof totals)[number]) => number)[])
      expect(most(of)).toBeGreaterThan(1);
    const kinds = new Set(samples.flatMap(({ run }) => callsOf(run.trace).map(({ call }) => call)));
    for (const call of [
      "NdisCmDeactivateVc",
      "ProtocolCmDeactivateVcComplete",
      "NdisMCmMakeCallComplete",
      "NdisClIncomingCallComplete",
      "NdisCmDispatchIncomingDropParty",
      "NdisMCmDispatchIncomingCloseCall",
      "NdisMCmDropPartyComplete",
    ] as const)
      expect(kinds).toContain(call);
  });
});

describe("the reference model with objects", () => {
  it("breaks no rule but those of its readings and the obligations, and these only past their deadline", () => {
    forAll(({ generated, run }) => {
      expect(run.warnings).toEqual([]);
      const rules = run.violations.map(({ rule }) => rule);
      expect(breakableRules(generated)).toEqual(new Set([...breakableRules(generated), ...rules]));
      if (generated.deadlines.closeNs === 12e9) for (const rule of rules) expect(rule).not.toMatch(/owed$|^party/);
    });
  });

  it("breaks no rule at all as the documents are read by default, with time for everything", () => {
    for (const { generated } of samples) {
      const run = runReference(
        { ...generated, contract: DEFAULT_READINGS, deadlines: { openNs: 12e9, closeNs: 12e9 } },
        false,
      );
      expect([run.violations, run.warnings]).toEqual([[], []]);
    }
  });

  it("nests frames and makes every call between the right parties", () => {
    forAll(({ generated, run: { trace } }) => {
      expectNesting(generated, trace);
      expectRightParties(trace);
    });
  });

  it("has totals that add up", () => {
    forAll(({ run: { trace, totals, machines } }) => {
      const atEnd = machines.reduce((sum, { openAtEnd, pendedAtEnd }) => sum + openAtEnd + pendedAtEnd, 0);
      expect(totals.opens).toBe(totals.lifecycles + atEnd);
      expect(callsOf(trace).length).toBe(totals.calls);
    });
  });

  it("gives the same run again without a trace, and another one for another seed", () => {
    for (const { generated, run } of samples.slice(0, 10)) {
      expect({ ...runReference(generated, false), trace: null }).toEqual({ ...run, trace: null });
      const seed = generated.seed === 0 ? 1 : generated.seed - 1;
      const other = runReference({ ...generated, seed }, false);
      if (objectsOf(run).vcs.created > 20) expect(other.digest).not.toBe(run.digest);
    }
  });
});

describe("the handles in a trace", () => {
  it("of SAPs come by a registration and go by a deregistration, once each", () => {
    forAll(({ run }) => {
      const lives = objectLives("sap", run.trace);
      expectLives(lives, /^R(iI)*c?C(iI)*dDe?E$/, /^R(iI)*(c?C(iI)*(dD)?)?$/);
      const { saps } = objectsOf(run);
      expect(saps.registered).toBe(countOf(lives, /C/));
      expect(saps.deregistered).toBe(countOf(lives, /E/));
      expect(saps.atEnd).toBe(lives.size - saps.deregistered);
    });
  });

  it("of VCs come by a creation and go by a deletion, and in between there is one call", () => {
    forAll(({ run }) => {
      const lives = objectLives("vc", run.trace);
      const closing = "(eE)?qQdDz?ZwW";
      const outgoing = `cmM(x?XwW|(aAx?X|aAxX)${closing})`;
      const incoming = `caAiI(J|jJ)(kK${closing}|dDwW)`;
      const part = /^c(mM(aA?(x?X(eE)?(qQd?)?)?)?|aA?(iI(j?JkK(eE)?(qQd?)?)?)?)$/;
      expectLives(lives, new RegExp(`^(${outgoing}|${incoming})$`), part);
      const { vcs, calls } = objectsOf(run);
      expect(vcs.created).toBe(lives.size);
      expect(vcs.deleted).toBe(countOf(lives, /W$/));
      expect(vcs.atEnd).toBe(vcs.created - vcs.deleted);
      expect(calls.connected).toBe(countOf(lives, /^cmM.*aA.*X|kK/));
      expect(calls.failed).toBe(countOf(lives, /^cmMx?Xw/));
      expect(calls.rejected).toBe(countOf(lives, /JdD/));
      expect(calls.closed).toBe(countOf(lives, /Z/));
    });
  });

  it("of parties come and go once each, the first one with its call", () => {
    forAll(({ generated, run }) => {
      const { parties: added, calls } = generated.client.objects!;
      const lives = objectLives("party", run.trace);
      const isFirst = (handle: string): boolean => Number(/#(\d+)v/.exec(handle)![1]) % (added + 1) === 0;
      const first = new Map([...lives].filter(([handle]) => isFirst(handle)));
      const others = new Map([...lives].filter(([handle]) => !isFirst(handle)));
      expectLives(first, /^Mx?X(qQz?Z)?$/, /^M(x?X(qQ)?)?$/);
      expect(first.size).toBe(added * calls === 0 ? 0 : countOf(objectLives("vc", run.trace), /^cm/));
      expectLives(others, /^Bb?P(hH)?rRs?S$/, /^B(b?P((hH)?rR)?)?$/);
      const { parties } = objectsOf(run);
      expect(parties.added).toBe(countOf(others, /P/));
      expect(parties.dropped).toBe(countOf(others, /S/));
      expect(parties.atEnd).toBe(others.size - parties.dropped);
    });
  });

  it("are of an AF that is open or closing: nothing is left on it when its close ends, and nothing comes after", () => {
    forAll(({ run: { trace } }) => {
      const left = new Map<string, Set<string>>();
      const closed = new Set<string>();
      for (const record of trace) {
        if (!("call" in record) || record.af === undefined) continue;
        const af = `${record.machine}:${record.af}`;
        const objects = left.get(af) ?? new Set<string>();
        left.set(af, objects);
        // As a condition, as there are many records.
        if (namesOf(record).length > 0 && closed.has(af)) expect.fail(`a record of ${af} comes after its close`);
        for (const name of namesOf(record))
          if (isGone(record)) objects.delete(name);
          else objects.add(name);
        if (isCloseTold(record)) {
          expect([...objects]).toEqual([]);
          closed.add(af);
        }
      }
    });
  });

  it("are closed, with all calls and SAPs given up, before the AF is: it is asked to close only then", () => {
    forAll(({ run: { trace } }) => {
      const unclosed = new Map<string, Set<string>>();
      const early: string[] = [];
      for (const record of trace) {
        if (record.op !== "call" || record.af === undefined) continue;
        const af = `${record.machine}:${record.af}`;
        const objects = unclosed.get(af) ?? new Set<string>();
        unclosed.set(af, objects);
        const { call, sap, vc } = record;
        if (call === "ProtocolCmRegisterSap") objects.add(sap!);
        if (call === "NdisClDeregisterSap") objects.delete(sap!);
        if (call === "ProtocolCoCreateVc") objects.add(vc!);
        if (call === "NdisClCloseCall" || call === "ProtocolCoDeleteVc") objects.delete(vc!);
        const before = CLOSED_BEFORE.get(call);
        if (before !== undefined) early.push(...[...objects].filter((name) => before.test(name)));
      }
      expect(early).toEqual([]);
    });
  });
});

/** What the client has given up before it makes a call. */
const CLOSED_BEFORE: ReadonlyMap<string, RegExp> = new Map([
  ["NdisClDeregisterSap", /^VC/],
  ["NdisClCloseAddressFamily", /^VC|^SAP/],
]);

/** Names of the SAPs and VCs that a record is about. */
const namesOf = (record: Extract<TraceRecord, { readonly call: string }>): string[] =>
  [record.sap, record.vc].filter((name) => name !== undefined);

/** Whether what a record is about has gone with it. */
const isGone = ({ op, call }: Extract<TraceRecord, { readonly call: string }>): boolean =>
  op === "return" &&
  /^(ProtocolClDeregisterSapComplete|NdisM?CmDeregisterSapComplete|Ndis(MCm|Co)DeleteVc)$/.test(call);

/** Whether a client has been told that its close has succeeded. */
const isCloseTold = (record: Extract<TraceRecord, { readonly call: string }>): boolean =>
  record.op === "call" && record.call === "ProtocolClCloseAfComplete" && record.status === "NDIS_STATUS_SUCCESS";
