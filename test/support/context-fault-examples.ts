import type { FaultId } from "../../src/contract/faults.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import {
  atOnce,
  type Entry,
  type Example,
  FAILURE,
  inlineClose,
  NOT_ACCEPTED,
  pendedClose,
  pendedOpen,
  PENDING,
  RESOURCES,
} from "./fault-example.js";
import { PLAIN_CLIENT, ticks } from "./plain-scenario.js";

const failing = { fail: 1 };
const failingPended = { pend: 1, fail: 1 };

/** A client with one VC on its AF, torn down in 3 ticks. */
const withWork: Partial<Scenario> = {
  client: {
    ...PLAIN_CLIENT,
    think: ticks(0),
    outstanding: { vcs: { kind: "constant", count: 1 }, saps: { kind: "constant", count: 0 } },
  },
};
const once: Partial<Scenario> = { client: { ...PLAIN_CLIENT, reopen: false } };

/** The client is unbound at a tick, and the run goes on for some more. */
const unbindAt = (tick: number, more: number): Scenario["phases"] => [
  { kind: "run", ns: tick * 100 },
  { kind: "unbind", adapters: [{ from: 0, to: 0 }], clients: [{ from: 0, to: 0 }] },
  { kind: "run", ns: more * 100 },
];

const bindAll: Scenario["phases"][number] = {
  kind: "bind",
  adapters: [{ from: 0, to: 0 }],
  clients: [{ from: 0, to: 0 }],
};

/** One VC and one SAP, both torn down in 3 ticks. */
const withMoreWork: Partial<Scenario> = {
  client: {
    ...PLAIN_CLIENT,
    think: ticks(0),
    outstanding: { vcs: { kind: "constant", count: 1 }, saps: { kind: "constant", count: 1 } },
  },
};
const fromWorkItem = { irql: "PASSIVE_LEVEL" } as const;
/** Pended at 10, its work done at 13 and its service at 33. */
const closedAfterWork = (violation?: Entry): readonly Entry[] => [
  [0, 1, 1, "open"],
  [10, 1, 6, "closePended", PENDING],
  ...(violation === undefined ? [] : [violation]),
  [33, 1, 10, "vacant"],
  [33, 2, 1, "open"],
];

/** A context that is kept: decided when the AF is opened again, or at the end. */
function leakExamples(rule: "close/context-leak" | "close/cm-leak"): readonly Example[] {
  const closed: readonly Entry[] = [
    [0, 1, 1, "open"],
    [10, 1, 6, "closePended", PENDING],
    [30, 1, 10, "vacant"],
  ];
  const inlined = inlineClose();
  return [
    { scenario: atOnce(39), entries: [...closed, [30, 1, rule, "vacant"], [30, 2, 1, "open"]] },
    {
      scenario: atOnce(15, {}, { pend: 0 }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 5, "vacant"],
        [10, 1, rule, "vacant"],
        [10, 2, 1, "open"],
      ],
    },
    {
      scenario: atOnce(11, {}, { inline: 1 }),
      entries: [...inlined.slice(0, -1), [10, 1, rule, "vacant"], ...inlined.slice(-1)],
    },
    // Nothing more can happen.
    {
      scenario: atOnce(
        39,
        {},
        {},
        {
          ...once,
          phases: [
            { kind: "run", ns: 1_500 },
            { kind: "drain", ns: 1e9 },
          ],
        },
      ),
      entries: [...closed, [30, 1, rule, "vacant"]],
    },
    // Older than the deadline at the end, and not yet.
    {
      scenario: atOnce(39, {}, {}, { ...once, deadlines: { openNs: 0, closeNs: 2_800 } }),
      entries: [...closed, [39, 1, rule, "vacant"]],
    },
    { scenario: atOnce(39, {}, {}, { ...once, deadlines: { openNs: 0, closeNs: 2_900 } }), entries: closed },
    // An open that fails has nothing to do with it.
    {
      scenario: atOnce(2, failing),
      entries: [
        [0, 1, 13, "vacant", RESOURCES],
        [1, 2, 13, "vacant", RESOURCES],
      ],
    },
  ];
}

/** What a client does while its close is pended, and not while it is completed inline. */
const whilePended = (violation: Entry): readonly Example[] => [
  { scenario: atOnce(39), entries: pendedClose({ pended: violation }) },
  { scenario: atOnce(11, {}, { inline: 1 }), entries: inlineClose() },
];

/** What a client does while its open is pended, whether it will succeed or fail. */
const whileOpening = (violation: (tick: number, generation: number) => Entry): readonly Example[] => [
  {
    scenario: atOnce(9, pendedOpen),
    entries: [[0, 1, 2, "openPended", PENDING], violation(0, 1), [7, 1, 3, "openCompleted"], [7, 1, 4, "open"]],
  },
  {
    scenario: atOnce(9, failingPended),
    entries: [
      [0, 1, 2, "openPended", PENDING],
      violation(0, 1),
      [7, 1, 14, "openFailed", RESOURCES],
      [7, 1, 15, "vacant", RESOURCES],
      [8, 2, 2, "openPended", PENDING],
      violation(8, 2),
    ],
  },
];

/** What a client does when its open has failed. */
const afterFailure = (violation: (tick: number) => Entry): readonly Example[] => [
  { scenario: atOnce(1, failing), entries: [[0, 1, 13, "vacant", RESOURCES], violation(0)] },
  {
    scenario: atOnce(8, failingPended),
    entries: [
      [0, 1, 2, "openPended", PENDING],
      [7, 1, 14, "openFailed", RESOURCES],
      [7, 1, 15, "vacant", RESOURCES],
      violation(7),
    ],
  },
  { scenario: atOnce(9), entries: [[0, 1, 1, "open"]] },
];

/** Faults about contexts, failing opens, outstanding work, waits and bindings. */
export const CONTEXT_FAULT_EXAMPLES = {
  "open-self-complete": whileOpening((tick, generation) => [tick, generation, "open/completes-once", "openPended"]),
  "early-close": whileOpening((tick, generation) => [
    tick,
    generation,
    "open/use-before-complete",
    "openPended",
    FAILURE,
  ]),
  "null-context": [
    {
      scenario: atOnce(9),
      entries: [
        [0, 1, "open/context", "vacant"],
        [0, 1, 1, "open"],
      ],
    },
    {
      scenario: atOnce(9, pendedOpen),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [7, 1, "open/context", "openPended"],
        [7, 1, 3, "openCompleted"],
        [7, 1, 4, "open"],
      ],
    },
    { scenario: atOnce(1, failing), entries: [[0, 1, 13, "vacant", RESOURCES]] },
  ],
  "no-unbind": [
    ...afterFailure((tick) => [tick, 1, "open/failed-unbind", "vacant"]),
    // The second failed open of the binding asks for nothing more.
    {
      scenario: atOnce(2, failing),
      entries: [
        [0, 1, 13, "vacant", RESOURCES],
        [0, 1, "open/failed-unbind", "vacant"],
        [1, 2, 13, "vacant", RESOURCES],
      ],
    },
    // A new binding does.
    {
      scenario: atOnce(0, failing, {}, { phases: [...unbindAt(2, 2), bindAll, { kind: "run", ns: 100 }] }),
      entries: [
        [0, 1, 13, "vacant", RESOURCES],
        [0, 1, "open/failed-unbind", "vacant"],
        [1, 2, 13, "vacant", RESOURCES],
        [4, 3, 13, "vacant", RESOURCES],
        [4, 3, "open/failed-unbind", "vacant"],
      ],
    },
  ],
  "failed-open-close": afterFailure((tick) => [tick, 1, "open/failed-handle", "vacant", FAILURE]),
  "failed-open-leak": [
    {
      scenario: atOnce(1, failing),
      entries: [
        [0, 1, "open/failed-handle", "vacant", RESOURCES],
        [0, 1, 13, "vacant", RESOURCES],
      ],
    },
    {
      scenario: atOnce(8, failingPended),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [7, 1, "open/failed-handle", "openPended", RESOURCES],
        [7, 1, 14, "openFailed", RESOURCES],
        [7, 1, 15, "vacant", RESOURCES],
      ],
    },
    { scenario: atOnce(9), entries: [[0, 1, 1, "open"]] },
  ],
  "outstanding-close": [
    {
      scenario: atOnce(39, {}, {}, withWork),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, "close/outstanding", "open", FAILURE],
        [10, 1, 16, "stranded", FAILURE],
      ],
    },
    { scenario: atOnce(39), entries: pendedClose({}) },
  ],
  "close-self-complete": whilePended([10, 1, "close/completes-once", "closePended"]),
  "early-release": whilePended([10, 1, "close/context-early", "closePended"]),
  "blocked-wait": whilePended([10, 1, "close/blocked", "closePended"]),
  "callback-wait": [
    // In the callback of the last teardown, and in no other.
    ...[withWork, withMoreWork].map((work) => ({
      scenario: atOnce(39, {}, {}, { ...work, ...fromWorkItem }),
      entries: closedAfterWork([13, 1, "close/blocked as a warning", "closePended"]),
    })),
    // In a DPC it would be more than a warning, and without work there is no such callback.
    { scenario: atOnce(39, {}, {}, withWork), entries: closedAfterWork() },
    { scenario: atOnce(39, {}, {}, fromWorkItem), entries: pendedClose({}) },
  ],
  "undrained-completion": [
    {
      scenario: atOnce(34, {}, { pend: 0 }, withWork),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 6, "closePended", PENDING],
        [10, 1, "close/undrained", "closePended"],
        [33, 1, 10, "vacant"],
        [33, 2, 1, "open"],
      ],
    },
    { scenario: atOnce(39), entries: pendedClose({}) },
  ],
  "context-leak": leakExamples("close/context-leak"),
  "close-return-status": [
    {
      scenario: atOnce(15, {}, { pend: 0 }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, "close/status", "open", NOT_ACCEPTED],
        [10, 1, 5, "vacant"],
        [10, 2, 1, "open"],
      ],
    },
    { scenario: atOnce(39), entries: pendedClose({}) },
  ],
  "cm-leak": leakExamples("close/cm-leak"),
  "forgotten-af": [
    {
      scenario: atOnce(0, {}, {}, { phases: unbindAt(4, 26) }),
      entries: [
        [0, 1, 1, "open"],
        [4, 1, "close/unbind", "open"],
        [4, 1, 17, "stranded"],
      ],
    },
    // What is closed already is not forgotten.
    { scenario: atOnce(0, {}, {}, { phases: unbindAt(12, 20) }), entries: pendedClose({}).slice(0, -1) },
  ],
  "early-close-adapter": [
    {
      scenario: atOnce(0, {}, {}, { phases: unbindAt(4, 26) }),
      entries: [
        [0, 1, 1, "open"],
        [4, 1, 6, "closePended", PENDING],
        [4, 1, "close/adapter", "closePended"],
        [24, 1, 10, "vacant"],
      ],
    },
    // Nothing is waited for.
    {
      scenario: atOnce(0, {}, { pend: 0 }, { phases: unbindAt(4, 26) }),
      entries: [
        [0, 1, 1, "open"],
        [4, 1, 5, "vacant"],
      ],
    },
  ],
} satisfies Readonly<Partial<Record<FaultId, readonly Example[]>>>;
