import { beforeAll, describe, expect, it } from "vitest";
import type { RuleId } from "../../src/contract/rules.js";
import type { Phase, Scenario } from "../../src/scenario/scenario.js";
import { PLAIN_CLIENT, plainScenario } from "../support/plain-scenario.js";
import { runKernel } from "../support/run-kernel.js";
import { buildKernel, type PlantedMistake } from "../support/wrong-kernel.js";

/** A mistake of NDIS, which the kernel itself is to report. */
interface WrongNdis extends PlantedMistake {
  readonly mistake: string;
  readonly rule: RuleId;
  readonly violations: number;
  readonly scenario: keyof typeof PHASES;
}

const START_NOTIFICATIONS =
  "for (let client: u32 = 0; client < clients; client++) callRegisterNotify<M>(machine, 0, client);";
const START_BINDS = "for (let client: u32 = 0; client < clients; client++) callBind<M>(machine, 0, client);";
const LATER_NOTIFICATION = "  callRegisterNotify<M>(machine, now, client);\n";
const TOLD = "tellCallManager<M>(machine, now, slot, word, callManager, frame, who, status);";
const REGISTRATION = { file: "ndis/registration.ts", rule: "register/fan-out", scenario: "coming and going" } as const;
const NOTIFICATION = { file: "ndis/notify.ts", rule: "notify/completes-once", scenario: "halting" } as const;

/** Two adapters of two clients; of two AFs each, one client of each adapter is unbound and bound again. */
const SIZES = { machines: 1, adaptersPerMachine: 2, clientsPerAdapter: 2, afs: 8 };
const ALL = [{ from: 0, to: 1 }];
const FIRST = [{ from: 0, to: 0 }];

const BINDINGS = { adapters: ALL, clients: FIRST };
const RUN: Phase = { kind: "run", ns: 3_000 };
const DRAIN: Phase = { kind: "drain", ns: 1e6 };
const PHASES = {
  "coming and going": [RUN, { kind: "unbind", ...BINDINGS }, RUN, { kind: "bind", ...BINDINGS }, RUN, DRAIN],
  halting: [{ kind: "run", ns: 400 }, { kind: "halt", adapters: ALL }, DRAIN],
  "coming too late": [
    RUN,
    { kind: "unbind", ...BINDINGS },
    RUN,
    { kind: "halt", adapters: ALL },
    RUN,
    { kind: "bind", ...BINDINGS },
    RUN,
    DRAIN,
  ],
} as const satisfies Readonly<Record<string, readonly Phase[]>>;

const WRONG: readonly WrongNdis[] = [
  {
    mistake: "notifies clients that are bound when the call manager has gone",
    file: "ndis/bindings.ts",
    rule: "register/fan-out",
    scenario: "coming too late",
    right:
      "if (load<u32>(machine, MACHINE_BINDINGS) == 0 || load<u32>(callManagerOf(machine, adapter), CM_HALTED)) return;",
    wrong: "",
    violations: 2,
  },
  {
    ...REGISTRATION,
    mistake: "has not notified clients when their call manager goes",
    scenario: "halting",
    right: START_NOTIFICATIONS,
    wrong: "",
    violations: 4,
  },
  {
    ...REGISTRATION,
    mistake: "notifies no client at the start",
    right: START_NOTIFICATIONS,
    wrong: "",
    // Two of the four when they are unbound, two at the end; the two that are bound again are notified.
    violations: 4,
  },
  {
    ...REGISTRATION,
    mistake: "notifies every client but the last",
    right: START_NOTIFICATIONS,
    wrong: START_NOTIFICATIONS.replace("client < clients", "client < clients - 1"),
    violations: 1,
  },
  {
    ...REGISTRATION,
    mistake: "notifies clients twice at the start",
    right: START_NOTIFICATIONS,
    wrong: START_NOTIFICATIONS + START_NOTIFICATIONS,
    violations: 4,
  },
  {
    ...REGISTRATION,
    mistake: "notifies clients of an address family before they are bound",
    right: START_BINDS,
    wrong: START_NOTIFICATIONS + START_BINDS,
    // Then again, in time.
    violations: 4,
  },
  {
    ...REGISTRATION,
    mistake: "notifies clients inside ProtocolBindAdapterEx",
    right: "  endCall<M>(machine, now, OP_BINDING_CALL, client, CALL_BIND_ADAPTER, frame, STATUS_SUCCESS);",
    wrong:
      "  callRegisterNotify<M>(machine, now, client); endCall<M>(machine, now, OP_BINDING_CALL, client, CALL_BIND_ADAPTER, frame, STATUS_SUCCESS);",
    // Four at the start, two later.
    violations: 6,
  },
  {
    ...REGISTRATION,
    mistake: "binds and notifies clients before call managers have come up",
    right: "for (let adapter: u32 = 0; adapter < adapters; adapter++) comeUp<M>(machine, adapter);",
    wrong: `${START_BINDS}${START_NOTIFICATIONS}for (let adapter: u32 = 0; adapter < adapters; adapter++) comeUp<M>(machine, adapter);`,
    // They are bound and notified a second time, in time.
    violations: 4,
  },
  {
    ...REGISTRATION,
    file: "ndis/bindings.ts",
    mistake: "does not notify a client that binds later",
    right: LATER_NOTIFICATION,
    wrong: "",
    violations: 2,
  },
  {
    ...REGISTRATION,
    file: "ndis/bindings.ts",
    mistake: "notifies a client that binds later twice",
    right: LATER_NOTIFICATION,
    wrong: LATER_NOTIFICATION + LATER_NOTIFICATION,
    violations: 2,
  },
  {
    ...REGISTRATION,
    mistake: "notifies clients at DISPATCH_LEVEL",
    rule: "irql/callback",
    right: "callOnce<M>(machine, now, OP_BINDING_CALL, client, CALL_REGISTER_NOTIFY, 0, STATUS_NONE);",
    wrong: "callOnce<M>(machine, now, OP_BINDING_CALL, client, CALL_REGISTER_NOTIFY, 0, STATUS_NONE, DISPATCH_LEVEL);",
    violations: 6,
  },
  {
    ...NOTIFICATION,
    mistake: "never tells the call manager that a notification is completed",
    right: TOLD,
    wrong: "",
    violations: 8,
  },
  {
    ...NOTIFICATION,
    mistake: "tells the call manager twice",
    right: TOLD,
    wrong: TOLD + TOLD,
    violations: 8,
  },
  {
    ...NOTIFICATION,
    mistake: "tells the call manager another status than the client's",
    right: TOLD,
    wrong: TOLD.replace("status)", "STATUS_FAILURE)"),
    violations: 8,
  },
  {
    ...NOTIFICATION,
    mistake: "tells the call manager before the client has completed the notification",
    right: "observeNotifyCompletion(machine, slot, status);",
    wrong: `${TOLD} observeNotifyCompletion(machine, slot, status);`,
    // And then once more: what was delivered takes with it that it was pended.
    violations: 16,
  },
  {
    ...NOTIFICATION,
    mistake: "tells the call manager of notifications that were not pended",
    right: "observeAnswer(machine, slot, status);",
    wrong: "observeAnswer(machine, slot, STATUS_SUCCESS);",
    violations: 8,
  },
];

const scenarioOf = (name: WrongNdis["scenario"]): Scenario =>
  plainScenario({ topology: SIZES, client: PLAIN_CLIENT, phases: PHASES[name] });

/** All that a kernel says was broken, of both kinds. */
function brokenIn(module: WebAssembly.Module, name: WrongNdis["scenario"]): Readonly<Record<string, number>> {
  const { violationsByRule, warningsByRule } = runKernel(scenarioOf(name), { module }).merged;
  return { ...violationsByRule, ...warningsByRule };
}

describe("a kernel whose NDIS", () => {
  let right: WebAssembly.Module;

  beforeAll(async () => {
    right = await buildKernel(null);
  });

  it("does as it should breaks no rule", () => {
    for (const name of Object.keys(PHASES) as (keyof typeof PHASES)[]) expect(brokenIn(right, name)).toEqual({});
  });

  it.each(WRONG.map((wrong) => [wrong.mistake, wrong.rule, wrong] as const))(
    "%s breaks %s, and says so itself",
    async (_, rule, wrong) => {
      expect(brokenIn(await buildKernel(wrong), wrong.scenario)).toEqual({ [rule]: wrong.violations });
    },
  );
});
