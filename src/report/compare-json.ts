import type { ComparedPair, Comparison, FirstDifference } from "../result/comparison.js";
import type { StoredResult } from "../result/stored.js";
import { formatJsonValue } from "./json.js";

/** Grows when a field changes its meaning or goes. */
const COMPARISON_VERSION = 1;

/** A comparison for programs, with every field that differs. */
export function formatComparisonJson({ tool, a, b, margin, pairs, ...rest }: Comparison): string {
  return formatJsonValue({
    comparisonVersion: COMPARISON_VERSION,
    tool,
    a: a.name,
    b: b.name,
    outcome: rest.outcome,
    margin,
    pairs: pairs.map(describePair),
    onlyInA: rest.onlyInA.map(describeResult),
    onlyInB: rest.onlyInB.map(describeResult),
  });
}

function describePair({ a, b, firstDifference, speed, ...pair }: ComparedPair): object {
  return {
    verdict: pair.verdict,
    problems: pair.problems,
    a: a.map(describeResult),
    b: b.map(describeResult),
    fieldCount: pair.fieldCount,
    inputs: pair.inputs,
    outputs: pair.outputs,
    unmeasured: pair.unmeasured,
    firstDifference: firstDifference && describeFirst(firstDifference),
    speed,
  };
}

function describeResult({ file, name, seed, digest, tool, partialDone }: StoredResult): object {
  return { file, scenario: name, seed, digest, version: tool.version, partialDone };
}

/** Records as objects, as they stand in a trace. */
function describeFirst(first: FirstDifference): object {
  if (first.kind !== "found") return first;
  const record = (text: string | null): unknown => (text === null ? null : JSON.parse(text));
  return { ...first, a: record(first.a), b: record(first.b) };
}
