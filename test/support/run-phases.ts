/** Runs to be worked out by hand: the plain scenario with other phases, and short forms of what comes out. */
import type { FaultId } from "../../src/contract/faults.js";
import type { ReferenceRun } from "../../src/contract/reference.js";
import type {
  CallManagerProfile,
  ClientProfile,
  CountDistribution,
  Fault,
  NumberRange,
  Phase,
  Scenario,
} from "../../src/scenario/scenario.js";
import { outline } from "./outline.js";
import { PLAIN_CLIENT, plainScenario } from "./plain-scenario.js";
import { runBoth } from "./run-both.js";

export const run = (count: number): Phase => ({ kind: "run", ns: count * 100 });
export const only = (number: number): readonly NumberRange[] => [{ from: number, to: number }];
export const halt = (adapter = 0): Phase => ({ kind: "halt", adapters: only(adapter) });
export const always = (kind: FaultId): Fault => ({ kind, rate: null, at: [0] });
export const constant = (count: number): CountDistribution => ({ kind: "constant", count });
export const standalone = { kind: "standalone" } as const;

export const topology = (afs: number, clientsPerAdapter = 1, adaptersPerMachine = 1) => ({
  machines: 1,
  adaptersPerMachine,
  clientsPerAdapter,
  afs,
});

/** What differs from the plain scenario; the faults strike AF 0 whenever they can. */
export interface Options {
  readonly client?: Partial<ClientProfile>;
  readonly open?: Partial<CallManagerProfile["open"]>;
  readonly close?: Partial<CallManagerProfile["close"]>;
  readonly callManager?: Partial<CallManagerProfile>;
  readonly faults?: readonly FaultId[];
  readonly fields?: Partial<Scenario>;
}

/** Runs the plain scenario, open for 10 ticks and closing for 20, in the reference model and in the kernel. */
export function runPhases(
  phases: readonly Phase[],
  { client, open, close, callManager, faults = [], fields }: Options = {},
) {
  const drivers = { client: { ...PLAIN_CLIENT, ...client }, faults: faults.map(always) };
  return runBoth(plainScenario({ phases, ...drivers, ...fields }, open, close, callManager));
}

/** What is in the trace from the first halt of adapter 0 on. */
function fromHalt(result: ReferenceRun): string[] {
  const first = result.trace.findIndex(
    (r) =>
      r.op === "call" && (r.call === "MiniportHaltEx" || (r.call === "ProtocolUnbindAdapterEx" && r.to === "cm:0")),
  );
  return result.trace.slice(first).map(outline);
}

/** The same, where all is on one processor and adapter. */
export const shortly = (result: ReferenceRun): string[] =>
  fromHalt(result).map((line) => line.replace(/ adapter 0| cpu0/g, ""));

/** Ticks at which a call is made, or returns. */
export const ticksOf = (result: ReferenceRun, call: string, op = "call"): number[] =>
  result.trace.filter((r) => r.op === op && "call" in r && r.call === call).map((r) => r.timeNs / 100);

/** Tick and rule of each violation. */
export const rulesOf = ({ violations }: ReferenceRun): string[] =>
  violations.map(({ rule, tick }) => `${tick} ${rule}`);
