import { describe, expect, it } from "vitest";
import { faults, objectFaultIds } from "../../src/contract/faults.js";
import type { ScenarioInput } from "../../src/scenario/schema.js";
import { brokenIn, checkTrace, isBusy, playUntil, RACES } from "../support/live-run.js";
import { WORK_MISTAKES } from "../support/live-work.js";

/** Some have one opportunity a binding, or only at a halt. */
const RATES: Readonly<Record<string, number>> = {
  "no-unbind": 1,
  "register-late": 0.5,
  "register-twice": 0.5,
  "register-irql": 0.5,
};
const AT_HALT = new Set([
  "notify-wait",
  "early-notify-completion",
  "forgotten-notify",
  "notify-irql",
  "notify-success",
  "lost-notify-completion",
  "double-notify-completion",
  "halted-completion",
]);

/** At a halt every AF is open. */
const HALTED: ScenarioInput = {
  ...RACES,
  callManager: { close: { pend: 1, service: { exponential: "20us" } } },
  client: { hold: { constant: "60s" }, notify: { pend: 0.5 } },
};

/** The same, with AFs whose close ends inside of the notification, so that the walk comes to one that is gone. */
const WALKED: ScenarioInput = { ...HALTED, callManager: { close: { pend: 0.5, service: { exponential: "20us" } } } };

/** A call manager that has a binding. */
const STANDALONE: ScenarioInput = {
  ...HALTED,
  callManager: { kind: "standalone", close: { pend: 0.9, service: { exponential: "20us" } } },
};

/** Every AF is open when its client is unbound, and again after its bind. */
const UNBOUND: ScenarioInput = {
  ...HALTED,
  client: { hold: { constant: "60s" } },
  phases: [
    { run: "4ms" },
    { unbind: {} },
    { run: "1ms" },
    { bind: {} },
    { run: "1ms" },
    { unbind: {} },
    { drain: "5s" },
  ],
};

const BASES: readonly (readonly [base: ScenarioInput, rate: number, kinds: ReadonlySet<string>])[] = [
  [HALTED, 0.3, AT_HALT],
  [WALKED, 0.3, new Set(["walk-skips", "walk-repeats"])],
  [STANDALONE, 0.7, new Set(["cm-early-close-adapter", "cm-close-adapter-irql"])],
  [UNBOUND, 0.3, new Set(["forgotten-af", "early-close-adapter", "close-adapter-irql"])],
];

const COMINGS_AND_GOINGS = new Set([
  "register-late",
  "register-twice",
  "register-irql",
  "forgotten-af",
  "forgotten-notify",
  "early-close-adapter",
  "close-adapter-irql",
  "notify-wait",
  "early-notify-completion",
  "walk-skips",
  "walk-repeats",
  "cm-early-close-adapter",
  "cm-close-adapter-irql",
]);

function scenarioOf(kind: string): ScenarioInput {
  const [base, rate] = BASES.find(([, , kinds]) => kinds.has(kind)) ?? [RACES, 0.05];
  return { ...base, faults: [{ kind, rate: RATES[kind] ?? rate }] };
}

/** Some break another rule, too: what is not completed is owed. */
const FOLLOWED: Readonly<Record<string, readonly string[]>> = {
  "one-handle": ["close/owed"],
  "lock-deadlock": ["open/owed"],
};

const struck = faults.filter(({ id }) => !WORK_MISTAKES.has(id) && !objectFaultIds.has(id));

describe("a mistake that drivers on threads make", () => {
  it.each(struck.map(({ id, rule }) => [id, rule] as const))(
    "%s is found as %s, every time, by lanes and by the checker of traces",
    async (id, rule) => {
      const run = await playUntil((one) => Object.keys(brokenIn(one)).length > 0, scenarioOf(id));
      const broken = brokenIn(run);

      expect(broken[rule]).toBeGreaterThan(0);
      expect(Object.keys(broken).filter((one) => one !== rule && !FOLLOWED[id]?.includes(one))).toEqual([]);
      expect(checkTrace(run).byRule).toEqual(broken);
    },
  );

  it("double-complete meets the right completion on another thread, whichever comes first, for every strategy", async () => {
    for (const dispatch of ["mpmc", "lock"] as const) {
      const run = await playUntil(isBusy, scenarioOf("double-complete"), { dispatch, lanes: 4 });
      const broken = brokenIn(run);

      expect(Object.keys(broken)).toEqual(["close/double-complete"]);
      expect(checkTrace(run).byRule).toEqual(broken);
    }
  });

  it.each([
    ["spsc", 1],
    ["mpmc", 4],
    ["lock", 2],
  ] as const)("of coming and going is found with %s on %i lanes too", async (dispatch, lanes) => {
    for (const { id, rule } of struck.filter((fault) => COMINGS_AND_GOINGS.has(fault.id))) {
      const run = await playUntil((one) => Object.keys(brokenIn(one)).length > 0, scenarioOf(id), { dispatch, lanes });
      const broken = brokenIn(run);

      expect(Object.keys(broken), id).toEqual([rule]);
      expect(checkTrace(run).byRule, id).toEqual(broken);
    }
  });
});
