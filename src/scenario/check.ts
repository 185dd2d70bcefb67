/** What a check across fields is, and the checks that stand in several places. */
import { PROBABILITY_MIN, TICKS_MAX } from "./limits.js";
import type { Path } from "./load.js";
import type { Scenario } from "./scenario.js";
import { formatDuration } from "./units.js";

export interface Problem {
  /** The fields that together make the problem, the likeliest culprit first. */
  readonly at: readonly Path[];
  readonly message: string;
  readonly suggestion?: string | undefined;
}

export interface Check<Subject> {
  /** Relative to the subject. */
  readonly at: readonly Path[];
  holds(subject: Subject, scenario: Scenario): boolean;
  message(subject: Subject, scenario: Scenario): string;
  suggestion?(subject: Subject, scenario: Scenario): string | undefined;
}

export const onTick = (ns: number, scenario: Scenario) => ns % scenario.tickNs === 0;
export const inTicks = (ns: number, scenario: Scenario) => ns / scenario.tickNs <= TICKS_MAX;
export const notOnTick = (ns: number, scenario: Scenario) =>
  `${formatDuration(ns)} is not a multiple of the tick, ${formatDuration(scenario.tickNs)}`;
export const longest = (scenario: Scenario) => `${formatDuration(TICKS_MAX * scenario.tickNs)}, 2^32 - 1 ticks`;
export const notInTicks = (ns: number, scenario: Scenario) =>
  `${formatDuration(ns)} is longer than virtual time can be at a tick of ${formatDuration(scenario.tickNs)}: at most ${longest(scenario)}`;

/** A fixed time that the kernel counts in ticks. */
export function tickChecks<Subject>(at: Path, ns: (subject: Subject) => number): Check<Subject>[] {
  return [
    {
      at: [at, ["tick"]],
      holds: (s, scenario) => onTick(ns(s), scenario),
      message: (s, scenario) => notOnTick(ns(s), scenario),
    },
    {
      at: [at, ["tick"]],
      holds: (s, scenario) => inTicks(ns(s), scenario),
      message: (s, scenario) => notInTicks(ns(s), scenario),
    },
  ];
}

/** Draws have 32 bits: what is smaller would never happen, in silence. */
export function probabilityCheck<Subject>(at: Path, probability: (subject: Subject) => number): Check<Subject> {
  return {
    at: [at],
    holds: (subject) => probability(subject) === 0 || probability(subject) >= PROBABILITY_MIN,
    message: (subject) =>
      `${probability(subject)} is smaller than the smallest probability above 0, ${PROBABILITY_MIN} (2^-32); write 0 for never`,
  };
}
