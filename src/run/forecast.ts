import { buildSampler } from "../contract/sampler.js";
import { meanNs } from "../scenario/distribution.js";
import { lengthNs } from "../scenario/phases.js";
import type { CallManagerProfile, Distribution, Scenario } from "../scenario/scenario.js";
import type { TraceFilter } from "./plan.js";
import { meanWork } from "./work.js";

/** Records of a pended close and of the synchronous open before it: calls, returns and releases. */
const RECORDS_PER_LIFECYCLE = 16;
/** Of a pended open that fails, with the NdisUnbindAdapter after it. */
const RECORDS_PER_FAILED_OPEN = 12;
/** Of the teardown of a VC or SAP and its completion. */
const RECORDS_PER_TEARDOWN = 8;
/** A client waits and wakes. */
const RECORDS_PER_WAIT = 2;

/** A sampler's mean is always finite, but a sampler takes milliseconds to build. */
function meanNsOf(distribution: Distribution, tickNs: number): number {
  const ns = meanNs(distribution);
  return Number.isFinite(ns) ? ns : buildSampler(distribution, tickNs).meanTicks * tickNs;
}

function meanCloseNs({ close }: CallManagerProfile, tickNs: number): number {
  return close.pend * (1 - close.inline) * meanNsOf(close.service, tickNs);
}

/** What happens in a nanosecond at most, of all machines. */
interface Paces {
  readonly lifecycles: number;
  readonly failedOpens: number;
}

/** The AFs' own pace, or what servers or arrivals allow. */
function pacesOf(scenario: Scenario): Paces {
  const { topology, callManagers, client, arrivals, tickNs } = scenario;
  const weights = callManagers.reduce((sum, profile) => sum + profile.weight, 0);
  const average = (of: (profile: CallManagerProfile) => number): number =>
    callManagers.reduce((sum, profile) => sum + (profile.weight / weights) * of(profile), 0);
  const failing = average(({ open }) => open.fail);
  const openNs = average(({ open }) => open.pend * meanNsOf(open.service, tickNs));
  const closeNs = average((profile) => meanCloseNs(profile, tickNs));
  // The first teardown to be completed takes about as long as any, the last one longer.
  const workNs = average(({ teardown }) => Math.min(1, meanWork(client)) * meanNsOf(teardown.service, tickNs));
  const heldNs = meanNsOf(client.hold, tickNs) + workNs + closeNs;
  const cycleNs = Math.max(meanNsOf(client.think, tickNs) + openNs + (1 - failing) * heldNs, tickNs / 2);
  const paces = [topology.afs / cycleNs];
  if (arrivals !== null) paces.push(arrivals.perSecond / 1e9);
  const served = average(({ close }) =>
    close.serve === null ? Infinity : close.serve.servers / Math.max(meanNsOf(close.service, tickNs), 1),
  );
  if (Number.isFinite(served) && failing < 1)
    paces.push((served * topology.machines * topology.adaptersPerMachine) / (1 - failing));
  const opens = Math.min(...paces);
  return { lifecycles: opens * (1 - failing), failedOpens: opens * failing };
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
  const paces = pacesOf(scenario);
  const lifecycles = paces.lifecycles * openNs + (scenario.client.reopen || scenario.arrivals !== null ? first : 0);
  const { client } = scenario;
  const perLifecycle = RECORDS_PER_LIFECYCLE + RECORDS_PER_TEARDOWN * meanWork(client) + RECORDS_PER_WAIT * client.wait;
  const failedOpens = paces.failedOpens * openNs;
  let records = trace === null ? 0 : (lifecycles + first) * perLifecycle + failedOpens * RECORDS_PER_FAILED_OPEN;
  if (trace?.afs != null) {
    const afs = trace.afs.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    records *= Math.min(1, afs / scenario.topology.afs);
  }
  if (trace?.timeNs != null) records *= Math.min(1, Math.max(0, trace.timeNs.to - trace.timeNs.from) / totalNs);
  return { lifecycles, traceRecords: Math.ceil(records) };
}
