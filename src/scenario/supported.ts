import { InputError } from "./input-error.js";
import type { Scenario } from "./scenario.js";

/**
 * Refuses what the reference model simulates and the kernel does not yet, so that no run silently leaves it out.
 * @throws InputError
 */
export function checkSupported({ phases }: Scenario): void {
  const index = phases.findIndex(({ kind }) => kind === "unbind" || kind === "bind");
  if (index >= 0) throw new InputError(`phases.${index}: ${phases[index]?.kind} is not simulated by this version yet`);
}
