/** The latencies as an HdrHistogram V2 interval log, which HdrHistogram's tools and plotters read: one interval, a line for each tag. */

import { deflateSync } from "node:zlib";
import type { Result } from "../result/schema.js";
import { measuredLatencies } from "./latencies.js";

/** Of a compressed V2 histogram: then its length follows, and zlib data of an uncompressed one. */
const COOKIE = 0x1c849314;
/** In the log's column of maxima, by custom: milliseconds. */
const NS_PER_MS = 1e6;

/** The log of a result: the interval begins when the warm-up has ended. Virtual time begins at 0; values are nanoseconds. */
export function formatHlog(result: Result): string {
  const { virtualNs, measuredFromNs } = result.totals;
  const [start, length] = [measuredFromNs, virtualNs - measuredFromNs].map((ns) => (ns / 1e9).toFixed(9));
  const lines = measuredLatencies(result).map(([tag, { hdr, maxNs }]) => {
    const max = ((maxNs ?? 0) / NS_PER_MS).toFixed(6);
    return `Tag=${tag},${start},${length},${max},${compress(hdr ?? "")}`;
  });
  return `${[
    "#[Histogram log format version 1.3]",
    `#[Written by ${result.tool.name} ${result.tool.version}: values in ns, maxima in ms]`,
    "#[StartTime: 0.000 (seconds since epoch), virtual time]",
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ...lines,
  ].join("\n")}\n`;
}

function compress(hdr: string): string {
  const data = deflateSync(Buffer.from(hdr, "base64"));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(COOKIE, 0);
  head.writeUInt32BE(data.length, 4);
  return Buffer.concat([head, data]).toString("base64");
}
