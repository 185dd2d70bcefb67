/** Faults step by step: what is folded into the digest of one AF, worked out by hand. */
import type { FaultId } from "../../src/contract/faults.js";
import {
  OBJECT_STATES,
  type PartyState,
  type SapState,
  type VcState,
} from "../../src/contract/reference-object-states.js";
import { foldNumbers, foldRun, type State, STATES, violationCode } from "../../src/contract/reference-states.js";
import { ruleForm } from "../../src/contract/rule-forms.js";
import { type RuleId, ruleOf } from "../../src/contract/rules.js";
import type { StatusName } from "../../src/contract/statuses.js";
import type { CallManagerProfile, Fault, Scenario } from "../../src/scenario/scenario.js";
import { PLAIN_CLIENT, plainScenario, ticks } from "./plain-scenario.js";

/** A fault that strikes an AF, by default AF 0, at every opportunity. */
export const always = (kind: FaultId, at = 0): Fault => ({ kind, rate: null, at: [at] });

/** The warning form of a rule. */
const BLOCKED_IN_CALLBACK = "close/blocked as a warning";
export type Broken = RuleId | typeof BLOCKED_IN_CALLBACK;

/** The rule that is broken, and whether that is a warning. */
export function brokenRule(broken: Broken): { readonly rule: RuleId; readonly warning: boolean } {
  if (broken === BLOCKED_IN_CALLBACK) return { rule: "close/blocked", warning: true };
  return { rule: broken, warning: ruleOf(broken).warning };
}

/** What stands for it in the digest. */
function codeOf(broken: Broken): number {
  const { rule, warning } = brokenRule(broken);
  return violationCode(ruleForm(rule, warning && !ruleOf(rule).warning ? "warning" : "full"));
}

/** The state of an AF, or of what hangs on one. */
type AnyState = State | `sap ${SapState}` | `vc ${VcState}` | `party ${PartyState}`;

/** What stands for it in the digest. */
function numberOf(state: AnyState): number {
  const [kind, name] = state.split(" ");
  if (name === undefined) return STATES[state as State];
  return (OBJECT_STATES[kind as keyof typeof OBJECT_STATES] as Readonly<Record<string, number>>)[name]!;
}

/** Tick, generation, the transition's code or the rule that is broken, the state after it, status, slot or index (by default 0). */
export type Entry = readonly [number, number, number | Broken, AnyState, StatusName?, number?];

export interface Example {
  /** The AF that the fault strikes, if it is not AF 0. */
  readonly at?: number;
  readonly scenario: Scenario;
  readonly entries: readonly Entry[];
}

export const SUCCESS = "NDIS_STATUS_SUCCESS";
export const PENDING = "NDIS_STATUS_PENDING";
export const FAILURE = "NDIS_STATUS_FAILURE";
export const RESOURCES = "NDIS_STATUS_RESOURCES";
export const NOT_ACCEPTED = "NDIS_STATUS_NOT_ACCEPTED";

/** One AF that is open for 10 ticks and opens again as soon as its close has ended. */
export function atOnce(
  runTicks: number,
  open: Partial<CallManagerProfile["open"]> = {},
  close: Partial<CallManagerProfile["close"]> = {},
  fields: Partial<Scenario> & Partial<CallManagerProfile> = {},
): Scenario {
  const { irql = "DISPATCH_LEVEL", ...rest } = fields;
  return plainScenario(
    {
      client: { ...PLAIN_CLIENT, hold: ticks(10), think: ticks(0) },
      phases: [{ kind: "run", ns: runTicks * 100 }],
      ...rest,
    },
    open,
    close,
    { irql },
  );
}

/** Synchronous open at 0, close pended at 10, completed at 30 and opened again; where a fault adds its violation. */
export function pendedClose(
  added: Partial<Record<"opened" | "pended" | "completing" | "ended", Entry>>,
): readonly Entry[] {
  const list: readonly (Entry | undefined)[] = [
    [0, 1, 1, "open"],
    added.opened,
    [10, 1, 6, "closePended", PENDING],
    added.pended,
    added.completing,
    [30, 1, 10, "vacant"],
    [30, 2, 1, "open"],
    added.opened && [30, 2, added.opened[2], "open"],
    added.ended,
  ];
  return list.filter((entry) => entry !== undefined);
}

export const pendedOpen = { pend: 1 };
export const costly = { processors: { count: 1, dpcBudget: 1, completionCostNs: 500 } };

/** Open at 0; the close at 10 is completed inline, and the AF opened again. */
export function inlineClose(): readonly Entry[] {
  return [
    [0, 1, 1, "open"],
    [10, 1, 7, "completedEarly"],
    [10, 1, 8, "vacant", PENDING],
    [10, 2, 1, "open"],
  ];
}

/** The digest of a run with one call manager. */
export function digestOf(entries: readonly Entry[]): string {
  const digest = entries.reduce((sum, [tick, generation, what, state, status = SUCCESS, index = 0]) => {
    const code = typeof what === "number" ? what : codeOf(what);
    return foldNumbers(sum, { tick, index, generation, code, state: numberOf(state), status });
  }, 0n);
  return foldRun([digest]);
}
