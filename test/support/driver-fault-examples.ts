import type { FaultId } from "../../src/contract/faults.js";
import type { CallManagerProfile, ClientProfile, Phase, Scenario } from "../../src/scenario/scenario.js";
import { atOnce, type Entry, type Example, FAILURE, PENDING, pendedOpen } from "./fault-example.js";
import { PLAIN_CLIENT, plainScenario } from "./plain-scenario.js";

/** What differs in a scenario with a halt. */
export interface Halting {
  /** Run for so many ticks before the halt, and after it. */
  readonly at?: number;
  readonly more?: number;
  readonly client?: Partial<ClientProfile>;
  readonly open?: Partial<CallManagerProfile["open"]>;
  readonly close?: Partial<CallManagerProfile["close"]>;
  readonly callManager?: Partial<CallManagerProfile>;
  readonly afs?: number;
  readonly deadlines?: Scenario["deadlines"];
  /** Whether the time after the halt is a drain. */
  readonly drained?: boolean;
}

/** AFs, by default one, that are open for 10 ticks and closing for 20, and whose adapter halts at tick 4. */
export function halting({
  at = 4,
  more = 26,
  client = {},
  drained = false,
  afs = 1,
  deadlines = { openNs: 12e9, closeNs: 12e9 },
  ...cm
}: Halting = {}): Scenario {
  const phases: readonly Phase[] = [
    { kind: "run", ns: at * 100 },
    { kind: "halt", adapters: [{ from: 0, to: 0 }] },
    { kind: drained ? "drain" : "run", ns: more * 100 },
  ];
  return plainScenario(
    {
      topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs },
      client: { ...PLAIN_CLIENT, ...client },
      phases,
      deadlines,
    },
    cm.open,
    cm.close,
    cm.callManager,
  );
}

/** Open at 0, notified at 4 and closed until 24; what a fault adds at the notification, at the close or at its end. */
const notified = (added: Partial<Record<"open" | "pended" | "ended", Entry>>): readonly Entry[] => {
  const list: readonly (Entry | undefined)[] = [
    [0, 1, 1, "open"],
    added.open,
    [4, 1, 6, "closePended", PENDING],
    added.pended,
    [24, 1, 10, "vacant"],
    added.ended,
  ];
  return list.filter((entry) => entry !== undefined);
};

const closedAtOnce: readonly Entry[] = [
  [0, 1, 1, "open"],
  [4, 1, 5, "vacant"],
];

/** Closed by itself at 10, before the adapter halts at 12. */
const closedBefore = (violation?: Entry): readonly Entry[] => [
  [0, 1, 1, "open"],
  [10, 1, 6, "closePended", PENDING],
  ...(violation === undefined ? [] : [violation]),
  [30, 1, 10, "vacant"],
];

const standalone = { kind: "standalone" } as const;
const pending: Partial<ClientProfile> = { notify: { pend: 1 } };
const work = (vcs: number, saps: number): Partial<ClientProfile> => ({
  outstanding: { vcs: { kind: "constant", count: vcs }, saps: { kind: "constant", count: saps } },
});
const closing = { notify: { closing: true } };
const deadline = (closeTicks: number) => ({ openNs: 12e9, closeNs: closeTicks * 100 });

const runFor = (ticks: number): Phase => ({ kind: "run", ns: ticks * 100 });
const all = [{ from: 0, to: 0 }];
const haltAll: Phase = { kind: "halt", adapters: all };
const unbindAll: Phase = { kind: "unbind", adapters: all, clients: all };

/** In either kind of call manager. */
const registering = (violation: Entry): readonly Example[] => {
  const entries: readonly Entry[] = [violation, [0, 1, 1, "open"]];
  return [
    { scenario: atOnce(9), entries },
    { scenario: plainScenario({ phases: [{ kind: "run", ns: 900 }] }, {}, {}, standalone), entries },
  ];
};

/** What a client does wrong inside ProtocolClNotifyCloseAf once its close is pended. */
const insideNotification = (violation: Entry): readonly Example[] => [
  { scenario: halting(), entries: notified({ pended: violation }) },
  { scenario: halting({ callManager: standalone }), entries: notified({ pended: violation }) },
  // Nothing is pended, or the notification was pended before the close.
  { scenario: halting({ close: { pend: 0 } }), entries: closedAtOnce },
  { scenario: halting({ client: pending }), entries: notified({}) },
  { scenario: halting({ at: 12, callManager: closing }), entries: closedBefore() },
];

/** Faults about coming up, and about halts and the notifications in them. */
export const DRIVER_FAULT_EXAMPLES = {
  "register-late": registering([0, 0, "register/place", "vacant"]),
  "register-twice": registering([0, 0, "register/duplicate", "vacant", FAILURE]),
  "register-irql": registering([0, 0, "irql/caller", "vacant"]),
  "forgotten-notify": [
    {
      scenario: halting(),
      entries: [
        [0, 1, 1, "open"],
        [4, 1, "notify/required", "open"],
        [4, 1, 18, "stranded"],
      ],
    },
    // Its open is pended at the halt.
    {
      scenario: halting({ open: pendedOpen }),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [7, 1, 3, "openCompleted"],
        [7, 1, 4, "open"],
        [7, 1, "notify/required", "open"],
        [7, 1, 18, "stranded"],
      ],
    },
    { scenario: halting({ at: 12, callManager: closing }), entries: closedBefore() },
    // Its client still closes it when it is unbound, later or already under way.
    {
      scenario: {
        ...halting(),
        phases: [runFor(4), haltAll, runFor(2), unbindAll, runFor(20), { kind: "drain", ns: 1e6 }],
      },
      entries: [
        [0, 1, 1, "open"],
        [4, 1, "notify/required", "open"],
        [4, 1, 18, "stranded"],
        [6, 1, 23, "open"],
        [6, 1, 6, "closePended", PENDING],
        [26, 1, 10, "vacant"],
      ],
    },
    {
      scenario: { ...halting({ open: pendedOpen }), phases: [runFor(3), unbindAll, haltAll, runFor(30)] },
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [7, 1, 3, "openCompleted"],
        [7, 1, 4, "open"],
        [7, 1, "notify/required", "open"],
        [7, 1, 6, "closePended", PENDING],
        [27, 1, 10, "vacant"],
      ],
    },
  ],
  "notify-irql": [
    { scenario: halting(), entries: notified({ open: [4, 1, "irql/caller", "open"] }) },
    { scenario: halting({ client: pending }), entries: notified({ open: [4, 1, "irql/caller", "open"] }) },
    { scenario: halting({ at: 12 }), entries: closedBefore() },
    {
      scenario: halting({ at: 12, callManager: closing }),
      entries: closedBefore([12, 1, "irql/caller", "closePended"]),
    },
  ],
  "saps-first": [
    ...[work(1, 2), { ...work(1, 2), ...pending }].map((client) => ({
      scenario: halting({ client }),
      // Torn down in 3 ticks, and then served for 20.
      entries: [
        [0, 1, 1, "open"],
        [4, 1, "notify/order", "open"],
        [4, 1, 6, "closePended", PENDING],
        [27, 1, 10, "vacant"],
      ] satisfies readonly Entry[],
    })),
    // A client that closes on its own account may do so in any order.
    {
      scenario: halting({ at: 12, client: work(1, 2) }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 6, "closePended", PENDING],
        [33, 1, 10, "vacant"],
      ],
    },
  ],
  "notify-wait": insideNotification([4, 1, "close/blocked", "closePended"]),
  "notify-success": insideNotification([4, 1, "notify/owed", "closePended"]),
  "lost-notify-completion": [
    // The close was asked for at 4, and the run ends at 30.
    { scenario: halting({ deadlines: deadline(25) }), entries: notified({ ended: [30, 1, "notify/owed", "vacant"] }) },
    { scenario: halting({ deadlines: deadline(26) }), entries: notified({}) },
    // Nothing more can happen.
    { scenario: halting({ drained: true }), entries: notified({ ended: [24, 1, "notify/owed", "vacant"] }) },
    {
      scenario: halting({ client: pending, close: { pend: 0 }, drained: true }),
      // The last event is the end of the hold that the halt has cut short.
      entries: [...closedAtOnce, [10, 1, "notify/owed", "vacant"]],
    },
    { scenario: halting({ close: { pend: 0 }, drained: true }), entries: closedAtOnce },
    // While the close is pended it is the call manager who owes.
    { scenario: halting({ more: 16, deadlines: deadline(16) }), entries: notified({}).slice(0, 2) },
  ],
  "early-notify-completion": [
    { scenario: halting(), entries: notified({ pended: [4, 1, "notify/owed", "closePended"] }) },
    { scenario: halting({ client: pending }), entries: notified({ pended: [4, 1, "notify/owed", "closePended"] }) },
    { scenario: halting({ client: pending, close: { pend: 0 } }), entries: closedAtOnce },
  ],
  "double-notify-completion": [
    { scenario: halting(), entries: notified({ ended: [24, 1, "notify/owed", "vacant"] }) },
    {
      scenario: halting({ client: pending, close: { pend: 0 } }),
      entries: [...closedAtOnce, [4, 1, "notify/owed", "vacant"]],
    },
    // The close was completed inside ProtocolClNotifyCloseAf, so nothing is owed.
    {
      scenario: halting({ close: { inline: 1 } }),
      entries: [
        [0, 1, 1, "open"],
        [4, 1, 7, "completedEarly"],
        [4, 1, 8, "vacant", PENDING],
      ],
    },
  ],
  "cm-early-close-adapter": [
    {
      scenario: halting({ callManager: standalone }),
      entries: notified({ pended: [4, 1, "close/adapter", "closePended"] }),
    },
    // An MCM has no binding, and with nothing under way a stand-alone call manager closes it in time.
    { scenario: halting(), entries: notified({}) },
    { scenario: halting({ callManager: standalone, close: { pend: 0 } }), entries: closedAtOnce },
    // It waits for a close that began before.
    {
      scenario: halting({ at: 12, callManager: standalone }),
      entries: closedBefore([12, 1, "close/adapter", "closePended"]),
    },
  ],
  "close-adapter-irql": [
    {
      scenario: { ...halting(), phases: [runFor(4), unbindAll, runFor(26)] },
      entries: notified({ ended: [24, 0, "irql/caller", "vacant"] }),
    },
    // Nothing is waited for.
    {
      scenario: { ...halting({ close: { pend: 0 } }), phases: [runFor(4), unbindAll, runFor(26)] },
      entries: [...closedAtOnce, [4, 0, "irql/caller", "vacant"]],
    },
    // It has not ended, or a call manager is unbound.
    { scenario: { ...halting(), phases: [runFor(4), unbindAll, runFor(19)] }, entries: notified({}).slice(0, 2) },
    { scenario: halting({ callManager: standalone }), entries: notified({}) },
  ],
  "cm-close-adapter-irql": [
    {
      scenario: halting({ callManager: standalone }),
      entries: notified({ ended: [24, 0, "irql/caller", "vacant"] }),
    },
    {
      scenario: halting({ callManager: standalone, close: { pend: 0 } }),
      entries: [...closedAtOnce, [4, 0, "irql/caller", "vacant"]],
    },
    // An MCM has no binding; a client is no call manager.
    { scenario: halting(), entries: notified({}) },
    { scenario: { ...halting(), phases: [runFor(4), unbindAll, runFor(26)] }, entries: notified({}) },
  ],
} satisfies Readonly<Partial<Record<FaultId, readonly Example[]>>>;
