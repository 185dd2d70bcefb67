import { median, type Measured } from "./rounds.js";

/** Every figure of a run by its id, for example `churn.1e6.kernel.nsPerEvent`; the unit is the id's last word. */
export type Figures = Map<string, number>;

/** `1e6` for 1000000. */
export function powerLabel(count: number): string {
  return count.toExponential(0).replace("+", "");
}

/** Adds a contender's median and its spread (interquartile range ÷ median) under an id. */
export function addMeasured(figures: Figures, id: string, measured: Measured): void {
  figures.set(`${id}.nsPerEvent`, measured.medianNs);
  figures.set(`${id}.eventsPerSecond`, 1e9 / measured.medianNs);
  figures.set(`${id}.spread`, spread(measured.nsPerOperation) / measured.medianNs);
}

/** Interquartile range, from the medians of the lower and the upper half; 0 for a single value. */
function spread(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.ceil(sorted.length / 2);
  return median(sorted.slice(-half)) - median(sorted.slice(0, half));
}
