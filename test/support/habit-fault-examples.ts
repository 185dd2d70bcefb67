import type { FaultId } from "../../src/contract/faults.js";
import { DEFAULT_READINGS, type Readings } from "../../src/scenario/readings.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { halting } from "./driver-fault-examples.js";
import {
  atOnce,
  costly,
  type Entry,
  type Example,
  FAILURE,
  inlineClose,
  NOT_ACCEPTED,
  PENDING,
  pendedClose,
  pendedOpen,
  SUCCESS,
} from "./fault-example.js";
import { PLAIN_CLIENT, plainScenario, ticks } from "./plain-scenario.js";

const reading = (contract: Partial<Readings>): Pick<Scenario, "contract"> => ({
  contract: { ...DEFAULT_READINGS, ...contract },
});

/** A client with one VC on its AF, torn down in 3 ticks. */
const withWork: Partial<Scenario> = {
  client: {
    ...PLAIN_CLIENT,
    think: ticks(0),
    outstanding: { vcs: { kind: "constant", count: 1 }, saps: { kind: "constant", count: 0 } },
  },
};

const closeDeadline = (closeTicks: number): Pick<Scenario, "deadlines"> => ({
  deadlines: { openNs: 12e9, closeNs: closeTicks * 100 },
});

/** The run that `pendedClose` describes, of a stand-alone call manager. */
const standaloneAtOnce = (runTicks: number): Scenario =>
  plainScenario(
    {
      client: { ...PLAIN_CLIENT, think: ticks(0) },
      phases: [{ kind: "run", ns: runTicks * 100 }],
    },
    {},
    {},
    { kind: "standalone" },
  );

const two: Partial<Scenario> = {
  topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 2 },
  client: { ...PLAIN_CLIENT, reopen: false },
};

/** Open at 0, closed and opened again at 30, and pended from 40 on. */
const secondClose: readonly Entry[] = [
  [0, 1, 1, "open"],
  [10, 1, 6, "closePended", PENDING],
  [30, 1, 10, "vacant"],
  [30, 2, 1, "open"],
  [40, 2, 6, "closePended", PENDING],
];

const inlined = (violation: Entry): readonly Entry[] => [
  ...inlineClose().slice(0, 2),
  violation,
  ...inlineClose().slice(2),
];

/** What happens when a completion is called, and not when it is inline. */
const atCompletion = (
  rule: "close/cm-stale" | "close/context-early",
  second: Partial<Readings>,
): readonly Example[] => {
  const struck: Partial<Scenario> = rule === "close/cm-stale" ? reading(second) : {};
  const legal: Partial<Scenario> = rule === "close/cm-stale" ? {} : reading(second);
  return [
    { scenario: atOnce(39, {}, {}, struck), entries: pendedClose({ completing: [30, 1, rule, "closePended"] }) },
    { scenario: standaloneAtOnce(39), entries: pendedClose({ completing: [30, 1, rule, "closePended"] }) },
    {
      scenario: atOnce(34, {}, {}, { ...costly, ...struck }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 6, "closePended", PENDING],
        [30, 1, 9, "reporting"],
        [30, 1, rule, "reporting"],
      ],
    },
    { scenario: atOnce(39, {}, {}, legal), entries: pendedClose({}) },
    { scenario: atOnce(11, {}, { inline: 1 }, struck), entries: inlineClose() },
  ];
};

/** Faults that habits of drivers invite. */
export const HABIT_FAULT_EXAMPLES = {
  "retry-close": [
    {
      scenario: atOnce(39, {}, { refuse: 1 }, withWork),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 19, "stranded", NOT_ACCEPTED],
        [13, 1, "close/client-stale", "stranded", FAILURE],
      ],
    },
    // Where the handle is good after a close that failed, closing again is right.
    {
      scenario: atOnce(39, {}, { refuse: 1 }, { ...withWork, ...reading({ failedClose: "retry" }) }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 21, "refused", NOT_ACCEPTED],
        [13, 1, 22, "open"],
        [13, 1, 6, "closePended", PENDING],
        [33, 1, 10, "vacant"],
        [33, 2, 1, "open"],
      ],
    },
    { scenario: atOnce(39, {}, { refuse: 1 }), entries: pendedClose({}) },
  ],
  "use-in-completion": atCompletion("close/cm-stale", { handleExpiry: "atCall" }),
  "use-after-completion": [
    { scenario: atOnce(39), entries: pendedClose({ ended: [30, 1, "close/cm-stale", "open"] }) },
    { scenario: standaloneAtOnce(39), entries: pendedClose({ ended: [30, 1, "close/cm-stale", "open"] }) },
    { scenario: atOnce(11, {}, { inline: 1 }), entries: inlineClose() },
  ],
  "release-at-call": atCompletion("close/context-early", { clientRelease: "fromCompletionCall" }),
  "shared-flag": [
    // Both closes set the flag, and the first one to be completed takes it back.
    {
      at: 1,
      scenario: atOnce(39, {}, {}, { ...two, ...closeDeadline(28) }),
      entries: [
        [0, 1, 1, "open"],
        [0, 1, 1, "open", SUCCESS, 1],
        [10, 1, 6, "closePended", PENDING],
        [10, 1, 6, "closePended", PENDING, 1],
        [30, 1, 10, "vacant"],
        [39, 1, "close/owed", "closePended", SUCCESS, 1],
      ],
    },
    // Alone, a close always finds it set.
    { scenario: atOnce(39), entries: pendedClose({}) },
  ],
  "one-handle": [
    {
      scenario: atOnce(89, {}, {}, closeDeadline(48)),
      entries: [...secondClose, [60, 1, "close/double-complete", "closePended"], [89, 2, "close/owed", "closePended"]],
    },
    // No other close has been completed before.
    { scenario: atOnce(39), entries: pendedClose({}) },
  ],
  "halted-completion": [
    {
      // The close was asked for at 4, and the run ends at 30.
      scenario: halting({ deadlines: { openNs: 12e9, closeNs: 2_500 } }),
      entries: [
        [0, 1, 1, "open"],
        [4, 1, 6, "closePended", PENDING],
        [30, 1, "close/owed", "closePended"],
      ],
    },
    { scenario: atOnce(39), entries: pendedClose({}) },
  ],
  "inline-success": [
    {
      scenario: atOnce(11, {}, { inline: 1 }),
      entries: inlined([10, 1, "close/double-complete", "completedEarly"]),
    },
    { scenario: atOnce(39), entries: pendedClose({}) },
  ],
  "lock-deadlock": [
    {
      scenario: atOnce(89, {}, {}, closeDeadline(48)),
      entries: [...secondClose, [89, 2, "close/owed", "closePended"]],
    },
    // It owes the completions of opens, too.
    {
      scenario: atOnce(60, pendedOpen, {}, { deadlines: { openNs: 2_200, closeNs: 12e9 } }),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [7, 1, 3, "openCompleted"],
        [7, 1, 4, "open"],
        [17, 1, 6, "closePended", PENDING],
        [37, 1, 10, "vacant"],
        [37, 2, 2, "openPended", PENDING],
        [60, 2, "open/owed", "openPended"],
      ],
    },
    { scenario: atOnce(11, {}, { inline: 1 }), entries: inlineClose() },
  ],
  "no-self-complete": [
    {
      scenario: atOnce(15, {}, { pend: 0 }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, "close/completes-once", "open"],
        [10, 1, 5, "vacant"],
        [10, 2, 1, "open"],
      ],
    },
    { scenario: atOnce(39), entries: pendedClose({}) },
  ],
  "walk-skips": [
    {
      at: 1,
      scenario: halting({ afs: 2, close: { pend: 0 } }),
      entries: [
        [0, 1, 1, "open"],
        [0, 1, 1, "open", SUCCESS, 1],
        [4, 1, 5, "vacant"],
        [4, 1, "notify/required", "open", SUCCESS, 1],
        [4, 1, 18, "stranded", SUCCESS, 1],
      ],
    },
    // The one before it has not left the list yet.
    {
      at: 1,
      scenario: halting({ afs: 2 }),
      entries: [
        [0, 1, 1, "open"],
        [0, 1, 1, "open", SUCCESS, 1],
        [4, 1, 6, "closePended", PENDING],
        [4, 1, 6, "closePended", PENDING, 1],
        [24, 1, 10, "vacant"],
        [24, 1, 10, "vacant", SUCCESS, 1],
      ],
    },
  ],
  "walk-repeats": [
    ...[halting({ close: { pend: 0 } }), halting({ close: { pend: 0 }, client: { notify: { pend: 1 } } })].map(
      (scenario): Example => ({
        scenario,
        entries: [
          [0, 1, 1, "open"],
          [4, 1, 5, "vacant"],
          [4, 1, "close/cm-stale", "vacant"],
        ],
      }),
    ),
    // The walk is over when the client is told of its open.
    {
      scenario: halting({ open: pendedOpen, close: { pend: 0 } }),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [7, 1, 3, "openCompleted"],
        [7, 1, 4, "open"],
        [7, 1, 5, "vacant"],
      ],
    },
  ],
} satisfies Readonly<Partial<Record<FaultId, readonly Example[]>>>;
