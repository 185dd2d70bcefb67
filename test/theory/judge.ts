/** Compares what theory predicts with what the kernel simulates. */
import { isWithin, type Limits } from "./batch-means.js";

/** A theory that does not hold, and what it predicts. */
export interface WrongTheory {
  readonly theory: string;
  readonly predicted: number;
}

/** A number that theory predicts. */
export interface Claim {
  /** With its unit. */
  readonly what: string;
  readonly predicted: number;
  /** The simulation must tell these from the truth. */
  readonly wrong: readonly WrongTheory[];
}

/**
 * Probability that limits miss what they are for. The suite judges fewer than 80 numbers, so that a correct kernel fails anywhere in it
 * with a probability of at most 0.8 %, however the numbers depend on each other. The luck is fixed: seed 1 everywhere, the first one tried.
 */
export const MISS = 1e-4;

export interface Verdict {
  readonly claim: Claim;
  readonly limits: Limits;
  readonly holds: boolean;
  /** Wrong theories that the limits do not exclude. */
  readonly notExcluded: readonly WrongTheory[];
}

export function judge(claim: Claim, limits: Limits): Verdict {
  return {
    claim,
    limits,
    holds: isWithin(limits, claim.predicted),
    notExcluded: claim.wrong.filter(({ predicted }) => isWithin(limits, predicted)),
  };
}

/** Four significant digits. */
function format(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** What theory says against what was simulated, as a table of Markdown. */
export function formatTable(
  models: readonly { readonly name: string; readonly verdicts: readonly Verdict[] }[],
): string {
  const rows = models.flatMap(({ name, verdicts }) =>
    verdicts.map(({ claim: { what, predicted }, limits: { mean, low, high } }) => [
      name,
      what,
      format(predicted),
      format(mean),
      `${format(low)} to ${format(high)}`,
    ]),
  );
  const table = [
    ["model", "measured", "predicted", "simulated", "limits"],
    ["---", "---", "--:", "--:", "--:"],
    ...rows,
  ];
  return table.map((row) => `| ${row.join(" | ")} |\n`).join("");
}
