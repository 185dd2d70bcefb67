/** Lengths of phases in virtual time. */
import type { Phase, Scenario } from "./scenario.js";

/** A halt has no length. */
export function lengthNsOf(phase: Phase): number {
  return phase.kind === "halt" ? 0 : phase.ns;
}

/** Of all phases together; a drain may end earlier. */
export function virtualNsOf({ phases }: Pick<Scenario, "phases">): number {
  return phases.reduce((ns, phase) => ns + lengthNsOf(phase), 0);
}
