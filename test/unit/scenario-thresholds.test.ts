import { describe, expect, test } from "vitest";
import { parseThreshold } from "../../src/scenario/thresholds.js";
import { inputErrorOf } from "../support/input-errors.js";

const KNOWN_PATHS = [
  "totals.events",
  "latency.close.p99Ns",
  "ordering.reorderedRatio",
  "violations.total",
  "violations.byRule.close/double-complete",
  "violations.byRule.close/owed",
];

describe("thresholds", () => {
  test.each([
    ["latency.close.p99Ns < 500us", "latency.close.p99Ns", "<", 500_000],
    ["latency.close.p99Ns<500000", "latency.close.p99Ns", "<", 500_000],
    ["violations.total == 0", "violations.total", "==", 0],
    ["violations.byRule.close/double-complete != 3", "violations.byRule.close/double-complete", "!=", 3],
    ["totals.events >= 1.5M", "totals.events", ">=", 1_500_000],
    ["ordering.reorderedRatio <= 0.05", "ordering.reorderedRatio", "<=", 0.05],
  ])("%s is read", (text, path, operator, value) =>
    expect(parseThreshold(text, KNOWN_PATHS)).toEqual({ text, path, operator, value }),
  );

  test.each([
    ["", "not a threshold", undefined],
    ["latency.close.p99Ns", "not a threshold", undefined],
    ["latency.close.p99Ns <", "not a threshold", undefined],
    ["violations.total = 0", "is not one of", "violations.total == 0"],
    ["violations.total <=> 0", "is not one of", undefined],
    ["violation.total == 0", "no field", "violations.total"],
    ["banana.total == 0", "no field", undefined],
    ["totals..events == 0", "no field", "totals.events"],
    ["latency.close.p99 < 5ms", "no field", "latency.close.p99Ns"],
    ["violations.byRule == 0", "no field", "violations.total"],
    ["violations.byRule.close/owd == 0", "no field", "violations.byRule.close/owed"],
    ["host.rssBytes < 5", "from computer to computer", undefined],
    ["ordering.reorderedRatio < 5%", "percentages", undefined],
    ["totals.events < 5ms", "is no time", undefined],
    ["latency.close.p99Ns < 5msec", "not a duration", "5ms"],
    ["totals.events < many", "not a count", undefined],
  ])("%s is refused: %s, meant %s", (text, message, suggestion) => {
    const error = inputErrorOf(() => parseThreshold(text, KNOWN_PATHS));
    expect(error.message).toContain(message);
    expect(error.details.suggestion).toBe(suggestion);
  });
});
