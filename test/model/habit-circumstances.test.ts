import { describe, expect, it } from "vitest";
import { runReference } from "../../src/contract/reference.js";
import type { CallRecord } from "../../src/contract/reference-trace.js";
import { foldDigest } from "../../src/measure/merge.js";
import type { CallManagerHabit, ClientHabit } from "../../src/scenario/habits.js";
import { digestOf, type Example } from "../support/fault-example.js";
import { HABIT_EXAMPLES } from "../support/habit-examples.js";
import { PLAIN_CLIENT, plainScenario, ticks } from "../support/plain-scenario.js";
import { runBoth } from "../support/run-both.js";
import { rulesOf, run, runPhases } from "../support/run-phases.js";
import { runKernel } from "../support/run-kernel.js";

describe.each(Object.entries(HABIT_EXAMPLES) as [CallManagerHabit | ClientHabit, readonly Example[]][])(
  "the habit %s, step by step",
  (_, examples) => {
    it("folds what it does in the model and in the kernel", () => {
      for (const { scenario, entries } of examples) {
        const expected = digestOf(entries);
        expect(runReference(scenario).digest).toBe(expected);
        expect(foldDigest(runKernel(scenario).merged.machines)).toBe(expected);
      }
    });

    it("breaks no rule until circumstances arise", () => {
      const { scenario } = examples[0]!;
      expect(runBoth(scenario)).toMatchObject({ violations: [], warnings: [] });
    });
  },
);

describe("a client that ignores the status of its close", () => {
  /** What NdisClCloseAddressFamily returned, and whether the client then called its own completion function, in order. */
  const closesOf = (pend: number, habit: readonly ClientHabit[]) => {
    const scenario = plainScenario(
      {
        topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 3 },
        client: { ...PLAIN_CLIENT, think: ticks(0), habit },
        phases: [run(400)],
      },
      {},
      { pend },
    );
    const result = runBoth(scenario);
    const closes: { readonly status: string; readonly self: boolean; readonly place: string }[] = [];
    result.trace.forEach((record, i) => {
      if (record.op !== "return" || record.call !== "NdisClCloseAddressFamily") return;
      const next = result.trace[i + 1];
      const self = next?.op === "call" && next.call === "ProtocolClCloseAfComplete" && next.from === next.to;
      closes.push({ status: record.status!, self, place: `${record.timeNs / 100} ${record.af}` });
    });
    return { closes, result };
  };

  it("acts on that of the close before it, whichever AF that was of, and breaks the rule where the two differ", () => {
    const { closes, result } = closesOf(0.5, ["ignored-status"]);
    const wrong: string[] = [];
    closes.forEach(({ status, self, place }, i) => {
      const older = closes[i - 1]?.status ?? status;
      expect(self).toBe(older === "NDIS_STATUS_SUCCESS");
      if (older !== status) wrong.push(place);
    });
    expect(wrong.length).toBeGreaterThan(5);
    expect(
      result.violations.map(({ rule, tick, slot, generation }) => `${rule} ${tick} AF#${slot}v${generation}`),
    ).toEqual(wrong.map((place) => `close/completes-once ${place}`));
    expect(result.violations.length).toBeLessThan(closes.length);
  });

  it("does what every client does while all closes are answered alike", () => {
    for (const pend of [0, 1]) {
      const { closes, result } = closesOf(pend, ["ignored-status"]);
      expect(result).toEqual(closesOf(pend, []).result);
      expect(new Set(closes.map(({ self }) => self))).toEqual(new Set([pend === 0]));
    }
  });
});

describe("a call manager that completes with its lock held", () => {
  const completions = (habit: readonly CallManagerHabit[], think: number): readonly CallRecord[] => {
    const result = runPhases([run(100)], {
      callManager: { irql: "PASSIVE_LEVEL", habit },
      client: { think: ticks(think), wait: 1 },
    });
    return result.trace.filter((r): r is CallRecord => r.op === "call" && /CloseA.*Complete$/.test(r.call));
  };

  it("does so at DISPATCH_LEVEL, also from a work item", () => {
    expect(new Set(completions([], 5).map(({ irql }) => irql))).toEqual(new Set(["PASSIVE_LEVEL"]));
    const held = completions(["held-lock"], 5);
    expect(held.length).toBe(completions([], 5).length);
    expect(new Set(held.map(({ irql }) => irql))).toEqual(new Set(["DISPATCH_LEVEL"]));
  });

  it("completes nothing after a client has opened its AF again from there", () => {
    expect(completions(["held-lock"], 0).map(({ call }) => call)).toEqual([
      "NdisMCmCloseAddressFamilyComplete",
      "ProtocolClCloseAfComplete",
    ]);
  });
});

it("a habit and its fault together make the mistake once", () => {
  const result = runPhases([run(31)], {
    client: { habit: ["ignored-status"] },
    close: { pend: 1 },
    callManager: { habit: ["held-lock", "shared-flag", "one-handle"] },
    faults: ["lock-deadlock", "close-self-complete"],
  });
  expect(rulesOf(result)).toEqual(["10 close/completes-once"]);
});
