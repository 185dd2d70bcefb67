/** Percentiles, counts of order and what happened over time as one table, RFC 4180: a row a figure, empty where a column does not apply. */

import { percentileRows, stepsOf } from "../measure/distribution.js";
import { decodeHdr } from "../measure/hdr-decode.js";
import type { Result } from "../result/schema.js";
import { measuredLatencies } from "./latencies.js";
import { stepEndsOf } from "./series.js";

const COLUMNS = ["table", "series", "percentile", "from", "to", "valueNs", "count"] as const;
/** What of the series over time is a duration, in `valueNs`; the rest is counts. */
const isDuration = (name: string): boolean => name.endsWith("Ns");

type Row = Partial<Readonly<Record<(typeof COLUMNS)[number], string | number>>>;

/**
 * The table of a result. In rows of `latency`, `count` latencies are at most `valueNs`, which is so for `percentile` per cent of all; in
 * rows of `ordering`, `count` completions have an extent, an n or a displacement from `from` to `to`, or, of beyondWindow and nBeyondWindow, one beyond
 * their window. In rows of `time`, `series` was so between the times `from` and `to`, in nanoseconds; of what has no value there is no row.
 */
export function formatCsv(result: Result): string {
  const rows: Row[] = [...latencyRows(result), ...orderingRows(result), ...timeRows(result)];
  const lines = rows.map((row) => COLUMNS.map((column) => row[column] ?? "").join(","));
  return `${[COLUMNS.join(","), ...lines].join("\r\n")}\r\n`;
}

function latencyRows(result: Result): Row[] {
  return measuredLatencies(result).flatMap(([series, { hdr, maxNs }]) =>
    percentileRows(stepsOf(decodeHdr(hdr ?? ""), maxNs ?? 0)).map((row) => ({ table: "latency", series, ...row })),
  );
}

function orderingRows({ ordering }: Result): Row[] {
  const { density, extents, nReordering, beyondWindow, nBeyondWindow } = ordering;
  const grouped = Object.entries({ density, extents, nReordering }).flatMap(([series, groups]) =>
    groups.map((group) => ({ table: "ordering", series, ...group })),
  );
  const others = Object.entries({ beyondWindow, nBeyondWindow });
  return [...grouped, ...others.map(([series, count]) => ({ table: "ordering", series, count }))];
}

function timeRows({ series }: Result): Row[] {
  if (series === null) return [];
  const { fromNs, stepNs: _step, toNs: _to, close, ...counts } = series;
  const ends = stepEndsOf(series);
  const ofClose = Object.entries(close).map(([name, values]) => [`close.${name}`, values] as const);
  return [...Object.entries(counts), ...ofClose].flatMap(([name, values]) =>
    values.flatMap((value, index): Row[] => {
      if (value === null) return [];
      const step = { table: "time", series: name, from: ends[index - 1] ?? fromNs, to: ends[index] ?? fromNs };
      return [{ ...step, [isDuration(name) ? "valueNs" : "count"]: value }];
    }),
  );
}
