import type { FaultId } from "../../src/contract/faults.js";
import { PLAIN_CLIENT, ticks } from "./plain-scenario.js";
import {
  atOnce,
  costly,
  type Example,
  FAILURE,
  inlineClose,
  pendedClose,
  pendedOpen,
  PENDING,
} from "./fault-example.js";

/** Faults in completions, and in calls that come twice or too late. */
export const COMPLETION_FAULT_EXAMPLES = {
  "double-complete": [
    { scenario: atOnce(39), entries: pendedClose({ ended: [30, 1, "close/double-complete", "open"] }) },
    {
      scenario: atOnce(39, {}, {}, { client: { ...PLAIN_CLIENT, hold: ticks(10), think: ticks(9) }, ...costly }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 6, "closePended", PENDING],
        [30, 1, 9, "reporting"],
        [35, 1, 10, "vacant"],
        [35, 1, "close/double-complete", "vacant"],
      ],
    },
    { scenario: atOnce(11, {}, { inline: 1 }), entries: inlineClose() },
  ],
  "lost-completion": [
    {
      scenario: atOnce(39, {}, {}, { deadlines: { openNs: 12e9, closeNs: 2_800 } }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 6, "closePended", PENDING],
        [39, 1, "close/owed", "closePended"],
      ],
    },
    {
      scenario: atOnce(39, {}, {}, { deadlines: { openNs: 12e9, closeNs: 2_900 } }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 6, "closePended", PENDING],
      ],
    },
  ],
  "early-completion": [
    { scenario: atOnce(39), entries: pendedClose({ opened: [0, 1, "close/not-pended", "open"] }) },
    {
      // The adapter halts while the open is pended, so the AF is closed as soon as it is open.
      scenario: atOnce(
        8,
        pendedOpen,
        { pend: 0 },
        {
          phases: [
            { kind: "run", ns: 300 },
            { kind: "halt", adapters: [{ from: 0, to: 0 }] },
            { kind: "run", ns: 500 },
          ],
        },
      ),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [7, 1, 3, "openCompleted"],
        [7, 1, 4, "open"],
        [7, 1, "close/not-pended", "open"],
        [7, 1, 5, "vacant"],
      ],
    },
  ],
  "wrong-family": [
    { scenario: atOnce(39), entries: pendedClose({ completing: [30, 1, "close/family", "closePended"] }) },
  ],
  "completion-irql": [
    { scenario: atOnce(39), entries: pendedClose({ completing: [30, 1, "irql/caller", "closePended"] }) },
  ],
  "completion-status": [
    {
      scenario: atOnce(39),
      entries: pendedClose({ completing: [30, 1, "close/complete-status", "closePended", FAILURE] }),
    },
    {
      scenario: atOnce(34, {}, {}, costly),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 6, "closePended", PENDING],
        [30, 1, "close/complete-status", "closePended", FAILURE],
        [30, 1, 9, "reporting"],
      ],
    },
  ],
  "stale-completion": [
    {
      scenario: atOnce(15, {}, { pend: 0 }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 5, "vacant"],
        [10, 2, 1, "open"],
        [10, 1, "close/cm-stale", "open"],
      ],
    },
  ],
  "close-twice": [
    {
      scenario: atOnce(39),
      entries: pendedClose({ pended: [10, 1, "close/redundant", "closePended", FAILURE] }),
    },
    { scenario: atOnce(11, {}, { inline: 1 }), entries: inlineClose() },
  ],
  "stale-close": [
    { scenario: atOnce(39), entries: pendedClose({ ended: [30, 1, "close/client-stale", "open", FAILURE] }) },
    { scenario: atOnce(11, {}, { inline: 1 }), entries: inlineClose() },
  ],
  "open-irql": [
    {
      scenario: atOnce(9),
      entries: [
        [0, 1, "irql/caller", "vacant"],
        [0, 1, 1, "open"],
      ],
    },
  ],
  "lost-open-completion": [
    {
      scenario: atOnce(39, pendedOpen, {}, { deadlines: { openNs: 3_800, closeNs: 12e9 } }),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [39, 1, "open/owed", "openPended"],
      ],
    },
  ],
  "double-open-complete": [
    {
      scenario: atOnce(9, pendedOpen),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [7, 1, 3, "openCompleted"],
        [7, 1, "open/not-pended", "openCompleted"],
        [7, 1, 4, "open"],
      ],
    },
    {
      scenario: atOnce(9, pendedOpen, {}, { irql: "PASSIVE_LEVEL" }),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [7, 1, 3, "openCompleted"],
        [7, 1, 4, "open"],
        [7, 1, "open/not-pended", "open"],
      ],
    },
  ],
  "open-completion-status": [
    {
      scenario: atOnce(9, pendedOpen),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [7, 1, "open/status", "openPended", PENDING],
        [7, 1, 3, "openCompleted"],
        [7, 1, 4, "open"],
      ],
    },
  ],
} satisfies Readonly<Partial<Record<FaultId, readonly Example[]>>>;
