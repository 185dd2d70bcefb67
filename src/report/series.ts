/** The steps of a time series, for reports. */

import type { ResultSeries } from "../result/schema.js";

/** Where each step ends. */
export function stepEndsOf({ fromNs, stepNs, toNs, opens }: ResultSeries): number[] {
  return opens.map((_, index) => Math.min(fromNs + stepNs * (index + 1), toNs));
}
