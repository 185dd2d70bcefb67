/** What happened over time: close latency, open AFs and pended closes, closes and completions, step by step. */

import type { Result, ResultSeries } from "../result/schema.js";
import { formatCompact, formatCount, formatDuration, formatPlural, formatTime } from "./format.js";
import { durationScale, linearScale, timeScale, type Scale } from "./html-axis.js";
import { drawLines, type Line } from "./html-lines.js";
import { at, figure, number, table, type Column } from "./html-parts.js";
import { html, type Markup, type Part } from "./html-text.js";
import { stepEndsOf } from "./series.js";

type Values = readonly (number | null)[];

interface Curve {
  readonly name: string;
  readonly style: Line["style"];
  readonly values: Values;
}

/** The section on what happened over time; null where no series was recorded. */
export function seriesSection({ series, mode }: Result): Markup | null {
  if (series === null) return null;
  const ends = stepEndsOf(series);
  const clock = mode === "live" ? "Wall-clock" : "Virtual";
  const lengths = ends.map((end, index) => end - (ends[index - 1] ?? series.fromNs));
  const last = lengths.at(-1) ?? 0;
  const shorter = last < series.stepNs ? ` (the last one: ${formatTime(last)})` : "";
  return html`<p>
      ${clock} time from ${formatTime(series.fromNs)} to ${formatTime(series.toNs)}, in
      ${formatPlural(ends.length, "step")} of ${formatTime(series.stepNs)}${shorter}.
    </p>
    ${latencyOverTime(series, ends)}${levelsOverTime(series, ends)}${countsOverTime(series, ends)}`;
}

function latencyOverTime(series: ResultSeries, ends: readonly number[]): Markup | null {
  const { count, meanNs, p50Ns, p99Ns, p999Ns, maxNs } = series.close;
  const measured = p50Ns.filter((ns) => ns !== null).sort((a, b) => a - b);
  if (measured.length === 0) return null;
  const curves: Curve[] = [
    { name: "p50", style: "one", values: p50Ns },
    { name: "p99", style: "two", values: p99Ns },
    { name: "p99.9", style: "three", values: p999Ns },
  ];
  const most = Math.max(1, ...p999Ns.map((ns) => ns ?? 0));
  const least = measured.find((ns) => ns > 0) ?? most;
  const values = durationScale(least, measured[Math.floor(measured.length / 2)] ?? 0, most);
  const data = [meanNs, p50Ns, p99Ns, p999Ns, maxNs].map((list) => list.map(duration));
  return figure({
    title: "close latency over time",
    caption: `Of the closes of which a client was told in the step.${values.isLog ? " The axis of durations is logarithmic." : ""}`,
    draw: (width) => drawLines(picture(series, ends, curves, values, steps), width),
    data: dataTable("Close latency over time", ends, [
      ["told", count.map(formatCount)],
      ...["mean", "p50", "p99", "p99.9", "maximum"].map((title, index) => [title, data[index] ?? []] as const),
    ]),
  });
}

function levelsOverTime(series: ResultSeries, ends: readonly number[]): Markup {
  const { openAtEnd, pendedAtEnd } = series;
  const curves: Curve[] = [
    { name: "AFs open", style: "two", values: openAtEnd },
    { name: "closes pended", style: "one", values: pendedAtEnd },
  ];
  return figure({
    title: "pended closes over time",
    caption: "At the end of each step, in all machines together.",
    draw: (width) => drawLines(picture(series, ends, curves, countScale(curves), points), width),
    data: dataTable("Open AFs and pended closes over time", ends, [
      ["AFs open", openAtEnd.map(formatCount)],
      ["closes pended", pendedAtEnd.map(formatCount)],
    ]),
  });
}

function countsOverTime(series: ResultSeries, ends: readonly number[]): Markup {
  const { opens, closes, completions, lifecycles } = series;
  const curves: Curve[] = [
    { name: "closes requested", style: "two", values: closes },
    { name: "completions", style: "one", values: completions },
  ];
  return figure({
    title: "closes and completions over time",
    caption: "In each step.",
    draw: (width) => drawLines(picture(series, ends, curves, countScale(curves), steps), width),
    data: dataTable("Opens, closes and completions over time", ends, [
      ["opens", opens.map(formatCount)],
      ["closes", closes.map(formatCount)],
      ["completions", completions.map(formatCount)],
      ["lifecycles", lifecycles.map(formatCount)],
    ]),
  });
}

function countScale(curves: readonly Curve[]): Scale {
  return linearScale(
    Math.max(1, ...curves.flatMap(({ values }) => values.map((value) => value ?? 0))),
    6,
    formatCompact,
  );
}

function duration(ns: number | null): string {
  return ns === null ? "" : formatDuration(ns);
}

function dataTable(caption: string, ends: readonly number[], columns: readonly (readonly [string, readonly Part[]])[]) {
  const titles: Column[] = [number("until"), ...columns.map(([title]) => number(title))];
  const rows = ends.map((end, index) => [formatTime(end), ...columns.map(([, cells]) => cells[index] ?? "")]);
  return table(caption, titles, rows);
}

/** How a curve becomes a path: from the places where steps begin and end, and of their values; null for a step without any. */
type Drawer = (bounds: readonly (readonly [from: number, to: number])[], heights: Values) => string;

function picture(
  series: ResultSeries,
  ends: readonly number[],
  curves: readonly Curve[],
  values: Scale,
  drawer: Drawer,
) {
  const bounds = ends.map((end, index) => [ends[index - 1] ?? series.fromNs, end] as const);
  const lines = curves.map(({ name, style, values: list }): Line => ({
    name,
    style,
    path: (x, y) =>
      drawer(
        bounds.map(([from, to]) => [x(from), x(to)]),
        list.map((value) => (value === null ? null : y(value))),
      ),
  }));
  return { lines, along: timeScale(series.fromNs, series.toNs), values, axis: "time" };
}

/** A level for every step, and a gap for one without. */
function steps(bounds: Parameters<Drawer>[0], heights: Values): string {
  let isDrawn = false;
  return bounds
    .map(([from, to], index) => {
      const height = heights[index] ?? null;
      const start = isDrawn ? "V" : `M${at(from)} `;
      isDrawn = height !== null;
      return height === null ? "" : `${start}${at(height)}H${at(to)}`;
    })
    .join("");
}

/** A line through the ends of the steps. */
function points(bounds: Parameters<Drawer>[0], heights: Values): string {
  if (bounds.length === 1) return steps(bounds, heights);
  return bounds.map(([, to], index) => `${index === 0 ? "M" : "L"}${at(to)} ${at(heights[index] ?? 0)}`).join("");
}
