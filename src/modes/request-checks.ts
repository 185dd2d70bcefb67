import { LANES_LIMIT } from "../run/live-plan.js";
import type { AfRange, TraceFilter } from "../run/plan.js";
import { virtualNsOf } from "../scenario/phases.js";
import type { Scenario } from "../scenario/scenario.js";
import { InputError } from "../scenario/input-error.js";
import { formatDuration } from "../scenario/units.js";

/** What a run can be asked for besides its scenario: bounds, both included. More shards than machines are refused by the plan. */
export const COUNT_BOUNDS = {
  shards: { least: 1, most: Infinity },
  workers: { least: 1, most: 1024 },
  repeat: { least: 1, most: 1000 },
  lanes: { least: 1, most: LANES_LIMIT },
} as const;

export type CountName = keyof typeof COUNT_BOUNDS;

/**
 * A number of shards, workers, lanes or repetitions.
 *
 * @returns the count
 * @throws InputError when it is none
 */
export function checkCount(name: CountName, count: number): number {
  const { least, most } = COUNT_BOUNDS[name];
  if (count < least && most === Infinity) throw new InputError(`${count} is less than ${least}`);
  if (count < least || count > most) throw new InputError(`${count} is not between ${least} and ${most}`);
  if (!Number.isSafeInteger(count)) throw new InputError(`${count} is not a whole number`);
  return count;
}

/**
 * @param afs of the scenario, or Infinity when it is not known yet
 * @throws InputError when there are no such AFs
 */
export function checkAfRange(range: AfRange, afs: number): AfRange {
  const { from, to } = range;
  for (const index of [from, to]) {
    if (!Number.isSafeInteger(index) || index < 0) throw new InputError(`${index} is not an AF index`);
  }
  if (from > to) throw new InputError(`${from}-${to} is empty: ${from} is greater than ${to}`);
  if (to >= afs) throw new InputError(`${to} is not an AF index: the scenario has AFs 0 to ${afs - 1}`);
  return range;
}

type TimeRange = NonNullable<TraceFilter["timeNs"]>;

/**
 * @param endNs when the run ends, or Infinity when it is not known yet
 * @throws InputError when none of the run's virtual time lies in it
 */
export function checkTimeRange(range: TimeRange, endNs: number): TimeRange {
  const { from, to } = range;
  for (const ns of [from, to]) {
    if (!Number.isFinite(ns) || ns < 0) throw new InputError(`${ns} is not a virtual time in nanoseconds`);
  }
  const [first, last] = [formatDuration(from), formatDuration(to)];
  if (from >= endNs) throw new InputError(`${first}..${last} begins when the run is over, at ${formatDuration(endNs)}`);
  if (from < to) return range;
  throw new InputError(`${first}..${last} is empty: ${first} is not before ${last}`);
}

/**
 * Checks what a run is asked for besides its scenario.
 *
 * @param options null where nothing is asked for
 * @throws InputError for the first problem, with the option's name
 */
export function checkRequest(
  options: Readonly<Record<"shards" | "workers" | "repeat", number | null>> & {
    readonly trace: { readonly filter: TraceFilter } | null;
  },
  scenario: Scenario,
): void {
  for (const name of ["shards", "workers", "repeat"] as const) {
    const count = options[name];
    if (count !== null) naming(name, () => checkCount(name, count));
  }
  const { afs: ranges = null, timeNs = null } = options.trace?.filter ?? {};
  if (ranges?.length === 0) throw new InputError("trace.afs: there is no AF in it");
  for (const range of ranges ?? []) naming("trace.afs", () => checkAfRange(range, scenario.topology.afs));
  if (timeNs !== null) naming("trace.timeNs", () => checkTimeRange(timeNs, virtualNsOf(scenario)));
}

/**
 * Puts the name of what is checked before a problem's message.
 *
 * @throws InputError when `check` does
 */
export function naming<Value>(name: string, check: () => Value): Value {
  try {
    return check();
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${name}: ${error.message}`, error.details);
    throw error;
  }
}
