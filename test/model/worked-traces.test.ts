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
    calls: 10,
    digest: "5a8b554c80674e9d",
    trace: `
  1    0  PASSIVE  call    f1          MiniportInitializeEx  ndis → cm:0  (no af)
  2    0  PASSIVE  call    f2  in f1   NdisMCmRegisterAddressFamilyEx  cm:0 → ndis  (no af)
  3    0  PASSIVE  return  f2          NdisMCmRegisterAddressFamilyEx  SUCCESS  (no af)
  4    0  PASSIVE  return  f1          MiniportInitializeEx  SUCCESS  (no af)
  5    0  PASSIVE  call    f3          ProtocolBindAdapterEx  ndis → client:0  (no af)
  6    0  PASSIVE  call    f4  in f3   NdisOpenAdapterEx  client:0 → ndis  (no af)
  7    0  PASSIVE  return  f4          NdisOpenAdapterEx  SUCCESS  (no af)
  8    0  PASSIVE  return  f3          ProtocolBindAdapterEx  SUCCESS  (no af)
  9    0  PASSIVE  call    f5          ProtocolCoAfRegisterNotify  ndis → client:0  (no af)
 10    0  PASSIVE  return  f5          ProtocolCoAfRegisterNotify  (no af)
 11    0  PASSIVE  call    f6          NdisClOpenAddressFamilyEx  client:0 → ndis  (no af)
 12    0  PASSIVE  call    f7  in f6   ProtocolCmOpenAf  ndis → cm:0
 13    0  PASSIVE  return  f7          ProtocolCmOpenAf  PENDING
 14    0  PASSIVE  return  f6          NdisClOpenAddressFamilyEx  PENDING
 15   10  DISPATCH release             from cm:0
 16   10  DISPATCH call    f8          NdisMCmOpenAddressFamilyComplete  cm:0 → ndis  RESOURCES
 17   12  DISPATCH return  f8          NdisMCmOpenAddressFamilyComplete
 18   12  PASSIVE  call    f9          ProtocolClOpenAfCompleteEx  ndis → client:0  RESOURCES
 19   12  PASSIVE  release             from client:0
 20   12  PASSIVE  return  f9          ProtocolClOpenAfCompleteEx
 21   12  PASSIVE  call    f10         NdisUnbindAdapter  client:0 → ndis  (no af)
 22   12  PASSIVE  return  f10         NdisUnbindAdapter  SUCCESS  (no af)`,
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
    calls: 24,
    digest: "e9e8eca7451664ea",
    trace: `
  1    0  PASSIVE  call    f1          MiniportInitializeEx  ndis → cm:0  (no af)
  2    0  PASSIVE  call    f2  in f1   NdisMCmRegisterAddressFamilyEx  cm:0 → ndis  (no af)
  3    0  PASSIVE  return  f2          NdisMCmRegisterAddressFamilyEx  SUCCESS  (no af)
  4    0  PASSIVE  return  f1          MiniportInitializeEx  SUCCESS  (no af)
  5    0  PASSIVE  call    f3          ProtocolBindAdapterEx  ndis → client:0  (no af)
  6    0  PASSIVE  call    f4  in f3   NdisOpenAdapterEx  client:0 → ndis  (no af)
  7    0  PASSIVE  return  f4          NdisOpenAdapterEx  SUCCESS  (no af)
  8    0  PASSIVE  return  f3          ProtocolBindAdapterEx  SUCCESS  (no af)
  9    0  PASSIVE  call    f5          ProtocolCoAfRegisterNotify  ndis → client:0  (no af)
 10    0  PASSIVE  return  f5          ProtocolCoAfRegisterNotify  (no af)
 11    0  PASSIVE  call    f6          NdisClOpenAddressFamilyEx  client:0 → ndis  (no af)
 12    0  PASSIVE  call    f7  in f6   ProtocolCmOpenAf  ndis → cm:0
 13    0  PASSIVE  return  f7          ProtocolCmOpenAf  SUCCESS
 14    0  PASSIVE  return  f6          NdisClOpenAddressFamilyEx  SUCCESS
 15    0  PASSIVE  call    f8          ProtocolClOpenAfCompleteEx  client:0 → client:0  SUCCESS
 16    0  PASSIVE  return  f8          ProtocolClOpenAfCompleteEx
 17  100  PASSIVE  call    f9          NdisClCloseCall  client:0 → ndis
 18  100  PASSIVE  call    f10 in f9   ProtocolCmCloseCall  ndis → cm:0
 19  100  PASSIVE  return  f10         ProtocolCmCloseCall  PENDING
 20  100  PASSIVE  return  f9          NdisClCloseCall  PENDING
 21  100  PASSIVE  call    f11         NdisClCloseCall  client:0 → ndis
 22  100  PASSIVE  call    f12 in f11  ProtocolCmCloseCall  ndis → cm:0
 23  100  PASSIVE  return  f12         ProtocolCmCloseCall  PENDING
 24  100  PASSIVE  return  f11         NdisClCloseCall  PENDING
 25  100  PASSIVE  call    f13         NdisClDeregisterSap  client:0 → ndis
 26  100  PASSIVE  call    f14 in f13  ProtocolCmDeregisterSap  ndis → cm:0
 27  100  PASSIVE  return  f14         ProtocolCmDeregisterSap  PENDING
 28  100  PASSIVE  return  f13         NdisClDeregisterSap  PENDING
 29  100  PASSIVE  call    f15         NdisClCloseAddressFamily  client:0 → ndis
 30  100  PASSIVE  call    f16 in f15  ProtocolCmCloseAf  ndis → cm:0
 31  100  PASSIVE  return  f16         ProtocolCmCloseAf  PENDING
 32  100  PASSIVE  return  f15         NdisClCloseAddressFamily  PENDING
 33  105  DISPATCH call    f17         NdisMCmCloseCallComplete  cm:0 → ndis  SUCCESS
 34  105  DISPATCH call    f18 in f17  ProtocolClCloseCallComplete  ndis → client:0  SUCCESS
 35  105  DISPATCH return  f18         ProtocolClCloseCallComplete
 36  105  DISPATCH return  f17         NdisMCmCloseCallComplete
 37  105  DISPATCH call    f19         NdisMCmCloseCallComplete  cm:0 → ndis  SUCCESS
 38  105  DISPATCH call    f20 in f19  ProtocolClCloseCallComplete  ndis → client:0  SUCCESS
 39  105  DISPATCH return  f20         ProtocolClCloseCallComplete
 40  105  DISPATCH return  f19         NdisMCmCloseCallComplete
 41  105  DISPATCH call    f21         NdisMCmDeregisterSapComplete  cm:0 → ndis  SUCCESS
 42  105  DISPATCH call    f22 in f21  ProtocolClDeregisterSapComplete  ndis → client:0  SUCCESS
 43  105  DISPATCH return  f22         ProtocolClDeregisterSapComplete
 44  105  DISPATCH return  f21         NdisMCmDeregisterSapComplete
 45  125  DISPATCH release             from cm:0
 46  125  DISPATCH call    f23         NdisMCmCloseAddressFamilyComplete  cm:0 → ndis  SUCCESS
 47  125  DISPATCH call    f24 in f23  ProtocolClCloseAfComplete  ndis → client:0  SUCCESS
 48  125  DISPATCH release             from client:0
 49  125  DISPATCH return  f24         ProtocolClCloseAfComplete
 50  125  DISPATCH return  f23         NdisMCmCloseAddressFamilyComplete`,
  },
  {
    title: "an early release by a client that waits",
    scenario: plainScenario({
      client: { ...once, wait: 1 },
      faults: [{ kind: "early-release", rate: null, at: [0] }],
      phases: DRAINED,
    }),
    calls: 12,
    digest: "fc5d5e4e863e9aa5",
    trace: `
  1    0  PASSIVE  call    f1          MiniportInitializeEx  ndis → cm:0  (no af)
  2    0  PASSIVE  call    f2  in f1   NdisMCmRegisterAddressFamilyEx  cm:0 → ndis  (no af)
  3    0  PASSIVE  return  f2          NdisMCmRegisterAddressFamilyEx  SUCCESS  (no af)
  4    0  PASSIVE  return  f1          MiniportInitializeEx  SUCCESS  (no af)
  5    0  PASSIVE  call    f3          ProtocolBindAdapterEx  ndis → client:0  (no af)
  6    0  PASSIVE  call    f4  in f3   NdisOpenAdapterEx  client:0 → ndis  (no af)
  7    0  PASSIVE  return  f4          NdisOpenAdapterEx  SUCCESS  (no af)
  8    0  PASSIVE  return  f3          ProtocolBindAdapterEx  SUCCESS  (no af)
  9    0  PASSIVE  call    f5          ProtocolCoAfRegisterNotify  ndis → client:0  (no af)
 10    0  PASSIVE  return  f5          ProtocolCoAfRegisterNotify  (no af)
 11    0  PASSIVE  call    f6          NdisClOpenAddressFamilyEx  client:0 → ndis  (no af)
 12    0  PASSIVE  call    f7  in f6   ProtocolCmOpenAf  ndis → cm:0
 13    0  PASSIVE  return  f7          ProtocolCmOpenAf  SUCCESS
 14    0  PASSIVE  return  f6          NdisClOpenAddressFamilyEx  SUCCESS
 15    0  PASSIVE  call    f8          ProtocolClOpenAfCompleteEx  client:0 → client:0  SUCCESS
 16    0  PASSIVE  return  f8          ProtocolClOpenAfCompleteEx
 17  100  PASSIVE  call    f9          NdisClCloseAddressFamily  client:0 → ndis
 18  100  PASSIVE  call    f10 in f9   ProtocolCmCloseAf  ndis → cm:0
 19  100  PASSIVE  return  f10         ProtocolCmCloseAf  PENDING
 20  100  PASSIVE  return  f9          NdisClCloseAddressFamily  PENDING
 21  100  PASSIVE  release             from client:0
 22  100  PASSIVE  wait                from client:0
 23  120  DISPATCH release             from cm:0
 24  120  DISPATCH call    f11         NdisMCmCloseAddressFamilyComplete  cm:0 → ndis  SUCCESS
 25  120  DISPATCH call    f12 in f11  ProtocolClCloseAfComplete  ndis → client:0  SUCCESS
 26  120  DISPATCH wake                from client:0
 27  120  DISPATCH return  f12         ProtocolClCloseAfComplete
 28  120  DISPATCH return  f11         NdisMCmCloseAddressFamilyComplete`,
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
  expect(run.close).toMatchObject({ total: [25], requestToCompletion: [25], completionToClient: [0] });
});

it("an early release is judged once, when it happens", () => {
  const run = runReference(WORKED[2]!.scenario);
  expect(run.violations).toEqual([{ rule: "close/context-early", tick: 100, machine: 0, slot: 0, generation: 1 }]);
});
