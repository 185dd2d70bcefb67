import { describe, expect, it } from "vitest";
import { runReference } from "../../src/contract/reference.js";
import type { TraceRecord } from "../../src/contract/reference-trace.js";
import { foldDigest } from "../../src/measure/merge.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { PLAIN_CLIENT, plainScenario, ticks } from "../support/plain-scenario.js";
import { runKernel } from "../support/run-kernel.js";

/** A trace in columns: seq, tick, IRQL, op, frame, and what the call is; its AF is AF#0v1 unless it has none. */
interface WorkedTrace {
  readonly title: string;
  readonly scenario: Scenario;
  readonly trace: string;
  readonly calls: number;
  /** Computed from the formulas of MODEL.md alone, by a program that shares nothing with this one. */
  readonly digest: string;
}

const DRAINED: Scenario["phases"] = [
  { kind: "run", ns: 10_100 },
  { kind: "drain", ns: 1_000_000 },
];
const once = { ...PLAIN_CLIENT, hold: ticks(100), reopen: false };

const WORKED: readonly WorkedTrace[] = [
  {
    title: "a pended failing open at DISPATCH_LEVEL with completionCost",
    scenario: plainScenario(
      {
        processors: { count: 1, dpcBudget: 64, completionCostNs: 200 },
        client: { ...PLAIN_CLIENT, think: ticks(0) },
        phases: [{ kind: "run", ns: 1_300 }],
      },
      { pend: 1, fail: 1, service: ticks(10) },
    ),
    calls: 5,
    digest: "5a8b554c80674e9d",
    trace: `
  1    0  PASSIVE  call    f1          NdisClOpenAddressFamilyEx  client:0 → ndis  (no af)
  2    0  PASSIVE  call    f2  in f1   ProtocolCmOpenAf  ndis → cm:0
  3    0  PASSIVE  return  f2          ProtocolCmOpenAf  PENDING
  4    0  PASSIVE  return  f1          NdisClOpenAddressFamilyEx  PENDING
  5   10  DISPATCH release             from cm:0
  6   10  DISPATCH call    f3          NdisMCmOpenAddressFamilyComplete  cm:0 → ndis  RESOURCES
  7   12  DISPATCH return  f3          NdisMCmOpenAddressFamilyComplete
  8   12  PASSIVE  call    f4          ProtocolClOpenAfCompleteEx  ndis → client:0  RESOURCES
  9   12  PASSIVE  release             from client:0
 10   12  PASSIVE  return  f4          ProtocolClOpenAfCompleteEx
 11   12  PASSIVE  call    f5          NdisUnbindAdapter  client:0 → ndis  (no af)
 12   12  PASSIVE  return  f5          NdisUnbindAdapter  SUCCESS  (no af)`,
  },
  {
    title: "a close with 2 VCs and 1 SAP",
    scenario: plainScenario(
      {
        client: {
          ...once,
          outstanding: { vcs: { kind: "constant", count: 2 }, saps: { kind: "constant", count: 1 } },
        },
        phases: DRAINED,
      },
      {},
      {},
      { teardown: { service: ticks(5) } },
    ),
    calls: 19,
    digest: "e9e8eca7451664ea",
    trace: `
  1    0  PASSIVE  call    f1          NdisClOpenAddressFamilyEx  client:0 → ndis  (no af)
  2    0  PASSIVE  call    f2  in f1   ProtocolCmOpenAf  ndis → cm:0
  3    0  PASSIVE  return  f2          ProtocolCmOpenAf  SUCCESS
  4    0  PASSIVE  return  f1          NdisClOpenAddressFamilyEx  SUCCESS
  5    0  PASSIVE  call    f3          ProtocolClOpenAfCompleteEx  client:0 → client:0  SUCCESS
  6    0  PASSIVE  return  f3          ProtocolClOpenAfCompleteEx
  7  100  PASSIVE  call    f4          NdisClCloseCall  client:0 → ndis
  8  100  PASSIVE  call    f5  in f4   ProtocolCmCloseCall  ndis → cm:0
  9  100  PASSIVE  return  f5          ProtocolCmCloseCall  PENDING
 10  100  PASSIVE  return  f4          NdisClCloseCall  PENDING
 11  100  PASSIVE  call    f6          NdisClCloseCall  client:0 → ndis
 12  100  PASSIVE  call    f7  in f6   ProtocolCmCloseCall  ndis → cm:0
 13  100  PASSIVE  return  f7          ProtocolCmCloseCall  PENDING
 14  100  PASSIVE  return  f6          NdisClCloseCall  PENDING
 15  100  PASSIVE  call    f8          NdisClDeregisterSap  client:0 → ndis
 16  100  PASSIVE  call    f9  in f8   ProtocolCmDeregisterSap  ndis → cm:0
 17  100  PASSIVE  return  f9          ProtocolCmDeregisterSap  PENDING
 18  100  PASSIVE  return  f8          NdisClDeregisterSap  PENDING
 19  100  PASSIVE  call    f10         NdisClCloseAddressFamily  client:0 → ndis
 20  100  PASSIVE  call    f11 in f10  ProtocolCmCloseAf  ndis → cm:0
 21  100  PASSIVE  return  f11         ProtocolCmCloseAf  PENDING
 22  100  PASSIVE  return  f10         NdisClCloseAddressFamily  PENDING
 23  105  DISPATCH call    f12         NdisMCmCloseCallComplete  cm:0 → ndis  SUCCESS
 24  105  DISPATCH call    f13 in f12  ProtocolClCloseCallComplete  ndis → client:0  SUCCESS
 25  105  DISPATCH return  f13         ProtocolClCloseCallComplete
 26  105  DISPATCH return  f12         NdisMCmCloseCallComplete
 27  105  DISPATCH call    f14         NdisMCmCloseCallComplete  cm:0 → ndis  SUCCESS
 28  105  DISPATCH call    f15 in f14  ProtocolClCloseCallComplete  ndis → client:0  SUCCESS
 29  105  DISPATCH return  f15         ProtocolClCloseCallComplete
 30  105  DISPATCH return  f14         NdisMCmCloseCallComplete
 31  105  DISPATCH call    f16         NdisMCmDeregisterSapComplete  cm:0 → ndis  SUCCESS
 32  105  DISPATCH call    f17 in f16  ProtocolClDeregisterSapComplete  ndis → client:0  SUCCESS
 33  105  DISPATCH return  f17         ProtocolClDeregisterSapComplete
 34  105  DISPATCH return  f16         NdisMCmDeregisterSapComplete
 35  125  DISPATCH release             from cm:0
 36  125  DISPATCH call    f18         NdisMCmCloseAddressFamilyComplete  cm:0 → ndis  SUCCESS
 37  125  DISPATCH call    f19 in f18  ProtocolClCloseAfComplete  ndis → client:0  SUCCESS
 38  125  DISPATCH release             from client:0
 39  125  DISPATCH return  f19         ProtocolClCloseAfComplete
 40  125  DISPATCH return  f18         NdisMCmCloseAddressFamilyComplete`,
  },
  {
    title: "an early release by a client that waits",
    scenario: plainScenario({
      client: { ...once, wait: 1 },
      faults: [{ kind: "early-release", rate: null, at: [0] }],
      phases: DRAINED,
    }),
    calls: 7,
    digest: "fc5d5e4e863e9aa5",
    trace: `
  1    0  PASSIVE  call    f1          NdisClOpenAddressFamilyEx  client:0 → ndis  (no af)
  2    0  PASSIVE  call    f2  in f1   ProtocolCmOpenAf  ndis → cm:0
  3    0  PASSIVE  return  f2          ProtocolCmOpenAf  SUCCESS
  4    0  PASSIVE  return  f1          NdisClOpenAddressFamilyEx  SUCCESS
  5    0  PASSIVE  call    f3          ProtocolClOpenAfCompleteEx  client:0 → client:0  SUCCESS
  6    0  PASSIVE  return  f3          ProtocolClOpenAfCompleteEx
  7  100  PASSIVE  call    f4          NdisClCloseAddressFamily  client:0 → ndis
  8  100  PASSIVE  call    f5  in f4   ProtocolCmCloseAf  ndis → cm:0
  9  100  PASSIVE  return  f5          ProtocolCmCloseAf  PENDING
 10  100  PASSIVE  return  f4          NdisClCloseAddressFamily  PENDING
 11  100  PASSIVE  release             from client:0
 12  100  PASSIVE  wait                from client:0
 13  120  DISPATCH release             from cm:0
 14  120  DISPATCH call    f6          NdisMCmCloseAddressFamilyComplete  cm:0 → ndis  SUCCESS
 15  120  DISPATCH call    f7  in f6   ProtocolClCloseAfComplete  ndis → client:0  SUCCESS
 16  120  DISPATCH wake                from client:0
 17  120  DISPATCH return  f7          ProtocolClCloseAfComplete
 18  120  DISPATCH return  f6          NdisMCmCloseAddressFamilyComplete`,
  },
];

/** A record as a line of the columns. */
function line(record: TraceRecord): string {
  const status = "status" in record ? record.status.replace("NDIS_STATUS_", "") : "";
  const words =
    record.op === "call"
      ? [
          record.parent === undefined ? "" : `in f${record.parent}`,
          record.call,
          `${record.from} → ${record.to}`,
          status,
        ]
      : record.op === "return"
        ? [record.call, status]
        : [`from ${record.from}`];
  const frame = "frame" in record ? `f${record.frame}` : "";
  const af = record.af === "AF#0v1" ? "" : record.af === undefined ? "(no af)" : record.af;
  const irql = record.irql.replace("_LEVEL", "");
  return [record.seq, record.timeNs / 100, irql, record.op, frame, ...words, af]
    .filter((word) => word !== "")
    .join(" ");
}

const linesOf = (columns: string): string[] =>
  columns
    .split("\n")
    .map((text) => text.trim().replace(/ +/g, " "))
    .filter((text) => text !== "");

/** What a witness says of a scenario. */
interface Witnessed {
  readonly trace: readonly TraceRecord[];
  readonly calls: number;
  readonly digest: string;
}

const WITNESSES: Readonly<Record<string, (scenario: Scenario) => Witnessed>> = {
  reference(scenario) {
    const { trace, totals, digest } = runReference(scenario);
    return { trace, calls: totals.calls, digest };
  },
  kernel(scenario) {
    const { trace, merged } = runKernel(scenario, { trace: { afs: null, timeNs: null } });
    return {
      trace: trace as readonly TraceRecord[],
      calls: merged.totals.calls,
      digest: foldDigest(merged.machines),
    };
  },
};

const EACH = WORKED.flatMap((worked) => Object.entries(WITNESSES).map(([by, witness]) => ({ ...worked, by, witness })));

describe.each(EACH)("$title, in the $by", ({ scenario, trace, calls, digest, witness }) => {
  const run = witness(scenario);

  it("leaves the trace that was worked out by hand", () => {
    expect(run.trace.map(line)).toEqual(linesOf(trace));
    expect(run.calls).toBe(calls);
  });

  it("has the digest that was worked out apart", () => {
    expect(run.digest).toBe(digest);
  });

  it("is all on one machine and processor", () => {
    for (const record of run.trace) expect(record).toMatchObject({ machine: 0, processor: 0 });
  });
});

it("a failed open is neither an open nor an event", () => {
  const run = runReference(WORKED[0]!.scenario);
  expect(run.totals).toMatchObject({ failedOpens: 1, opens: 0, lifecycles: 0, events: 0, undecided: 0 });
  expect([run.violations, run.warnings, run.open.total]).toEqual([[], [], []]);
});

it("teardowns are part of a close's latency, before the completion call", () => {
  const run = runReference(WORKED[1]!.scenario);
  expect(run.close).toEqual({ total: [25], requestToCompletion: [25], completionToClient: [0] });
});

it("an early release is judged once, when it happens", () => {
  const run = runReference(WORKED[2]!.scenario);
  expect(run.violations).toEqual([{ rule: "close/context-early", tick: 100, machine: 0, slot: 0, generation: 1 }]);
});
