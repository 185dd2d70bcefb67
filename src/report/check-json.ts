import type { TraceEvent } from "../contract/checker/event.js";
import type { Finding } from "../contract/checker/verdict.js";
import { ruleOf, type RuleId } from "../contract/rules.js";
import type { CheckReport } from "../result/check-report.js";
import type { FindingHistory } from "../trace/af-calls.js";
import { formatJsonValue } from "./json.js";

/** Grows when a field changes its meaning or goes. */
const CHECK_VERSION = 1;

/** The check of a trace for programs. */
export function formatCheckJson({ tool, trace, reading, verdict, histories, cut, stopped, af }: CheckReport): string {
  const describe = (isWarning: boolean): object => {
    const first = verdict.findings.filter(({ warning }) => warning === isWarning);
    const rules = new Set<RuleId>(first.map(({ rule }) => rule));
    const byRule = Object.fromEntries(Object.entries(verdict.byRule).filter(([rule]) => rules.has(rule as RuleId)));
    return {
      total: isWarning ? verdict.warnings : verdict.violations,
      byRule,
      first: first.map((finding) => describeFinding(finding, histories.get(finding))),
    };
  };
  return formatJsonValue({
    checkVersion: CHECK_VERSION,
    tool,
    trace,
    ...(stopped && { stopped }),
    cut,
    records: reading.records,
    fromNs: reading.fromNs,
    toNs: reading.toNs,
    sorted: reading.sorted,
    skipped: { total: reading.skipped, late: reading.late, first: reading.firstSkipped },
    violations: describe(false),
    warnings: describe(true),
    cannotSay: verdict.cannotSay,
    undecided: verdict.undecided,
    peakLiveObjects: verdict.peakLiveObjects,
    ...(af && { af: { ...af.name, leftOut: af.leftOut, history: af.calls.map(({ event }) => asRecord(event)) } }),
  });
}

function describeFinding({ rule, line, timeNs, machine, af, text }: Finding, history?: FindingHistory): object {
  return {
    rule,
    line,
    timeNs,
    machine,
    af,
    text,
    source: ruleOf(rule).source,
    ...(history && { leftOut: history.leftOut, history: history.events.map(asRecord) }),
  };
}

/** In the order of a trace's fields; what it does not have is left out when it is written. */
function asRecord({
  line,
  seq,
  timeNs,
  machine,
  processor,
  irql,
  op,
  frame,
  parent,
  call,
  ...rest
}: TraceEvent): object {
  return { line, seq, timeNs, machine, processor, irql, op, frame, parent, call, ...rest };
}
