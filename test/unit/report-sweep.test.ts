import { describe, expect, it } from "vitest";
import { formatSweepHtml } from "../../src/report/html-sweep.js";
import { formatJsonValue } from "../../src/report/json.js";
import { isSweep, readSweep } from "../../src/result/stored-sweep.js";
import { measurements, sweepOf, THREADS } from "../golden/sweep-results.js";
import { HOSTILE } from "../support/report-results.js";

describe("the page of a sweep", () => {
  const sweep = sweepOf(5, THREADS);
  const text = formatJsonValue(sweep);

  it("is the same of a sweep and of what was kept of it", () => {
    expect(isSweep(text)).toBe(true);
    expect(formatSweepHtml(readSweep(text, "sweep.json"))).toBe(formatSweepHtml(sweep));
  });

  it("has a picture of the curve, of threads for each population, and of memory, each with its data", () => {
    const page = formatSweepHtml(sweep);
    const titles = [...page.matchAll(/<summary>Data: ([^<]*)<\/summary>/g)].map(([, title]) => title);
    expect(titles).toEqual([
      "time of an event over AFs",
      "events a second over workers, 10,000 AFs",
      "events a second over workers, 1,000,000 AFs",
      "bytes an AF over AFs",
    ]);
    expect(page).toContain("x floor");
    expect(page).toContain("8 workers are");
    expect(page).toContain("of the differences");
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("shows a sweep of one point that was stopped, and says so", () => {
    const few = measurements(1, [1]).slice(0, 2);
    const page = formatSweepHtml(sweepOf(1, [1], few));
    expect(page).toContain("Stopped after 2 of 4 measurements.");
    expect(page).not.toContain("How threads scale");
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("says what broke", () => {
    const broken = measurements(1, [1]).map((one) => (one.kind === "run" ? { ...one, violations: 3 } : one));
    const page = formatSweepHtml(sweepOf(1, [1], broken));
    expect(page).toContain("something broke");
    expect(page).toContain("3 violations");
  });

  it("has no markup but its own, whatever texts the sweep has", () => {
    const points = sweep.points.map((point) => ({ ...point, digest: HOSTILE, duration: HOSTILE }));
    const host = { ...sweep.host, node: HOSTILE, cpu: HOSTILE };
    const tool = { name: HOSTILE, version: HOSTILE };
    const page = formatSweepHtml({ ...sweep, tool, scenario: HOSTILE, command: HOSTILE, points, host });
    expect(page).not.toMatch(/<script|<img/i);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
  });

  it("needs every field, each of its kind", () => {
    const edited = (from: string, to: string): string => text.replace(from, to);
    const read = (content: string) => (): unknown => readSweep(content, "s.json");
    expect(read(edited('"rounds": 5', '"rounds": "x"'))).toThrow(/rounds is "x", not a number of at least 0/);
    expect(read(edited('"sweepVersion": 1', '"sweepVersion": 2'))).toThrow(/sweepVersion is 2, not 1/);
    expect(read(edited('"workers": 1', '"workers": 0'))).toThrow(/workers is 0, not a number above 0/);
    expect(read(text.slice(0, -9))).toThrow(/s\.json is truncated/);
    expect(isSweep('{"schemaVersion": 1, "sweepVersion": 1}')).toBe(false);
  });
});
