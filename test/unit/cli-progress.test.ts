import { describe, expect, it } from "vitest";
import { formatProgress } from "../../src/cli/progress-line.js";

describe("formatProgress", () => {
  it("says percent, events, rate and time left", () => {
    const line = formatProgress({ step: "run", done: 0.25, events: 12_300_000, elapsedMs: 1000 });
    expect(line).toBe(" 25 %  12.3M events  12.3M/s  3 s left");
  });

  it("does not guess the time left before anything is done", () => {
    expect(formatProgress({ step: "run", done: 0, events: 0, elapsedMs: 0 })).toBe("  0 %  0 events  0/s");
  });

  it("says when machines are run again", () => {
    expect(formatProgress({ step: "history", done: 0.5, events: 10, elapsedMs: 2000 })).toBe(
      " 50 %  running machines again for the histories of violations  2 s left",
    );
  });

  it("says when the trace is being written", () => {
    expect(formatProgress({ step: "trace", done: 0.5, events: 10, elapsedMs: 7_200_000 })).toBe(
      " 50 %  writing the trace  2 h 0 min left",
    );
  });
});
