import type { LatencyCounts, PhasedLatency } from "./counts.js";
import type { MergedOutcome } from "./merge.js";

/** One side of an equation: what it is called and its value. */
type Side = readonly [text: string, value: number | bigint];
type Equation = readonly [left: Side, right: Side];

function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}

function totalsEquations({ totals, machines }: MergedOutcome): Equation[] {
  const openAtEnd = sum(machines.map((machine) => machine.openAtEnd));
  const pendedAtEnd = sum(machines.map((machine) => machine.pendedAtEnd));
  return [
    [
      ["opens", totals.opens],
      ["lifecycles + openAtEnd + pendedAtEnd", totals.lifecycles + openAtEnd + pendedAtEnd],
    ],
    [
      ["closes", totals.closes],
      ["synchronousCloses + pendedCloses", totals.synchronousCloses + totals.pendedCloses],
    ],
    [
      ["pendedCloses", totals.pendedCloses],
      ["completions + pendedAtEnd", totals.completions + pendedAtEnd],
    ],
  ];
}

function objectEquations({ objects }: MergedOutcome): Equation[] {
  if (objects === null) return [];
  const { created, deleted, atEnd } = objects.vcs;
  return [
    [
      ["vcs.created", created],
      ["vcs.deleted + vcs.atEnd", deleted + atEnd],
    ],
  ];
}

function latencyEquations(name: string, latency: PhasedLatency): Equation[] {
  const { total, requestToCompletion, completionToClient } = latency;
  const parts: readonly (readonly [string, LatencyCounts])[] = [
    [name, total],
    [`${name} request to completion`, requestToCompletion],
    [`${name} completion to client`, completionToClient],
  ];
  const counted = parts.flatMap(([part, counts]): Equation[] => [
    [
      [`${part} latencies in buckets`, sum(counts.counts)],
      [`${name} latencies`, total.count],
    ],
    [
      [`${part} latencies`, counts.count],
      [`${name} latencies`, total.count],
    ],
  ]);
  return [
    ...counted,
    [
      [`sum of ${name} latencies`, total.sumTicks],
      ["sums of both parts", requestToCompletion.sumTicks + completionToClient.sumTicks],
    ],
  ];
}

function orderingEquations({ ordering, close }: MergedOutcome): Equation[] {
  const completions: Side = ["ordering.completions", ordering.completions];
  const reordered: Side = ["ordering.reordered", ordering.reordered];
  return [
    [["close latencies", close.total.count], completions],
    [["sum of density", sum(ordering.density)], completions],
    [["sum of clients' completions", sum(ordering.clientCompletions)], completions],
    [["sum of extents + beyondWindow", sum(ordering.extents) + ordering.beyondWindow], reordered],
    [["sum of nReordering + nBeyondWindow", sum(ordering.nReordering) + ordering.nBeyondWindow], reordered],
  ];
}

/**
 * Checks that a run's numbers add up: the equations of the totals, that both parts of every latency were counted, and
 * that the ordering counts cover every completion and every reordered one.
 * @throws Error (internal, never the user's fault) that names the equation and the values of both sides
 */
export function checkTotals(outcome: MergedOutcome): void {
  const equations = [
    ...totalsEquations(outcome),
    ...objectEquations(outcome),
    ...latencyEquations("close", outcome.close),
    ...latencyEquations("open", outcome.open),
    ...orderingEquations(outcome),
  ];
  for (const [[leftText, left], [rightText, right]] of equations) {
    if (left !== right) {
      throw new Error(`internal error: the totals do not add up: ${leftText} = ${left}, but ${rightText} = ${right}`);
    }
  }
}
