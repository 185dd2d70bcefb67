import { liveTraceLines } from "../../src/run/live-trace.js";
import { DISPATCHES, type LiveOptions } from "../../src/run/live-plan.js";
import type { ScenarioInput } from "../../src/scenario/schema.js";
import { RACES, type LiveRun } from "./live-run.js";

const REFUSED = '"call":"ProtocolCmCloseAf","af":';

/** AFs with VCs and SAPs, some with none; closes meet teardowns and halts, and half of those that come first are refused. */
export const WORK: ScenarioInput = {
  ...RACES,
  topology: { machines: 2, adaptersPerMachine: 2, clientsPerAdapter: 2, afs: 24 },
  callManager: [
    {
      kind: "mcm",
      open: { pend: 0.3, fail: 0.1, service: { exponential: "5us" } },
      close: { pend: 0.8, inline: 0.3, refuse: 0.5, service: { exponential: "10us" } },
      teardown: { service: { exponential: "10us" } },
    },
    {
      kind: "standalone",
      irql: "PASSIVE_LEVEL",
      close: { pend: 0.8, refuse: 0.5, service: { exponential: "10us" } },
      teardown: { service: { exponential: "2us" } },
    },
  ],
  client: { ...RACES.client, outstanding: { vcs: { poisson: 1.5 }, saps: 1 } },
  contract: { failedClose: "retry" },
};

/** The same with clients whose handles are dead after a close that has failed. */
export const DEAD_HANDLES: ScenarioInput = { ...WORK, contract: { failedClose: "dead" } };

/** The same without refusals, and with a halt that finds every AF open. */
export const HALTED_WORK: ScenarioInput = {
  ...WORK,
  callManager: { close: { pend: 1, service: { exponential: "10us" } }, teardown: { service: { exponential: "5us" } } },
  client: { ...WORK.client, hold: { constant: "60s" }, outstanding: { vcs: 2, saps: 2 } },
};

/** Faults that are tried with work on the AFs: the rule that each breaks, and the scenario. */
export const WORK_MISTAKES: ReadonlyMap<string, readonly [rule: string, base: ScenarioInput]> = new Map([
  ["outstanding-close", ["close/outstanding", DEAD_HANDLES]],
  ["undrained-completion", ["close/undrained", WORK]],
  ["retry-close", ["close/client-stale", DEAD_HANDLES]],
  ["saps-first", ["notify/order", HALTED_WORK]],
  ["callback-wait", ["close/blocked", WORK]],
  ["failed-open-close", ["open/failed-handle", WORK]],
  ["failed-open-leak", ["open/failed-handle", WORK]],
]);

/** Closes that the call manager has refused. */
export function countRefusals({ plan, execution }: LiveRun): number {
  let refusals = 0;
  for (const line of liveTraceLines(execution.memory, plan))
    if (line.includes(REFUSED) && line.includes("NDIS_STATUS_NOT_ACCEPTED")) refusals++;
  return refusals;
}

/** More lanes than this machine has processors are the harder case. */
export const LANES = [1, 2, 4];

/** Every strategy with a number of lanes, another one for every text; with more seeds asked for all of the nine. */
export function waysFor(text: string): Pick<LiveOptions, "dispatch" | "lanes">[] {
  const all = process.env["CONDIS_LIVE_SEEDS"] !== undefined;
  const first = text.length;
  return DISPATCHES.flatMap((dispatch, i) =>
    LANES.filter((_, n) => all || n === (first + i) % LANES.length).map((lanes) => ({ dispatch, lanes })),
  );
}
