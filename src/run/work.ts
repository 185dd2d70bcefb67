import { buildCountTable } from "../contract/count-table.js";
import type { ClientProfile, CountDistribution } from "../scenario/scenario.js";

/** What is on an AF, VCs and SAPs together. */
function both({ outstanding: { vcs, saps } }: ClientProfile, of: (counts: CountDistribution) => number): number {
  return of(vcs) + of(saps);
}

/** Mean number of VCs and SAPs on an AF. */
export function meanWork(client: ClientProfile): number {
  return both(client, (counts) => (counts.kind === "constant" ? counts.count : counts.mean));
}

/** Share of AFs that have any. */
export function shareWithWork({ outstanding: { vcs, saps } }: ClientProfile): number {
  // Below the first threshold of a count's table there is none.
  const shareOfNone = (counts: CountDistribution): number => (buildCountTable(counts)[0] ?? 2 ** 32) / 2 ** 32;
  return 1 - shareOfNone(vcs) * shareOfNone(saps);
}

/** The most VCs and SAPs that an AF can have. */
export function mostWork(client: ClientProfile): number {
  return both(client, (counts) => buildCountTable(counts).length);
}
