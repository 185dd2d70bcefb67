import type { Figures } from "./figures.js";

/** What a figure ought to reach; a figure that was not measured is not judged. */
export interface Target {
  readonly figure: string;
  readonly text: string;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export const TARGETS: readonly Target[] = [
  { figure: "churn.1e6.kernel.timesCpp", text: "events a second against C++, 1e6 AFs", unit: "times", atLeast: 25 },
  { figure: "churn.1e7.kernel.timesCpp", text: "events a second against C++, 1e7 AFs", unit: "times", atLeast: 25 },
  {
    figure: "churn.1e6.kernel.timesNaive",
    text: "events a second against naive TypeScript, 1e6 AFs",
    unit: "times",
    atLeast: 100,
  },
  {
    figure: "churn.1e7.kernel.timesFloor",
    text: "time of an event against the floor's access, 1e7 AFs",
    unit: "times",
    atMost: 3.5,
  },
  { figure: "churn.1e5.kernel.nsPerEvent", text: "time of an event, 1e5 AFs", unit: "ns", atMost: 25 },
  { figure: "workers.1e6.timesOne", text: "two workers against one, 1e6 AFs", unit: "times", atLeast: 1.8 },
  { figure: "workers.1e7.timesOne", text: "two workers against one, 1e7 AFs", unit: "times", atLeast: 1.8 },
  { figure: "churn.1e6.kernel.bytesPerAf", text: "kernel memory, 1e6 AFs", unit: "bytes an AF", atMost: 40 },
  { figure: "churn.1e7.kernel.bytesPerAf", text: "kernel memory, 1e7 AFs", unit: "bytes an AF", atMost: 40 },
  { figure: "large.1e8.kernel.bytesPerAf", text: "kernel memory, 1e8 AFs", unit: "bytes an AF", atMost: 40 },
  { figure: "large.1e8.kernel.liveAfs", text: "AFs live at once in one run", unit: "AFs", atLeast: 1e8 },
  {
    figure: "check.plain.eventsPerSecond",
    text: "records a second checked, from JSON Lines",
    unit: "records",
    atLeast: 1e6,
  },
  { figure: "check.judge.eventsPerSecond", text: "records a second judged", unit: "records", atLeast: 5e6 },
  { figure: "check.judge.bytesPerAf", text: "the checker's memory, 1e6 AFs", unit: "bytes an AF", atMost: 200 },
  ...["1e6", "1e7"].map((afs) => ({
    figure: `live.${afs}.spsc.timesOne`,
    text: `live, two lanes against one, spsc, ${afs} AFs`,
    unit: "times",
    atLeast: 1.7,
  })),
  ...["1e4", "1e6", "1e7"].map((afs) => ({
    figure: `live.${afs}.spsc.timesKernel`,
    text: `live, one lane's time of an event against the kernel's, ${afs} AFs`,
    unit: "times",
    atMost: 2.5,
  })),
  ...["mpmc", "lock"].map((other) => ({
    figure: `rings.spsc.times.${other}`,
    text: `rings of two threads: an item of ${other} against one of spsc`,
    unit: "times",
    atLeast: 10,
  })),
  { figure: "startUp.run.seconds", text: "a small run, from start to exit", unit: "s", atMost: 0.5 },
];

export interface Verdict {
  readonly target: Target;
  readonly value: number;
  readonly pass: boolean;
  /** How far the figure is from the target, as a share of the target; 0 when it passes. */
  readonly shortBy: number;
}

/** Judges every target whose figure was measured. */
export function judge(figures: Figures): Verdict[] {
  return TARGETS.flatMap((target) => {
    const value = figures.get(target.figure);
    if (value === undefined) return [];
    const { atLeast = -Infinity, atMost = Infinity } = target;
    const pass = value >= atLeast && value <= atMost;
    const shortBy = pass ? 0 : value < atLeast ? (atLeast - value) / atLeast : (value - atMost) / atMost;
    return [{ target, value, pass, shortBy }];
  });
}
