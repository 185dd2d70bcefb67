/** Simulates models and judges their latencies by batch means. */
import { batchMeans, percentileLimits, studentLimits, type Limits } from "./batch-means.js";
import { judge, MISS, type Verdict } from "./judge.js";
import type { LatencyClaim, Model } from "./models.js";
import { simulate, type Simulation } from "./simulate.js";

/** Each machine is a replication of its own, cut into so many batches: thousands of closes, over hundreds of relaxation times. */
const BATCHES_EACH = 4;

export interface JudgedModel {
  readonly name: string;
  readonly simulation: Simulation;
  readonly verdicts: readonly Verdict[];
}

function limitsOf(claim: LatencyClaim, { latencies }: Simulation, tickNs: number): Limits {
  if (!("share" in claim)) {
    const means = latencies.flatMap((sequence) => batchMeans(sequence.map(claim.meanOf), BATCHES_EACH));
    return studentLimits(means, MISS);
  }
  const { mean, low, high } = percentileLimits(latencies, claim.share, BATCHES_EACH, MISS, tickNs);
  return { mean: claim.unit(mean), low: claim.unit(low), high: claim.unit(high) };
}

const judged = new Map<Model, JudgedModel>();

/** Simulates and judges a model, once. */
export function judgeModel(model: Model): JudgedModel {
  const known = judged.get(model);
  if (known !== undefined) return known;
  const simulation = simulate(model.scenario);
  const verdicts = model.claims.map((claim) => judge(claim, limitsOf(claim, simulation, model.scenario.tickNs)));
  const result = { name: model.name, simulation, verdicts };
  judged.set(model, result);
  return result;
}
