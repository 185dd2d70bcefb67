import { runJson } from "../support/cli.js";
import { decodeFromCompressedBase64, HistogramLogReader, type Histogram } from "hdr-histogram-js";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeHdr, HdrFailure } from "../../src/measure/hdr-decode.js";
import { encodeHdr, toBase64 } from "../../src/measure/hdr-encode.js";
import { percentileRows, stepsOf } from "../../src/measure/distribution.js";
import { bucketOf, highestNs } from "../../src/measure/histogram.js";
import { formatCsv } from "../../src/report/csv.js";
import { formatHlog } from "../../src/report/hlog.js";
import { formatHtml } from "../../src/report/html.js";
import type { LatencySummary } from "../../src/measure/percentiles.js";
import type { Result } from "../../src/result/schema.js";
import { readWholeResult } from "../../src/result/stored-whole.js";
import { HOSTILE, hostile, runSmall } from "../support/report-results.js";

const TOOL = { name: "condis-sim", version: "9.9.9" };
let result: Result;
beforeAll(async () => {
  result = await runSmall();
});

const anyValues = fc.array(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), { minLength: 1, maxLength: 60 });

function countBuckets(values: readonly number[]): Float64Array {
  const counts = new Float64Array(bucketOf(Math.max(...values)) + 1);
  for (const value of values) counts[bucketOf(value)] = (counts[bucketOf(value)] ?? 0) + 1;
  return counts;
}

describe("decoding a histogram of a result", () => {
  it("gives what was encoded", () => {
    fc.assert(
      fc.property(anyValues, (values) => {
        expect(decodeHdr(encodeHdr(countBuckets(values)))).toEqual(countBuckets(values));
      }),
    );
  });

  it("refuses whatever else it is given, and never asks for much memory", () => {
    const good = Buffer.from(encodeHdr(countBuckets([1, 2, 300])), "base64");
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const bytes = Uint8Array.from(cut ? good.subarray(0, at) : good);
        if (!cut) bytes[at] = byte;
        try {
          expect(decodeHdr(toBase64(bytes)).length).toBeLessThan(10_000);
        } catch (error) {
          expect(error).toBeInstanceOf(HdrFailure);
        }
      }),
    );
    expect(() => decodeHdr("HISTFAAA")).toThrow(HdrFailure);
    expect(() => decodeHdr("no base64")).toThrow("it is not base64");
  });
});

describe("percentile rows", () => {
  it("say the smallest value that so many of the sorted values do not exceed, up to the bucket's width", () => {
    fc.assert(
      fc.property(anyValues, (values) => {
        const sorted = values.toSorted((a, b) => a - b);
        const max = sorted.at(-1) ?? 0;
        const rows = percentileRows(stepsOf(countBuckets(values), max));
        for (const { percentile, valueNs, count } of rows) {
          const exact = sorted[Math.max(1, Math.ceil((percentile / 100) * sorted.length)) - 1] ?? 0;
          expect(valueNs).toBe(Math.min(highestNs(bucketOf(exact)), max));
          expect(count).toBe(sorted.filter((value) => value <= valueNs).length);
        }
        expect(rows.at(-1)).toEqual({ percentile: 100, valueNs: max, count: values.length });
      }),
    );
  });
});

describe("the interval log", () => {
  it("read back by hdr-histogram-js has each latency under its tag, with the percentiles of the result", () => {
    const text = formatHlog(result);
    const reader = new HistogramLogReader(text);
    const byTag = new Map<string, Histogram>();
    for (let one = reader.nextIntervalHistogram(); one; one = reader.nextIntervalHistogram()) byTag.set(one.tag, one);
    expect([...byTag.keys()].sort()).toEqual(
      ["close", "open"].flatMap((name) => [name, `${name}.completionToClient`, `${name}.requestToCompletion`]),
    );
    const agree = (tag: string, { count, p50Ns, p99Ns, p9999Ns, maxNs }: LatencySummary): void => {
      const read = byTag.get(tag);
      const most = (percentile: number): number => Math.min(read?.getValueAtPercentile(percentile) ?? -1, maxNs ?? 0);
      expect([read?.totalCount, most(50), most(99), most(99.99)]).toEqual([count, p50Ns, p99Ns, p9999Ns]);
    };
    agree("close", result.latency.close);
    agree("close.requestToCompletion", result.latency.close.phases.requestToCompletion);
    agree("open", result.latency.open);
    const [, encoded] = /^Tag=close,0\.000000000,[\d.]+,[\d.]+,(\S+)$/m.exec(text) ?? [];
    expect(decodeFromCompressedBase64(encoded ?? "").totalCount).toBe(result.latency.close.count);
  });
});

describe("the interval of the log", () => {
  it("begins with what is measured, after the warm-up", async () => {
    const warm = await runJson(["run", "churn", "--afs", "100", "--set", "phases=[{warmup: 2ms}, {run: 1ms}]"]);
    expect(formatHlog(warm)).toMatch(/^Tag=close,0\.002000000,0\.001000000,/m);
  });
});

describe("the CSV table", () => {
  it("has as many cells in every row, the medians of the result and all groups of order", () => {
    const [head = "", ...lines] = formatCsv(result).split("\r\n").slice(0, -1);
    expect(head).toBe("table,series,percentile,from,to,valueNs,count");
    const rows = lines.map((line) => line.split(","));
    expect(rows.filter((row) => row.length !== 7)).toEqual([]);
    const median = rows.find(
      ([table, series, percentile]) => table === "latency" && series === "close" && percentile === "50",
    );
    expect(Number(median?.[5])).toBe(result.latency.close.p50Ns);
    const density = rows.filter(([, series]) => series === "density");
    const beyond = rows.filter(([table, series]) => table === "ordering" && /beyond/i.test(series ?? ""));
    expect(beyond.map((row) => [row[1], Number(row[6])])).toEqual([
      ["beyondWindow", result.ordering.beyondWindow],
      ["nBeyondWindow", result.ordering.nBeyondWindow],
    ]);
    expect(density.map((row) => ({ from: Number(row[3]), to: Number(row[4]), count: Number(row[6]) }))).toEqual(
      result.ordering.density,
    );
  });

  it("has a row for each figure of every step of time, and none where there is no figure", () => {
    const rows = formatCsv(result)
      .split("\r\n")
      .map((line) => line.split(","))
      .filter(([table]) => table === "time");
    const { series, totals } = result;
    const of = (name: string) => rows.filter(([, one]) => one === name);
    const sum = (name: string, column: number) => of(name).reduce((all, row) => all + Number(row[column]), 0);
    expect(sum("closes", 6)).toBe(totals.closes);
    expect(of("completions").map(([, , , , to]) => Number(to))).toEqual(
      series!.completions.map((_, index) => Math.min(series!.fromNs + (index + 1) * series!.stepNs, series!.toNs)),
    );
    expect(of("close.p99Ns").map((row) => Number(row[5]))).toEqual(series!.close.p99Ns.filter((ns) => ns !== null));
    expect(formatCsv({ ...result, series: null })).not.toContain("\ntime,");
  });
});

describe("the page", () => {
  it("is the same of a run and of its result read back, and shows every rule that broke", () => {
    const page = formatHtml(result);
    expect(formatHtml(readWholeResult(JSON.stringify(result), "r.json", TOOL))).toBe(page);
    expect(page).toContain("close/owed");
    expect(page).toContain(
      'href="https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismcmcloseaddressfamilycomplete"',
    );
    expect(page).toContain(result.digest);
  });

  it("shows what a result of real threads has: no digest, and perhaps no series", () => {
    const { digest, ...rest } = result;
    const page = formatHtml({ ...rest, mode: "live", series: null });
    expect(page).not.toContain(digest);
    expect(page).not.toContain("Over time");
    expect(page).toContain("Wall-clock time");
    expect(formatHtml(result)).toContain("close latency over time");
    expect(formatHlog({ ...rest, mode: "live", series: null })).toContain("Tag=close");
  });

  it("has no markup but its own, whatever texts the result has", () => {
    const page = formatHtml(hostile(result));
    expect(page).not.toMatch(/<script|<img|javascript:alert\(3\)"/i);
    for (const sign of ["\u202e", "\u0000"]) expect(page).not.toContain(sign);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(
      page.match(
        /href="(?!#|data:,|https:\/\/learn\.microsoft\.com\/windows-hardware\/drivers\/(?:ddi\/ndis|network)\/)/g,
      ),
    ).toBeNull();
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(HOSTILE).toContain("<script>");
  });
});

/** As JSON.parse gives them. */
interface Fields {
  schemaVersion: number;
  later?: object;
  readonly ordering: { readonly density: { from: unknown }[] };
  readonly latency: { readonly close: { hdr: string } };
  readonly totals: { calls?: number; failedOpens?: number };
  series?: { readonly opens: number[]; stepNs: number };
  readonly violations: { readonly first: { history?: { op: string }[] }[] };
}
type Edit = (fields: Fields) => void;

describe("reading a whole result", () => {
  const edited = (edit: Edit): string => {
    const fields = JSON.parse(JSON.stringify(result)) as Fields;
    edit(fields);
    return JSON.stringify(fields);
  };

  it("names the field that a report cannot show", () => {
    const cases: readonly (readonly [edit: Edit, message: RegExp])[] = [
      [(r) => (r.ordering.density[0]!.from = "x"), /ordering\.density\.0\.from is "x", not a whole number/],
      [(r) => (r.latency.close.hdr = "HISTFAAA"), /latency\.close\.hdr cannot be decoded/],
      [(r) => r.series!.opens.pop(), /series has \d+ steps of opens, not \d+/],
      [(r) => (r.series!.stepNs = 0), /series has steps of 0 ns/],
      [(r) => delete r.totals.calls, /totals\.calls is missing/],
      [(r) => (r.violations.first[0]!.history![0]!.op = "jump"), /history\.0\.op is "jump", not one of call, return/],
      [(r) => (r.schemaVersion = 2), /has schemaVersion 2, written by condis-sim .*; this is 9\.9\.9/],
    ];
    for (const [edit, message] of cases) expect(() => readWholeResult(edited(edit), "r.json", TOOL)).toThrow(message);
  });

  it("takes a result without what earlier versions did not write", () => {
    const text = edited((r) => {
      delete r.totals.failedOpens;
      delete r.series;
      delete r.violations.first[0]!.history;
      r.later = { field: 1 };
    });
    const read = readWholeResult(text, "r.json", TOOL);
    expect([read.totals.failedOpens, read.series]).toEqual([0, null]);
  });
});
