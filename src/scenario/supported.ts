import { InputError } from "./input-error.js";
import type { Scenario } from "./scenario.js";

/**
 * Refuses what the reference model simulates and the kernel does not yet, so that no run silently leaves it out.
 * @throws InputError
 */
export function checkSupported({ callManagers, client }: Scenario): void {
  const { vcs, saps } = client.outstanding;
  const used: readonly [string, boolean][] = [
    ["callManager.open.fail", callManagers.some(({ open }) => open.fail > 0)],
    ["client.wait", client.wait > 0],
    ["client.outstanding.vcs", vcs.kind === "poisson" || vcs.count > 0],
    ["client.outstanding.saps", saps.kind === "poisson" || saps.count > 0],
  ];
  const field = used.find(([, isUsed]) => isUsed)?.[0];
  if (field !== undefined) throw new InputError(`${field}: not simulated by this version yet, so only 0`);
}
