/** A sweep as one page: the curve with its floor, how threads scale, memory, and the command. */

import { formatBytes } from "../scenario/units.js";
import {
  isOfPopulation,
  isUnbroken,
  lastOfPopulations,
  type Estimate,
  type SweepResult,
  type SweptPoint,
  type SweptPopulation,
} from "../result/sweep.js";
import { formatCompact, formatCount, formatDuration, formatLarge, formatNumber, formatPlural } from "./format.js";
import { linearScale, logScale, type Scale } from "./html-axis.js";
import { drawLines, type Line, type LineStyle } from "./html-lines.js";
import { formatPage, type Badge } from "./html-page.js";
import { at, definitions, figure, number, table, text } from "./html-parts.js";
import { html, type Markup, type Part } from "./html-text.js";
import {
  describeBroken,
  describeLaw,
  describePopulation,
  describeSpeedup,
  isLiveSweep,
  nameThreads,
  sweepTitle,
} from "./sweep-words.js";

/** Of numbers of threads, and of populations; they come again where there are more. */
const STYLES: readonly LineStyle[] = ["one", "two", "three", "four", "five"];

/** The page of a sweep. */
export function formatSweepHtml(sweep: SweepResult): string {
  const { tool, scenario, seed, partial } = sweep;
  return formatPage({
    tool,
    heading: `${scenario}: how its speed scales`,
    title: `sweep ${scenario}, seed ${seed}`,
    about: sweepTitle(sweep),
    warning: partial === null ? null : `Stopped after ${partial.done} of ${partial.planned} measurements.`,
    badges: badges(sweep),
    sections: [
      { id: "curve", title: "Time of an event", content: curveSection(sweep) },
      { id: "threads", title: "How threads scale", content: scalingSection(sweep) },
      { id: "memory", title: "Memory", content: memorySection(sweep) },
      { id: "broke", title: "What broke", content: brokenSection(sweep) },
      { id: "reproduce", title: "To reproduce", content: reproduceSection(sweep) },
    ],
  });
}

function badges(sweep: SweepResult): Badge[] {
  const whole = isUnbroken(sweep);
  return [
    ...(sweep.partial === null ? [] : [{ style: "bad", words: "stopped early" } as const]),
    { style: whole ? "good" : "bad", words: whole ? "nothing broke" : "something broke" },
  ];
}

function distinct(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** Of simulations, the one that is none. */
function dispatchesOf(points: readonly SweptPoint[]): SweptPoint["dispatch"][] {
  return [...new Set(points.map(({ dispatch }) => dispatch))];
}

/** A line with a bar at each of its points, from the least to the largest that its value may be. */
function lineOf(name: string, style: LineStyle, points: readonly (readonly [along: number, value: Estimate])[]): Line {
  return {
    name,
    style,
    path: (x, y) => {
      const line = points.map(
        ([along, { median }], index) => `${index === 0 ? "M" : "L"}${at(x(along))} ${at(y(median))}`,
      );
      const bars = points.map(([along, { median, from, to }]) => {
        const [low, high] = [at(y(from ?? median)), at(y(to ?? median))];
        return `M${at(x(along) - 4)} ${low}h8m-4 0V${high}m-4 0h8`;
      });
      return [...line, ...bars].join("");
    },
  };
}

function curveSection(sweep: SweepResult): Markup {
  const { points, populations } = sweep;
  const floors = populations.flatMap(({ afs, floorNsPerAccess: floor }) => (floor === null ? [] : [{ afs, floor }]));
  const lines = dispatchesOf(points)
    .flatMap((dispatch) => distinct(points.map(({ workers }) => workers)).map((workers) => ({ dispatch, workers })))
    .map(({ dispatch, workers }, index) => {
      const own = points
        .filter((point) => point.workers === workers && point.dispatch === dispatch)
        .toSorted((a, b) => a.afs - b.afs);
      const values = own.map(({ afs, nsPerEvent }) => [afs, nsPerEvent] as const);
      const threads = formatPlural(workers, nameThreads(sweep));
      return lineOf(dispatch ? `${dispatch}, ${threads}` : threads, styleOf(index), values);
    });
  const floor = lineOf(
    "floor",
    "base",
    floors.map(({ afs, floor: estimate }) => [afs, estimate] as const),
  );
  const all = [...points.map(({ nsPerEvent }) => nsPerEvent), ...floors.map(({ floor: estimate }) => estimate)];
  const values = logScale(
    Math.min(...all.map(({ median, from }) => from ?? median)),
    Math.max(...all.map(({ median, to }) => to ?? median)),
    formatDuration,
  );
  const hasIntervals = points.some(({ nsPerEvent }) => nsPerEvent.from !== null);
  return figure({
    title: "time of an event over AFs",
    caption: `Medians of ${formatPlural(sweep.rounds, "interleaved round")}${hasIntervals ? "; bars: where they lie with 95 % confidence" : ""}. The floor is an access to one of as many records, on one core. Both axes are logarithmic.`,
    draw: (width) => {
      const shown = floors.length > 0 ? [...lines, floor] : lines;
      return drawLines({ lines: shown, along: afsScale(points), values, axis: "AFs" }, width);
    },
    data: pointTable(points),
  });
}

function afsScale(points: readonly SweptPoint[]): Scale {
  const afs = points.map((point) => point.afs);
  return logScale(Math.min(...afs), Math.max(...afs), formatCompact);
}

function styleOf(index: number): LineStyle {
  return STYLES[index % STYLES.length] ?? "one";
}

function pointTable(points: readonly SweptPoint[]): Markup {
  const isLive = isLiveSweep({ points });
  const rows = points.map((point): Part[] => [
    formatCount(point.afs),
    ...(isLive ? [point.dispatch ?? "", point.workers] : [point.workers, point.shards]),
    point.duration,
    formatDuration(point.nsPerEvent.median),
    describeInterval(point.nsPerEvent),
    formatLarge(point.eventsPerSecond.median),
    point.timesFloor === null ? "" : formatNumber(point.timesFloor),
    point.measurements,
    ...(isLive ? [] : [html`<code>${point.digest}</code>`]),
  ]);
  const columns = [
    number("AFs"),
    ...(isLive
      ? [text("dispatch"), number("lanes"), number("time")]
      : ["workers", "shards", "virtual time"].map(number)),
    ...["an event", "interval", "events/s", "x floor", "measured"].map(number),
    ...(isLive ? [] : [text("digest")]),
  ];
  return table("Time of an event", columns, rows);
}

function describeInterval({ from, to }: Estimate): string {
  return from === null || to === null ? "" : `${formatDuration(from)} to ${formatDuration(to)}`;
}

function scalingSection({ populations, points }: SweepResult): Markup | null {
  const scaled = populations.filter(({ speedup }) => speedup !== null);
  if (scaled.length === 0) return null;
  const rows = scaled.map((population): Part[] => [
    describePopulation(population),
    describeSpeedup(population, points),
    population.scalability === null ? "" : describeLaw(population.scalability),
  ]);
  return html`<p>
      The Universal Scalability Law: contention is what is done one at a time, coherency what pairs of threads cost.
    </p>
    ${table("How threads scale", [text("of"), text("measured"), text("the law, fitted")], rows)}
    ${scaled.map((population) => threadsFigure(population, points))}`;
}

/** What was measured, and what the law says between. */
function threadsFigure(population: SweptPopulation, points: readonly SweptPoint[]): Markup {
  const { scalability } = population;
  const threadsName = `${nameThreads({ points })}s`;
  const own = points.filter((point) => isOfPopulation(point, population)).toSorted((a, b) => a.workers - b.workers);
  const most = own.at(-1)?.workers ?? 1;
  const measured = lineOf(
    "measured",
    "one",
    own.map(({ workers, eventsPerSecond }) => [workers, eventsPerSecond] as const),
  );
  const law = (threads: number): number => {
    const { single = 0, contention = 0, coherency = 0 } = scalability ?? {};
    return (single * threads) / (1 + contention * (threads - 1) + (coherency ?? 0) * threads * (threads - 1));
  };
  const fitted: Line = {
    name: "the law, fitted",
    style: "two",
    path: (x, y) =>
      Array.from({ length: 41 }, (_, index) => {
        const threads = 1 + ((most - 1) * index) / 40;
        return `${index === 0 ? "M" : "L"}${at(x(threads))} ${at(y(law(threads)))}`;
      }).join(""),
  };
  const highest = Math.max(...own.map(({ eventsPerSecond: { median, to } }) => Math.max(median, to ?? 0)));
  const rows = own.map(({ workers, eventsPerSecond }): Part[] => [
    workers,
    formatLarge(eventsPerSecond.median),
    eventsPerSecond.from === null || eventsPerSecond.to === null
      ? ""
      : `${formatLarge(eventsPerSecond.from)} to ${formatLarge(eventsPerSecond.to)}`,
    scalability === null ? "" : formatLarge(law(workers)),
  ]);
  const title = `events a second over ${threadsName}, ${describePopulation(population)}`;
  return figure({
    title,
    caption:
      "Medians, and where they lie. The law is fitted to speed-ups within a round, and so may lie beside the medians.",
    draw: (width) =>
      drawLines(
        {
          lines: scalability === null ? [measured] : [measured, fitted],
          along: {
            place: (threads) => threads / most,
            ticks: own.map(({ workers }) => ({ value: workers, label: String(workers) })),
          },
          values: linearScale(Math.max(highest, law(most)), 6, formatCompact),
          axis: threadsName,
        },
        width,
      ),
    data: table(title, [number(threadsName), number("events/s"), number("interval"), number("the law")], rows),
  });
}

function memorySection({ points }: SweepResult): Markup {
  const isLive = isLiveSweep({ points });
  const populations = lastOfPopulations(points);
  const rows = populations.map(({ afs, dispatch, bytesPerAf, memoryBytes, rssBytes, setupMs }): Part[] => [
    formatCount(afs),
    ...(isLive ? [dispatch ?? ""] : []),
    formatNumber(bytesPerAf),
    formatBytes(memoryBytes),
    formatBytes(rssBytes),
    formatDuration(setupMs * 1e6),
  ]);
  const columns = [
    number("AFs"),
    ...(isLive ? [text("dispatch")] : []),
    ...["bytes an AF", "kernels", "process", "set-up"].map(number),
  ];
  const lines = dispatchesOf(points).map((dispatch, index) => {
    const own = populations.filter((population) => population.dispatch === dispatch);
    const bytes = own.map(({ afs, bytesPerAf }) => [afs, { median: bytesPerAf, from: null, to: null }] as const);
    return lineOf(dispatch ? `bytes an AF, ${dispatch}` : "bytes an AF", styleOf(index), bytes);
  });
  const amounts = populations.map(({ bytesPerAf }) => bytesPerAf);
  return figure({
    title: "bytes an AF over AFs",
    caption: `Of the kernels; the process of the most ${nameThreads({ points })}s is beside them in the table. Both axes are logarithmic.`,
    draw: (width) =>
      drawLines(
        {
          lines,
          along: afsScale(points),
          values: logScale(Math.min(...amounts), Math.max(...amounts), formatCompact),
          axis: "AFs",
        },
        width,
      ),
    data: table("Memory", columns, rows),
  });
}

function brokenSection(sweep: SweepResult): Markup | null {
  if (isUnbroken(sweep)) return null;
  const rows = sweep.populations.flatMap((population) => {
    const broken = describeBroken(population);
    return broken === "" ? [] : [[describePopulation(population), html`<span class="bad">${broken}</span>`]];
  });
  return html`<p>A run of its own says more of it.</p>
    ${table("What broke", [text("of"), text("")], rows)}`;
}

function reproduceSection(sweep: SweepResult): Markup {
  const { command, tool, seed, host } = sweep;
  const same = isLiveSweep(sweep)
    ? "Bytes are the same on every computer; times and counts are of this one."
    : "Digests and bytes are the same on every computer; times are of this one.";
  const processors = formatPlural(host.processors, "processor");
  return html`<p>With ${tool.name} ${tool.version}:</p>
    <pre class="wraps">${command}</pre>
    ${definitions([
      ["seed", seed],
      ["host", `Node ${host.node}, ${processors}, ${host.cpu}`],
    ])}
    <p class="faint">${same}</p>`;
}
