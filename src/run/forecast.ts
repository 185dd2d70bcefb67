import { buildSampler } from "../contract/sampler.js";
import { meanNs } from "../scenario/distribution.js";
import { lengthNs } from "../scenario/phases.js";
import type { CallManagerProfile, Distribution, Scenario } from "../scenario/scenario.js";
import type { TraceFilter } from "./plan.js";

/** Records of a pended close and of the synchronous open before it: calls, returns and releases. */
const RECORDS_PER_LIFECYCLE = 16;

/** A sampler's mean is always finite, but a sampler takes milliseconds to build. */
function meanNsOf(distribution: Distribution, tickNs: number): number {
  const ns = meanNs(distribution);
  return Number.isFinite(ns) ? ns : buildSampler(distribution, tickNs).meanTicks * tickNs;
}

function meanCloseNs({ close }: CallManagerProfile, tickNs: number): number {
  return close.pend * (1 - close.inline) * meanNsOf(close.service, tickNs);
}

/** Lifecycles a second at most, of all machines: the AFs' own pace, or what servers or arrivals allow. */
function lifecyclesPerNs(scenario: Scenario): number {
  const { topology, callManagers, client, arrivals, tickNs } = scenario;
  const weights = callManagers.reduce((sum, profile) => sum + profile.weight, 0);
  const average = (of: (profile: CallManagerProfile) => number): number =>
    callManagers.reduce((sum, profile) => sum + (profile.weight / weights) * of(profile), 0);
  const openNs = average(({ open }) => open.pend * meanNsOf(open.service, tickNs));
  const closeNs = average((profile) => meanCloseNs(profile, tickNs));
  const cycleNs = Math.max(
    meanNsOf(client.hold, tickNs) + meanNsOf(client.think, tickNs) + openNs + closeNs,
    tickNs / 2,
  );
  const paces = [topology.afs / cycleNs];
  if (arrivals !== null) paces.push(arrivals.perSecond / 1e9);
  const served = average(({ close }) =>
    close.serve === null ? Infinity : close.serve.servers / Math.max(meanNsOf(close.service, tickNs), 1),
  );
  if (Number.isFinite(served)) paces.push(served * topology.machines * topology.adaptersPerMachine);
  return Math.min(...paces);
}

/** A rough forecast of lifecycles and of trace records, from the means of the scenario's distributions. */
export function forecast(
  scenario: Scenario,
  trace: TraceFilter | null,
): { readonly lifecycles: number; readonly traceRecords: number } {
  const openNs = scenario.phases.reduce(
    (ns, phase) => ns + (phase.kind === "warmup" || phase.kind === "run" ? phase.ns : 0),
    0,
  );
  const totalNs = scenario.phases.reduce((ns, phase) => ns + lengthNs(phase), 0);
  const first = scenario.arrivals === null ? scenario.topology.afs : 0;
  const lifecycles =
    lifecyclesPerNs(scenario) * openNs + (scenario.client.reopen || scenario.arrivals !== null ? first : 0);
  let records = trace === null ? 0 : (lifecycles + first) * RECORDS_PER_LIFECYCLE;
  if (trace?.afs != null) {
    const afs = trace.afs.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    records *= Math.min(1, afs / scenario.topology.afs);
  }
  if (trace?.timeNs != null) records *= Math.min(1, Math.max(0, trace.timeNs.to - trace.timeNs.from) / totalNs);
  return { lifecycles, traceRecords: Math.ceil(records) };
}
