/** How a user writes a distribution of times. */
import * as z from "./zod.js";
import { duration, durationWithin, number, oneOf, probability } from "./fields.js";
import type { Distribution } from "./scenario.js";

const someTime = durationWithin(1, Number.MAX_SAFE_INTEGER, "more than 0, or write {constant: 0}");

/** A distribution of times. */
export const distribution = oneOf({
  constant: duration
    .transform((ns): Distribution => ({ kind: "constant", ns }))
    .meta({ description: "Always this; a multiple of the tick." }),
  uniform: z
    .strictObject({ from: duration, to: duration })
    .transform(({ from, to }): Distribution => ({ kind: "uniform", fromNs: from, toNs: to }))
    .meta({ description: "Between two times, all equally likely." }),
  exponential: someTime
    .transform((meanNs): Distribution => ({ kind: "exponential", meanNs }))
    .meta({ description: "The mean." }),
  lognormal: z
    .strictObject({ mean: someTime, sigma: number(0, 5) })
    .transform(({ mean, sigma }): Distribution => ({ kind: "lognormal", meanNs: mean, sigma }))
    .meta({ description: "The mean of the times and the standard deviation of their logarithms." }),
  pareto: z
    .strictObject({ min: someTime, alpha: number(0.01, 1000) })
    .transform(({ min, alpha }): Distribution => ({ kind: "pareto", minNs: min, alpha }))
    .meta({ description: "Heavy tail: longer than t with probability (min / t) ^ alpha." }),
  empirical: z
    .array(z.tuple([probability, duration], { error: "expected [probability, time], such as [0.5, 20us]" }))
    .transform((points): Distribution => ({ kind: "empirical", points: points.map(([p, ns]) => ({ p, ns })) }))
    .meta({ description: "Quantiles as [probability, time], from probability 0 to 1, straight lines between them." }),
});
