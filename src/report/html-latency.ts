/** How long it took: percentiles as HdrHistogram draws them, and the figures. */

import { percentileRows, stepsOf, type Step } from "../measure/distribution.js";
import { decodeHdr } from "../measure/hdr-decode.js";
import type { LatencySummary } from "../measure/percentiles.js";
import type { Result, ResultLatency } from "../result/schema.js";
import { formatCount, formatDuration, formatPlural } from "./format.js";
import { durationScale, percentileScale, type Scale } from "./html-axis.js";
import { drawLines, type Line } from "./html-lines.js";
import { at, figure, number, table, text, type Drawing } from "./html-parts.js";
import { html, type Markup } from "./html-text.js";
import { LATENCY_ROWS } from "./result-words.js";

/** A curve of the picture: the whole latency or one of its parts. */
interface Curve {
  readonly name: string;
  readonly style: Line["style"];
  readonly summary: LatencySummary;
  readonly steps: readonly Step[];
}

/** Points of a curve that are nearer than this are one, in pixels. */
const NEAR = 0.4;

/** The section on latency. */
export function latencySection({ latency: { close, open }, mode }: Result): Markup {
  const measured = [
    ["close", close],
    ["open", open],
  ] as const;
  const shown = measured.filter(([, { count }]) => count > 0);
  if (shown.length === 0)
    return html`<p>No pended close or open was completed in the measured time, so there is no latency.</p>`;
  const clock = mode === "live" ? "Wall-clock" : "Virtual";
  return html`<p>
      ${clock} time, from the request until the client is told. Closes are split at the completion call. Percentiles are
      at most 1 % above the exact value; means and maxima are exact.
    </p>
    ${summaryTable(close, open)}${shown.map(([name, latency]) => distribution(name, latency))}`;
}

function summaryTable(close: ResultLatency, open: ResultLatency): Markup {
  const columns: readonly (readonly [title: string, summary: LatencySummary])[] = [
    ["close", close],
    ["to completion", close.phases.requestToCompletion],
    ["to client", close.phases.completionToClient],
    ["open", open],
  ];
  const shown = columns.filter(([, { count }]) => count > 0);
  const rows = LATENCY_ROWS.map(([label, field]) => [
    label,
    ...shown.map(([, summary]) => (summary[field] === null ? "" : formatDuration(summary[field]))),
  ]);
  rows.push(["measured", ...shown.map(([, { count }]) => formatCount(count))]);
  return table("Latency", [text(""), ...shown.map(([title]) => number(title))], rows);
}

function distribution(name: "close" | "open", latency: ResultLatency): Markup {
  const { requestToCompletion, completionToClient } = latency.phases;
  const curves = [
    curve(`${name}: request to client told`, "one", latency),
    curve("of it: request to completion call", "two", requestToCompletion),
    curve("of it: completion call to client told", "three", completionToClient),
  ].filter(({ steps }) => steps.length > 0);
  const scale = valueScale(curves);
  const hidden = scale.isLog ? "; durations of 0 ns have no place on it" : "";
  const axis = scale.isLog ? ` The axis of durations is logarithmic${hidden}.` : "";
  return figure({
    title: `${name} latency by percentile`,
    caption: `How long the given share of ${formatPlural(latency.count, name)} took at most.${axis}`,
    draw: (width) => draw(curves, latency.count, scale, width),
    data: html`${curves.map(({ name: title, summary, steps }) => distributionTable(title, summary, steps))}`,
  });
}

function curve(name: string, style: Curve["style"], summary: LatencySummary): Curve {
  const { hdr, maxNs } = summary;
  return { name, style, summary, steps: hdr === null ? [] : stepsOf(decodeHdr(hdr), maxNs ?? 0) };
}

function distributionTable(title: string, { count }: LatencySummary, steps: readonly Step[]): Markup {
  const rows = percentileRows(steps).map((row) => [
    `${formatPercentile(row.percentile)} %`,
    formatDuration(row.valueNs),
    formatCount(row.count),
    row.percentile === 100 ? "" : formatCount(Math.round(100 / (100 - row.percentile))),
  ]);
  return table(
    `${title}, ${formatCount(count)} measured`,
    [number("of all"), number("at most"), number("count"), number("1/(1-p)")],
    rows,
  );
}

/** As many digits as tell it from 100. */
function formatPercentile(percentile: number): string {
  const nines = Math.max(0, Math.ceil(-Math.log10(1 - percentile / 100 || 1)));
  return String(Number(percentile.toFixed(nines + 1)));
}

function valueScale(curves: readonly Curve[]): Scale & { readonly isLog: boolean } {
  const [whole] = curves;
  const maxNs = Math.max(1, ...curves.map(({ summary }) => summary.maxNs ?? 0));
  const medianNs = whole?.summary.p50Ns ?? 0;
  const values = curves.map(({ steps }) => steps.find(({ valueNs }) => valueNs > 0)?.valueNs ?? maxNs);
  return durationScale(Math.min(...values), medianNs, maxNs);
}

function draw(
  curves: readonly Curve[],
  count: number,
  values: Scale & { readonly isLog: boolean },
  width: number,
): Drawing {
  const lines = curves.map(({ name, style, steps }): Line => ({
    name,
    style,
    path: (x, y, right) => path(steps, x, y, right, values.isLog),
  }));
  return drawLines({ lines, along: percentileScale(count), values, axis: "share of all, by 1/(1-p)" }, width);
}

/** Steps up from one duration to the next; each level is as wide as the share of values that have it. */
function path(
  steps: readonly Step[],
  x: (inverse: number) => number,
  y: (ns: number) => number,
  right: number,
  isLog: boolean,
): string {
  const points: string[] = [];
  const count = steps.at(-1)?.count ?? 0;
  let [lastX, lastY] = [-Infinity, -Infinity];
  const add = (px: number, py: number, isEnd: boolean): void => {
    if (!isEnd && Math.abs(px - lastX) < NEAR && Math.abs(py - lastY) < NEAR) return;
    points.push(`${points.length === 0 ? "M" : "L"}${at(px)} ${at(py)}`);
    [lastX, lastY] = [px, py];
  };
  for (const [index, step] of steps.entries()) {
    if (isLog && step.valueNs === 0) continue;
    const isLast = index === steps.length - 1;
    const end = step.count >= count ? right : x(count / (count - step.count));
    add(x(count / (count - step.countBefore)), y(step.valueNs), false);
    add(end, y(step.valueNs), isLast);
  }
  return points.join("");
}
