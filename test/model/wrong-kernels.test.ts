import { beforeAll, describe, expect, it } from "vitest";
import { runReference, type ReferenceRun } from "../../src/contract/reference.js";
import { KernelTrap } from "../../src/kernel/trap.js";
import { foldDigest } from "../../src/measure/merge.js";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import { TRANSITIONS, type Transition } from "../../src/run/tables.js";
import type { ScenarioOverrides } from "../../src/scenario/override.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { expectAgreementWith } from "../support/agreement.js";
import { smallFaulty } from "../support/faulty-drivers.js";
import { PLAIN_CLIENT, plainScenario } from "../support/plain-scenario.js";
import { runKernel } from "../support/run-kernel.js";
import { buildKernel, type PlantedMistake } from "../support/wrong-kernel.js";

/** Built-in scenarios with few AFs, which crowd at one call manager or two where it is about waiting: a mistake in what never happens does not show. */
const SMALL: Readonly<Record<string, ScenarioOverrides>> = {
  churn: { duration: "3ms" },
  "slow-call-manager": { duration: "5s", set: ["deadlines.close=100ms"] },
  "lifo-starvation": {
    duration: "20ms",
    set: ["tick=10us", "topology.adaptersPerMachine=1", "callManager.close.service.exponential=2ms"],
  },
  coalesced: {
    duration: "3ms",
    set: [
      "topology.adaptersPerMachine=2",
      "processors.count=1",
      "processors.dpcBudget=2",
      "processors.completionCost=10us",
      "client.hold.exponential=100us",
    ],
  },
  "mixed-managers": { duration: "5ms" },
  rebind: { duration: "20ms" },
  "outstanding-work": { duration: "10ms" },
  "waiting-clients": { duration: "3ms" },
  "batch-halt": { duration: "10ms" },
  "refused-closes": { duration: "10ms" },
};

interface WrongKernel extends PlantedMistake {
  readonly mistake: string;
  /** In which it shows. */
  readonly scenario: string;
}

const WRONG_KERNELS: readonly WrongKernel[] = [
  {
    mistake: "an open that counts two generations",
    file: "ndis/open.ts",
    right: "const word = vacant + (1 << STATE_BITS);",
    wrong: "const word = vacant + (2 << STATE_BITS);",
    scenario: "mixed-managers",
  },
  {
    mistake: "events of one tick that are sorted last to first into a block's run",
    file: "queue/event-queue.ts",
    right: "load<u32>(at - EVENT_BYTES) > (event as u32)",
    wrong: "load<u32>(at - EVENT_BYTES) >= (event as u32)",
    scenario: "lifo-starvation",
  },
  {
    mistake: "a peak that is looked at only once the batch has passed it",
    file: "engine/plain-steps.ts",
    right: "pended + closes > load<u32>(machine, MACHINE_PEAK_PENDED)",
    wrong: "pended > load<u32>(machine, MACHINE_PEAK_PENDED)",
    scenario: "churn",
  },
  {
    mistake: "events inserted last to first where several are scheduled in a tick",
    file: "engine/agenda.ts",
    right: "for (let entry = begin; entry < end; entry += AGENDA_BYTES) {",
    wrong: "for (let entry = end - AGENDA_BYTES; entry >= begin; entry -= AGENDA_BYTES) {",
    scenario: "lifo-starvation",
  },
  {
    mistake: "events due a tick late",
    file: "engine/agenda.ts",
    right: "const due = (now as u64) + ticks;",
    wrong: "const due = (now as u64) + ticks + 1;",
    scenario: "mixed-managers",
  },
  {
    mistake: "samples cut to ticks and not rounded",
    file: "core/sampler.ts",
    right: "return (sampleValue(sampler, u) + (u & 0xffff)) >>> 16;",
    wrong: "return sampleValue(sampler, u) >>> 16;",
    scenario: "churn",
  },
  {
    mistake: "late completions that break no rule",
    file: "ndis/close-completion.ts",
    right: "violate(machine, callManager, now, slot, word, RULE_CLOSE_OWED, STATUS_SUCCESS);",
    wrong: "",
    scenario: "slow-call-manager",
  },
  {
    mistake: "a DPC budget of one too many",
    file: "ndis/dispatch.ts",
    right: "taken == load<u32>(machine, MACHINE_DPC_BUDGET)",
    wrong: "taken > load<u32>(machine, MACHINE_DPC_BUDGET)",
    scenario: "coalesced",
  },
  {
    mistake: "servers that take the oldest where they should take the newest",
    file: "drivers/serve.ts",
    right: "if (order == ORDER_FIFO) {",
    wrong: "if (order != ORDER_RANDOM) {",
    scenario: "lifo-starvation",
  },
  {
    mistake: "trace records that name the processor of the client for that of the call manager",
    file: "ndis/trace.ts",
    right: "return context(adapterOf(placeOf(machine, slot)) %",
    wrong: "return context(clientOf(machine, placeOf(machine, slot)) %",
    scenario: "mixed-managers",
  },
  {
    mistake: "closes that are served before their last teardown",
    file: "ndis/teardown.ts",
    right: "if (left == 0) finishWork",
    wrong: "if (left == 1) finishWork",
    scenario: "outstanding-work",
  },
  {
    mistake: "bindings that end one AF too early",
    file: "ndis/bindings.ts",
    right: "if (live == 1) scheduleAfter",
    wrong: "if (live == 2) scheduleAfter",
    scenario: "rebind",
  },
  {
    mistake: "a plain loop that draws a hold of the generation before",
    file: "engine/plain.ts",
    right: "AF_WORD) >>> STATE_BITS) + kind;",
    wrong: "AF_WORD) >>> STATE_BITS);",
    scenario: "churn",
  },
  {
    mistake: "latencies of a tick too much in the plain loop, which no trace and no digest shows",
    file: "engine/plain-steps.ts",
    right: "(event as u32) - load<u32>(record, AF_TICK), TOLD_LATENCY",
    wrong: "(event as u32) - load<u32>(record, AF_TICK) + 1, TOLD_LATENCY",
    scenario: "churn",
  },
  {
    mistake: "completions in order counted as reordered",
    file: "measure/ordering.ts",
    right: "ORDER_REORDERED, (sequence < expected)",
    wrong: "ORDER_REORDERED, (sequence <= expected)",
    scenario: "lifo-starvation",
  },
  {
    mistake: "clients that are told of an address family before they are bound",
    file: "ndis/registration.ts",
    right: "client++) callBind<M>(machine, 0, client);",
    wrong: "client++) callRegisterNotify<M>(machine, 0, client);",
    scenario: "waiting-clients",
  },
  {
    mistake: "clients that wait at DISPATCH_LEVEL where they wait at PASSIVE_LEVEL",
    file: "ndis/after-pending.ts",
    right: "blocked ? DISPATCH_LEVEL : PASSIVE_LEVEL",
    wrong: "blocked ? PASSIVE_LEVEL : DISPATCH_LEVEL",
    scenario: "waiting-clients",
  },
  {
    mistake: "halts that end one AF too early",
    file: "ndis/halt.ts",
    right: "if (live == 1) scheduleAfter",
    wrong: "if (live == 2) scheduleAfter",
    scenario: "batch-halt",
  },
  {
    mistake: "notifications that are delivered of AFs that are closing, where NDIS should fail them",
    file: "ndis/notify.ts",
    right: "if (hasReading(READING_DELIVERED)) deliver",
    wrong: "if (!hasReading(READING_DELIVERED)) deliver",
    scenario: "batch-halt",
  },
  {
    mistake: "clients that never complete a notification",
    file: "ndis/notify.ts",
    right: "if (!completesNotification(machine, slot, generation)) return;",
    wrong: "return;",
    scenario: "batch-halt",
  },
  {
    mistake: "closes that are not tried again after they were refused",
    file: "ndis/close-failed.ts",
    right: "if (hasReading(READING_RETRY)) transit(",
    wrong: "if (!hasReading(READING_RETRY)) transit(",
    scenario: "refused-closes",
  },
  {
    mistake: "call managers that forget which handle they had before",
    file: "ndis/habits.ts",
    right: "store<u32>(callManager, slot + 1, CM_LAST_SLOT);",
    wrong: "",
    scenario: "faulty-drivers",
  },
  {
    mistake: "faults that all strike at the same luck",
    file: "ndis/faults.ts",
    right: "happens(machine, PURPOSE_FAULT + i,",
    wrong: "happens(machine, PURPOSE_FAULT,",
    scenario: "faulty-drivers",
  },
];

/** Whether a check finds a difference, or the kernel itself that it cannot go on. What fails otherwise has failed. */
function findingOf(check: () => void): "found" | "nothing" {
  try {
    check();
  } catch (error) {
    const isDifference = error instanceof Error && error.name === "AssertionError";
    if (isDifference || error instanceof KernelTrap) return "found";
    throw error;
  }
  return "nothing";
}

describe("the comparison of the kernel with the reference model", () => {
  const runs = new Map<string, { readonly scenario: Scenario; readonly reference: ReferenceRun }>();

  beforeAll(async () => {
    for (const [name, overrides] of Object.entries(SMALL)) {
      const scenario = await prepareScenario({ name }, { afs: "40", machines: "2", ...overrides });
      runs.set(name, { scenario, reference: runReference(scenario, true) });
    }
    const scenario = await smallFaulty("faulty-drivers");
    runs.set(scenario.name, { scenario, reference: runReference(scenario, true) });
  });

  function compareKernel(module: WebAssembly.Module, name: string): void {
    const { scenario, reference } = runs.get(name)!;
    expectAgreementWith(reference, scenario, { module });
  }

  it("passes with the kernel as it is, built as the wrong ones are", async () => {
    const module = await buildKernel(null);
    for (const name of runs.keys()) compareKernel(module, name);
    expect(new Set(WRONG_KERNELS.map(({ scenario }) => scenario))).toEqual(new Set(runs.keys()));
  });

  it("cannot be evaded by a mistake whose line is no longer in the kernel", async () => {
    const gone = { file: "ndis/open.ts", right: "no such line", wrong: "" };
    await expect(buildKernel(gone)).rejects.toThrow('assembly/ndis/open.ts has "no such line" 0 times, not once');
    const elsewhere = { file: "ndis/gone.ts", right: "", wrong: "" };
    await expect(buildKernel(elsewhere)).rejects.toThrow("the kernel is built without assembly/ndis/gone.ts");
  });

  it.each(WRONG_KERNELS.map((wrong) => [wrong.mistake, wrong] as const))("finds %s", async (_, wrong) => {
    const module = await buildKernel(wrong);
    expect(findingOf(() => compareKernel(module, wrong.scenario))).toBe("found");
  });
});

/**
 * Together these take every transition: of opens that are pended or fail, of closes of every kind, of closes that fail for good or are tried again,
 * of faults that strand an AF, of slots that retire.
 */
const LIVELY: readonly Scenario[] = (["dead", "retry"] as const).flatMap((failedClose) =>
  [0, 300].map((completionCostNs) => {
    const scenario = plainScenario(
      {
        topology: { machines: 1, adaptersPerMachine: 2, clientsPerAdapter: 2, afs: 40 },
        processors: { count: 1, dpcBudget: 4, completionCostNs },
        client: {
          ...PLAIN_CLIENT,
          hold: { kind: "exponential", meanNs: 2_000 },
          outstanding: { vcs: { kind: "poisson", mean: 0.5 }, saps: { kind: "constant", count: 0 } },
        },
        phases: [
          { kind: "run", ns: 10_000 },
          { kind: "unbind", adapters: [{ from: 0, to: 0 }], clients: [{ from: 0, to: 0 }] },
          { kind: "run", ns: 10_000 },
          { kind: "halt", adapters: [{ from: 1, to: 1 }] },
          { kind: "run", ns: 10_000 },
          // AFs that the halt forgot are closed now.
          { kind: "unbind", adapters: [{ from: 1, to: 1 }], clients: [{ from: 0, to: 1 }] },
          { kind: "run", ns: 10_000 },
        ],
        faults: [
          { kind: "outstanding-close", rate: 0.1, at: null },
          { kind: "forgotten-af", rate: 0.5, at: null },
          { kind: "forgotten-notify", rate: 0.5, at: null },
        ],
      },
      { pend: 0.5, fail: 0.3 },
      { pend: 0.6, inline: 0.3, refuse: 0.2 },
    );
    return { ...scenario, contract: { ...scenario.contract, failedClose } };
  }),
);
const GENERATION_MAX = 4;

describe("the digest", () => {
  const expected = LIVELY.map((scenario) => runReference(scenario, false, GENERATION_MAX).digest);
  const digests = (): string[] =>
    LIVELY.map((scenario) => foldDigest(runKernel(scenario, { generationMax: GENERATION_MAX }).merged.machines));

  it("is that of the reference model with the table of transitions as it is", () => {
    expect(digests()).toEqual(expected);
  });

  it.each(TRANSITIONS.map((row, index) => [row.transition, index] as const))(
    "shows a wrong state before or after transition %i, and a wrong status or code",
    (_, index) => {
      for (const field of ["from", "to", "status", "code"] as const) {
        const finding = withWrongEntry(index, field, () => findingOf(() => expect(digests()).toEqual(expected)));
        expect(`${field} ${finding}`).toBe(`${field} found`);
      }
    },
  );
});

/** Changes an entry of the table that the host writes into the kernel's memory, while something runs. */
function withWrongEntry<Answer>(index: number, field: keyof Transition, run: () => Answer): Answer {
  const table = TRANSITIONS as Transition[];
  const right = table[index]!;
  table[index] = { ...right, [field]: right[field] + 1 };
  try {
    return run();
  } finally {
    table[index] = right;
  }
}
