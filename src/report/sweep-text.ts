import { formatBytes } from "../scenario/units.js";
import {
  isUnbroken,
  lastOfPopulations,
  type SweepResult,
  type SweptPoint,
  type SweptPopulation,
} from "../result/sweep.js";
import { formatCount, formatLarge, formatNumber, formatPlural } from "./format.js";
import { alignColumns, drawBar, wrap } from "./layout.js";
import { LABEL_CHARACTERS, Page, type TerminalOptions } from "./page.js";
import {
  describeBroken,
  describeInterval,
  describeLaw,
  describePopulation,
  describeSpeedup,
  isLiveSweep,
  nameThreads,
  sweepTitle,
} from "./sweep-words.js";

const BAR_CHARACTERS = 24;
const BAR_CHARACTERS_MIN = 8;
const FLOOR_MARK = "┃";
const FLOOR_LEGEND = `${FLOOR_MARK} is the floor, an access to one of as many records on one core`;

/** A sweep as a person reads it: the curve with the floor beside it, then how threads scale. */
export function formatSweepText(result: SweepResult, options: TerminalOptions): string {
  const page = new Page(options);
  const { partial } = result;
  const title = [
    ...sweepTitle(result),
    ...(partial ? [`stopped after ${partial.done} of ${partial.planned} measurements`] : []),
  ];
  for (const part of wrap(title.join(" · "), page.width)) page.line(page.style("heading", part));
  writeCurve(page, result);
  writeScaling(page, result.populations, result.points);
  writeBroken(page, result);
  writeMemory(page, result);
  page.heading("To reproduce");
  page.entry(
    "host",
    `Node ${result.host.node}, ${formatPlural(result.host.processors, "processor")}, ${result.host.cpu}`,
  );
  page.line(`  ${page.style("faint", "command".padEnd(LABEL_CHARACTERS))}  ${result.command}`);
  return page.toString();
}

function writeCurve(page: Page, { points, populations }: SweepResult): void {
  const isLive = isLiveSweep({ points });
  const floorOf = (afs: number): number | null =>
    populations.find((population) => population.afs === afs)?.floorNsPerAccess?.median ?? null;
  const rows = points.map((point) => [
    formatCount(point.afs),
    ...(isLive ? [point.dispatch ?? ""] : []),
    String(point.workers),
    `${formatNumber(point.nsPerEvent.median)} ns`,
    describeInterval(point.nsPerEvent),
    formatLarge(point.eventsPerSecond.median),
    point.timesFloor === null ? "" : formatNumber(point.timesFloor),
  ]);
  const titles = [
    "AFs",
    ...(isLive ? ["dispatch"] : []),
    `${nameThreads({ points })}s`,
    "an event",
    "interval",
    "events/s",
    "x floor",
  ];
  const cells = fitColumns([titles, ...rows], page.width - 2, ["interval", "x floor", "events/s"]);
  const length = Math.min(BAR_CHARACTERS, page.width - 2 - (cells[0]?.length ?? 0) - 3);
  const hasIntervals = cells[0]?.includes("interval") && points.some(({ nsPerEvent }) => nsPerEvent.from !== null);
  const isDrawn = length >= BAR_CHARACTERS_MIN;
  page.heading(
    "Time of an event",
    `medians${hasIntervals ? ", and where they lie with 95 % confidence" : ""}${isDrawn ? `; ${FLOOR_LEGEND}` : ""}`,
  );
  const slowest = Math.max(...points.map(({ nsPerEvent }) => nsPerEvent.median));
  page.line(`  ${page.style("faint", cells[0] ?? "")}`);
  points.forEach((point, index) => {
    const bar = !isDrawn ? "" : drawTime(page, point, floorOf(point.afs), slowest, length);
    page.line(`  ${cells[index + 1]}   ${bar}`);
  });
}

/** Aligned columns, without the first of those that may be left out until the others fit. */
function fitColumns(rows: readonly (readonly string[])[], width: number, optional: readonly string[]): string[] {
  const lines = alignColumns(rows, 3).map((row) => row.join(""));
  const [first, ...others] = optional;
  if (first === undefined || (lines[0]?.length ?? 0) <= width) return lines;
  const column = rows[0]?.indexOf(first);
  return fitColumns(
    rows.map((row) => row.filter((_, index) => index !== column)),
    width,
    others,
  );
}

/** A bar for the time of an event, with a mark where the floor ends. */
function drawTime(
  page: Page,
  { nsPerEvent }: SweptPoint,
  floorNs: number | null,
  slowest: number,
  length: number,
): string {
  const bar = drawBar(nsPerEvent.median / slowest, length);
  if (floorNs === null) return page.style("bar", bar);
  const at = Math.min(length - 1, Math.floor((floorNs / slowest) * length));
  return page.style("bar", bar.slice(0, at)) + FLOOR_MARK + page.style("bar", bar.slice(at + 1));
}

function writeScaling(page: Page, populations: readonly SweptPopulation[], points: readonly SweptPoint[]): void {
  if (populations.every(({ speedup }) => speedup === null)) return;
  page.heading(
    "How threads scale",
    "the Universal Scalability Law: contention is what is done one at a time, coherency what pairs of threads cost",
  );
  const width = Math.max(...populations.map((population) => describePopulation(population).length));
  for (const population of populations) {
    const { speedup, scalability } = population;
    if (speedup === null) continue;
    const parts = [describeSpeedup(population, points), ...(scalability ? [describeLaw(scalability)] : [])];
    page.entry(describePopulation(population).padStart(width), parts.join("; "));
  }
}

function writeBroken(page: Page, result: SweepResult): void {
  if (isUnbroken(result)) return;
  page.heading("What broke", `${isLiveSweep(result) ? "live" : "run"} says more of it`, "bad");
  for (const population of result.populations) {
    const broken = describeBroken(population);
    if (broken !== "") page.entry(describePopulation(population), broken, "", "bad");
  }
}

function writeMemory(page: Page, { points }: SweepResult): void {
  const isLive = isLiveSweep({ points });
  page.heading("Memory", `of the kernels, and of the process with the most ${nameThreads({ points })}s`);
  const rows = lastOfPopulations(points);
  const cells = fitColumns(
    [
      ["AFs", ...(isLive ? ["dispatch"] : []), "bytes an AF", "kernels", "process", "set-up"],
      ...rows.map(({ afs, dispatch, bytesPerAf, memoryBytes, rssBytes, setupMs }) => [
        formatCount(afs),
        ...(isLive ? [dispatch ?? ""] : []),
        formatNumber(bytesPerAf),
        formatBytes(memoryBytes),
        formatBytes(rssBytes),
        `${formatNumber(Math.round(setupMs))} ms`,
      ]),
    ],
    page.width - 2,
    ["set-up", "process"],
  );
  cells.forEach((text, index) => page.line(`  ${index === 0 ? page.style("faint", text) : text}`));
}
