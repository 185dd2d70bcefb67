/** Habits whose mistake follows from circumstances, step by step: what is folded where these arise, and where they do not. */
import type { CallManagerHabit, ClientHabit } from "../../src/scenario/habits.js";
import type { CallManagerProfile, ClientProfile, Phase, Scenario } from "../../src/scenario/scenario.js";
import { type Entry, type Example, PENDING, pendedClose, SUCCESS } from "./fault-example.js";
import { PLAIN_CLIENT, plainScenario, ticks } from "./plain-scenario.js";

const run = (count: number): Phase => ({ kind: "run", ns: count * 100 });
const binding = (kind: "unbind" | "bind", client: number): Phase => ({
  kind,
  adapters: [{ from: 0, to: 0 }],
  clients: [{ from: client, to: client }],
});

interface Variation {
  readonly phases?: readonly Phase[];
  readonly clients?: number;
  readonly client?: Partial<ClientProfile>;
  readonly close?: Partial<CallManagerProfile["close"]>;
  readonly callManager?: Partial<CallManagerProfile>;
  /** Older than that, a pended close is owed. */
  readonly deadlineTicks?: number;
}

/** AFs of one adapter that are open for 10 ticks and closing for 20. */
function scenarioOf(afs: number, variation: Variation): Scenario {
  const { phases = [run(39)], clients = 1, client, close, callManager, deadlineTicks = 120_000_000 } = variation;
  return plainScenario(
    {
      topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: clients, afs },
      client: { ...PLAIN_CLIENT, ...client },
      phases,
      deadlines: { openNs: 12e9, closeNs: deadlineTicks * 100 },
    },
    {},
    close,
    callManager,
  );
}

const once = { reopen: false } as const;
const atOnce = { think: ticks(0) } as const;
/** Two AFs, open at 0 and closing from 10 on. */
const twoPended: readonly Entry[] = [
  [0, 1, 1, "open"],
  [0, 1, 1, "open", SUCCESS, 1],
  [10, 1, 6, "closePended", PENDING],
  [10, 1, 6, "closePended", PENDING, 1],
];
/** AF 1 closes at 2, as its client is unbound, and has ended when AF 0 is to be completed. */
const oneUnbound: readonly Entry[] = [
  [0, 1, 1, "open"],
  [0, 1, 1, "open", SUCCESS, 1],
  [2, 1, 6, "closePended", PENDING, 1],
  [10, 1, 6, "closePended", PENDING],
  [22, 1, 10, "vacant", SUCCESS, 1],
];

const sharedFlag = { habit: ["shared-flag"] } as const;
const oneHandle = { habit: ["one-handle"] } as const;
const heldLock = { habit: ["held-lock"] } as const;

/** The first example of each is legal. */
export const HABIT_EXAMPLES: Readonly<Record<CallManagerHabit | ClientHabit, readonly Example[]>> = {
  "shared-flag": [
    { scenario: scenarioOf(1, { client: atOnce, callManager: sharedFlag }), entries: pendedClose({}) },
    {
      scenario: scenarioOf(2, { client: once, callManager: sharedFlag, deadlineTicks: 28 }),
      entries: [...twoPended, [30, 1, 10, "vacant"], [39, 1, "close/owed", "closePended", SUCCESS, 1]],
    },
  ],
  "one-handle": [
    { scenario: scenarioOf(1, { client: atOnce, callManager: oneHandle }), entries: pendedClose({}) },
    // The handle is that of AF 1, whose close is pended too: AF 0 is never completed, and AF 1 once.
    {
      scenario: scenarioOf(2, { client: once, callManager: oneHandle, deadlineTicks: 28 }),
      entries: [...twoPended, [30, 1, 10, "vacant", SUCCESS, 1], [39, 1, "close/owed", "closePended"]],
    },
    // It has been completed, so that it is completed twice.
    {
      scenario: scenarioOf(2, {
        clients: 2,
        client: once,
        callManager: oneHandle,
        phases: [run(2), binding("unbind", 1), run(37)],
        deadlineTicks: 28,
      }),
      entries: [
        ...oneUnbound,
        [30, 1, "close/double-complete", "vacant", SUCCESS, 1],
        [39, 1, "close/owed", "closePended"],
      ],
    },
    // It is open again.
    {
      scenario: scenarioOf(2, {
        clients: 2,
        client: once,
        callManager: oneHandle,
        phases: [run(2), binding("unbind", 1), run(23), binding("bind", 1), run(6)],
      }),
      entries: [...oneUnbound, [25, 2, 1, "open", SUCCESS, 1], [30, 2, "close/not-pended", "open", SUCCESS, 1]],
    },
    // A close that waits for its work is completed too early.
    {
      scenario: scenarioOf(2, {
        clients: 2,
        client: { ...once, outstanding: { vcs: { kind: "constant", count: 1 }, saps: { kind: "constant", count: 0 } } },
        callManager: { ...oneHandle, teardown: { service: ticks(9) } },
        phases: [run(2), binding("unbind", 0), run(13)],
        close: { service: ticks(3) },
      }),
      entries: [
        [0, 1, 1, "open"],
        [0, 1, 1, "open", SUCCESS, 1],
        [2, 1, 6, "closePended", PENDING],
        [10, 1, 6, "closePended", PENDING, 1],
        [14, 1, "close/undrained", "closePended", SUCCESS, 1],
      ],
    },
  ],
  "held-lock": [
    {
      scenario: scenarioOf(1, { client: { think: ticks(5) }, callManager: heldLock }),
      entries: [...pendedClose({}).slice(0, 3), [35, 2, 1, "open"]],
    },
    // The client opens again as soon as it is told.
    {
      scenario: scenarioOf(1, { client: atOnce, callManager: heldLock, phases: [run(89)], deadlineTicks: 48 }),
      entries: [...pendedClose({}), [40, 2, 6, "closePended", PENDING], [89, 2, "close/owed", "closePended"]],
    },
    // It completes the notification of a halt; AF 1, not told yet, never is.
    {
      scenario: scenarioOf(2, {
        client: { think: ticks(5) },
        callManager: heldLock,
        phases: [run(4), { kind: "halt", adapters: [{ from: 0, to: 0 }] }, run(35)],
        deadlineTicks: 34,
      }),
      entries: [
        [0, 1, 1, "open"],
        [0, 1, 1, "open", SUCCESS, 1],
        [4, 1, 6, "closePended", PENDING],
        [4, 1, 6, "closePended", PENDING, 1],
        [24, 1, 10, "vacant"],
        [39, 1, "close/owed", "closePended", SUCCESS, 1],
      ],
    },
    // In a drain nothing is opened again.
    {
      scenario: scenarioOf(1, {
        client: atOnce,
        callManager: heldLock,
        phases: [run(20), { kind: "drain", ns: 1_900 }],
      }),
      entries: pendedClose({}).slice(0, 3),
    },
  ],
  "ignored-status": [
    {
      scenario: scenarioOf(1, { client: { ...atOnce, habit: ["ignored-status"] } }),
      entries: pendedClose({}),
    },
    {
      scenario: scenarioOf(1, {
        client: { ...atOnce, habit: ["ignored-status"] },
        close: { pend: 0 },
        phases: [run(15)],
      }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 5, "vacant"],
        [10, 2, 1, "open"],
      ],
    },
  ],
};
