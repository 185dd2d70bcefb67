/** Lengths of phases in virtual time. */
import type { Phase, Scenario } from "./scenario.js";

/** A phase in which time passes; the others are points in time. */
export type TimedPhase = Extract<Phase, { readonly ns: number }>;

export function isTimed(phase: Phase): phase is TimedPhase {
  return "ns" in phase;
}

/** Length of a phase; 0 of a point in time. */
export function lengthNs(phase: Phase): number {
  return isTimed(phase) ? phase.ns : 0;
}

/** Of all phases together; a drain may end earlier. */
export function virtualNsOf({ phases }: Pick<Scenario, "phases">): number {
  return phases.reduce((ns, phase) => ns + lengthNs(phase), 0);
}

/** When the last warm-up ends; 0 without any. */
export function measuredFromNs({ phases }: Pick<Scenario, "phases">): number {
  return virtualNsOf({ phases: phases.slice(0, phases.findLastIndex(({ kind }) => kind === "warmup") + 1) });
}
