/** Runs of one AF that are written down by hand, record by record and fold by fold. */
import { describe, expect, it } from "vitest";
import type { TraceRecord } from "../../src/contract/reference-trace.js";
import { foldDigest } from "../../src/measure/merge.js";
import type { CallManagerProfile, ClientProfile, Scenario } from "../../src/scenario/scenario.js";
import { digestOf, type Entry } from "./fault-example.js";
import { PLAIN_CLIENT, plainScenario } from "./plain-scenario.js";
import { runKernel } from "./run-kernel.js";

/** What a kernel leaves of one AF and its drivers, written by hand from MODEL-DRIVERS.md. */
export interface WorkedRun {
  readonly title: string;
  readonly scenario: Scenario;
  /** In columns: tick, IRQL, op, frame, and what the call is; its AF is AF#0v1 where its call has one. */
  readonly trace: string;
  readonly digest: readonly Entry[];
}

export const HALT = { kind: "halt", adapters: [{ from: 0, to: 0 }] } as const;

/** Halted at tick 4 of 100: with a hold of 10 ticks the AF is open then. */
export function halted(
  fields: Partial<Scenario> = {},
  client: Partial<ClientProfile> = {},
  callManager: Partial<CallManagerProfile> = {},
  close: Partial<CallManagerProfile["close"]> = {},
  open: Partial<CallManagerProfile["open"]> = {},
): Scenario {
  const phases: Scenario["phases"] = [{ kind: "run", ns: 400 }, HALT, { kind: "run", ns: 9_600 }];
  return plainScenario({ phases, client: { ...PLAIN_CLIENT, ...client }, ...fields }, open, close, callManager);
}

export const one = { kind: "constant", count: 1 } as const;

export const CLIENT_COMES_UP = `
  0 PASSIVE call f3 ProtocolBindAdapterEx ndis → client:0
  0 PASSIVE call f4 in f3 NdisOpenAdapterEx client:0 → ndis
  0 PASSIVE return f4 NdisOpenAdapterEx SUCCESS
  0 PASSIVE return f3 ProtocolBindAdapterEx SUCCESS
  0 PASSIVE call f5 ProtocolCoAfRegisterNotify ndis → client:0
  0 PASSIVE return f5 ProtocolCoAfRegisterNotify`;
export const MCM_COMES_UP = `
  0 PASSIVE call f1 MiniportInitializeEx ndis → cm:0
  0 PASSIVE call f2 in f1 NdisMCmRegisterAddressFamilyEx cm:0 → ndis
  0 PASSIVE return f2 NdisMCmRegisterAddressFamilyEx SUCCESS
  0 PASSIVE return f1 MiniportInitializeEx SUCCESS${CLIENT_COMES_UP}`;
export const STANDALONE_COMES_UP = `
  0 PASSIVE call f1 ProtocolBindAdapterEx ndis → cm:0
  0 PASSIVE call f2 in f1 NdisOpenAdapterEx cm:0 → ndis
  0 PASSIVE return f2 NdisOpenAdapterEx SUCCESS
  0 PASSIVE call f3 in f1 NdisCmRegisterAddressFamilyEx cm:0 → ndis
  0 PASSIVE return f3 NdisCmRegisterAddressFamilyEx SUCCESS
  0 PASSIVE return f1 ProtocolBindAdapterEx SUCCESS
${raised(CLIENT_COMES_UP, 1)}`;

/** Lines whose frames have numbers that are higher by some. */
export function raised(lines: string, by: number): string {
  return lines.replace(/\bf(\d+)/g, (_, frame) => `f${Number(frame) + by}`);
}

/** An open that succeeds at once, from frame f6 on. */
export const OPENED = `
  0 PASSIVE call f6 NdisClOpenAddressFamilyEx client:0 → ndis
  0 PASSIVE call f7 in f6 ProtocolCmOpenAf ndis → cm:0
  0 PASSIVE return f7 ProtocolCmOpenAf SUCCESS
  0 PASSIVE return f6 NdisClOpenAddressFamilyEx SUCCESS
  0 PASSIVE call f8 ProtocolClOpenAfCompleteEx client:0 → client:0 SUCCESS
  0 PASSIVE return f8 ProtocolClOpenAfCompleteEx`;

/** A record as a line of the columns. */
function line(record: TraceRecord): string {
  const status = "status" in record ? record.status.replace("NDIS_STATUS_", "") : "";
  const what =
    record.op === "call"
      ? [`f${record.frame}`, record.parent === undefined ? "" : `in f${record.parent}`, record.call]
      : record.op === "return"
        ? [`f${record.frame}`, record.call]
        : [`from ${record.from}`];
  const parties = record.op === "call" ? `${record.from} → ${record.to}` : "";
  return [record.timeNs / 100, record.irql.replace("_LEVEL", ""), record.op, ...what, parties, status]
    .filter((word) => word !== "")
    .join(" ");
}

const linesOf = (columns: string): string[] =>
  columns
    .split("\n")
    .map((text) => text.trim())
    .filter((text) => text !== "");

/** Calls about no AF, or none yet. */
const WITHOUT_AF = /Miniport|Adapter|Register|NdisClOpenAddressFamilyEx/;

/** The return of an open names the AF, its call does not. */
function isOpenReturn(record: TraceRecord): boolean {
  return record.op === "return" && record.call === "NdisClOpenAddressFamilyEx";
}

/** Sees that the kernel leaves the traces of runs, counts their calls and folds what it should, traced and not. */
export function describeWorked(runs: readonly WorkedRun[]): void {
  describe.each(runs)("$title", ({ scenario, trace, digest }) => {
    const { trace: records, merged } = runKernel(scenario, { trace: { afs: null, timeNs: null } });
    const lines = records as readonly TraceRecord[];

    it("leaves the trace that was worked out by hand, and counts its calls", () => {
      expect(lines.map(line)).toEqual(linesOf(trace));
      expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
      expect(merged.totals.calls).toBe(linesOf(trace).filter((text) => / call /.test(text)).length);
    });

    it("names the AF where there is one, and the adapter on every call", () => {
      for (const record of lines) {
        expect(record.af).toBe(
          "call" in record && WITHOUT_AF.test(record.call) && !isOpenReturn(record) ? undefined : "AF#0v1",
        );
        if (record.op === "call") expect(record.adapter).toBe(0);
      }
    });

    it("folds what breaks a rule, and the transitions", () => {
      expect(foldDigest(merged.machines)).toBe(digestOf(digest));
      expect(foldDigest(runKernel(scenario).merged.machines)).toBe(digestOf(digest));
      expect(runKernel(scenario).merged.totals).toEqual(merged.totals);
    });
  });
}
