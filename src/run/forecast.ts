import type { FaultId } from "../contract/faults.js";
import { samplerOf } from "../contract/sampler.js";
import { meanNs } from "../scenario/distribution.js";
import { isTimed, virtualNsOf } from "../scenario/phases.js";
import type { CallManagerProfile, Distribution, Scenario } from "../scenario/scenario.js";
import { Fluid, type Flow, type FluidRates } from "./fluid.js";
import { objectMeansOf, type ObjectMeans } from "./object-forecast.js";
import type { TraceFilter } from "./plan.js";
import { meanWork, shareWithWork } from "./work.js";

/**
 * Trace records: a call and its return for the client and the call manager each, and for the call of a completion and of the
 * client inside of it. Without PENDING the client is told by a call of its own. A lifecycle's end releases two contexts.
 */
const OPEN_RECORDS = { synchronous: 6, pended: 8 };
const CLOSE_RECORDS = { synchronous: 6, pended: 4 };
const COMPLETION_RECORDS = 4;
const END_RECORDS = 2;
/** Of the teardown of a VC or SAP and its completion. */
const TEARDOWN_RECORDS = 8;
/** Of a close that is refused: of the call, that of the call manager inside, and the client's of itself. */
const REFUSED_RECORDS = 6;
/** Of a failed open: as of one that succeeds, two releases, and the call of NdisUnbindAdapter. */
const FAILED_RECORDS = 4;
/** Of a close notification, and again of its completion where the client owes it; of one that fails, as the AF is closing. */
const NOTIFY_RECORDS = { delivered: 4, completed: 4, failed: 2 };
/** Of a call manager that comes up, of one whose adapter halts, and of a client that is bound and notified. */
const START_RECORDS = { mcm: 4, standalone: 6 };
const HALT_RECORDS = { mcm: 2, standalone: 6 };
const BIND_RECORDS = 6;
/** A client waits and wakes. */
const WAIT_RECORDS = 2;
/** An open that always fails is never seen to succeed: as good as that. */
const FAIL_MAX = 1 - 1e-6;
/** Of what a fault may add, such as a second completion that is told to the client. */
const FAULT_RECORDS = 4;
/** Faults that strike once a driver, when it comes or goes, and not in a lifecycle: they add next to nothing. */
const FAULTS_OF_DRIVERS: ReadonlySet<string> = new Set<FaultId>([
  "register-late",
  "register-twice",
  "register-irql",
  "early-close-adapter",
  "cm-early-close-adapter",
  "close-adapter-irql",
  "cm-close-adapter-irql",
]);

/** In which a phase, or the part of it that is traced, is worked out. */
const STEPS = 200;
/** A sampler's value has 16 binary places. */
const SAMPLER_TICK = 65_536;

export interface Forecast {
  readonly closes: number;
  readonly lifecycles: number;
  readonly traceRecords: number;
}

/** A mean; where there is none, of what a run of this length can see of it. */
function meanNsOf(distribution: Distribution, tickNs: number, runNs: number): number {
  const ns = meanNs(distribution);
  if (Number.isFinite(ns)) return ns;
  const { base, cells } = samplerOf(distribution, tickNs);
  let mean = 0;
  let probability = 1;
  base.forEach((value, index) => {
    if (index % cells === 0 && index + cells < base.length) probability /= 2;
    mean += (probability / cells) * Math.min((Number(value) / SAMPLER_TICK) * tickNs, runNs);
  });
  return mean;
}

/** The means of a scenario, its call managers averaged by weight. */
interface Means {
  readonly rates: FluidRates;
  readonly openPended: number;
  /** Before one that succeeds. */
  readonly failedOpens: number;
  readonly closePended: number;
  /** Of teardowns, waits and closes that are refused, in a lifecycle. */
  readonly workRecords: number;
  /** That faults add to a lifecycle. */
  readonly faultRecords: number;
  /** Of a call manager, when it comes up and when it is halted. */
  readonly startRecords: number;
  readonly haltRecords: number;
  /** Of SAPs, VCs, calls and parties. */
  readonly objects: ObjectMeans;
  /** Share of notified AFs whose client completes the notification later, and of closing ones of which a halt notifies too. */
  readonly owing: number;
  readonly notifiedClosing: number;
}

function meansOf(scenario: Scenario): Means {
  const { topology, callManagers, client, contract, arrivals, processors, faults, tickNs } = scenario;
  const runNs = virtualNsOf(scenario);
  const mean = (distribution: Distribution): number => meanNsOf(distribution, tickNs, runNs);
  const weights = callManagers.reduce((sum, profile) => sum + profile.weight, 0);
  const average = (of: (profile: CallManagerProfile) => number): number =>
    callManagers.reduce((sum, profile) => sum + (profile.weight / weights) * of(profile), 0);
  const share = (part: number, distribution: Distribution): number => (part === 0 ? 0 : part * mean(distribution));
  const openingNs = average(({ open }) => share(open.pend, open.service));
  const fail = Math.min(
    average(({ open }) => open.fail),
    FAIL_MAX,
  );
  const failedOpens = fail / (1 - fail);
  const work = meanWork(client);
  const refused = average(({ close }) => close.refuse) * shareWithWork(client);
  // The first teardown to be completed takes about the mean time, the last one longer.
  const teardownNs = average(({ teardown }) => share(Math.min(1, work), teardown.service));
  const openNs = mean(client.hold) + openingNs;
  const objects = objectMeansOf(scenario, mean);
  const closingNs =
    teardownNs + objects.teardownNs + average(({ close }) => share(close.pend * (1 - close.inline), close.service));
  const served = average(({ close }) =>
    close.serve === null ? Infinity : close.serve.servers / Math.max(mean(close.service), 1),
  );
  const dispatched = processors.count / processors.completionCostNs;
  return {
    rates: {
      // Less than half a tick in all is as good as that.
      openNs: Math.max(openNs, tickNs / 2),
      closingNs,
      failing: fail,
      vacantNs: mean(client.think) + failedOpens * (openingNs + Math.max(mean(client.think), tickNs)),
      stranding: contract.failedClose === "dead" ? refused : 0,
      endsPerNs: Math.min(served * topology.adaptersPerMachine, dispatched) * topology.machines,
      reopening: arrivals ? { perNs: arrivals.perSecond / 1e9 } : client.reopen ? "reopen" : "never",
    },
    openPended: average(({ open }) => open.pend),
    failedOpens,
    closePended: average(({ close }) => close.pend),
    workRecords: TEARDOWN_RECORDS * work + WAIT_RECORDS * client.wait + REFUSED_RECORDS * refused,
    faultRecords: faults.reduce(
      (sum, { kind, rate }) => sum + (FAULTS_OF_DRIVERS.has(kind) ? 0 : FAULT_RECORDS * (rate ?? 0)),
      0,
    ),
    startRecords: average(({ kind }) => START_RECORDS[kind]),
    haltRecords: average(({ kind }) => HALT_RECORDS[kind]),
    objects,
    owing: client.notify.pend + (1 - client.notify.pend) * average(({ close }) => close.pend * (1 - close.inline)),
    notifiedClosing: average(({ close, notify }) => (notify.closing ? close.pend : 0)),
  };
}

/** Adapters that each halt takes, as shares of all; what is left halts never. Overlapping halts count as separate ones. */
function haltShares({ phases, topology }: Scenario): Map<number | null, number> {
  const shares = new Map<number | null, number>();
  let left = 1;
  for (const [index, phase] of phases.entries()) {
    if (phase.kind !== "halt") continue;
    const adapters = phase.adapters.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    const share = Math.min(left, adapters / (topology.machines * topology.adaptersPerMachine));
    shares.set(index, share);
    left -= share;
  }
  return shares.set(null, left);
}

type Window = TraceFilter["timeNs"];

function isWithin(window: Window, ns: number): boolean {
  return window === null || (window.from <= ns && ns < window.to);
}

/** Cuts a stretch of time where the traced window begins and ends. */
function cut(fromNs: number, toNs: number, window: Window): number[] {
  const inside = window === null ? [] : [window.from, window.to].filter((ns) => fromNs < ns && ns < toNs);
  return [fromNs, ...inside, toNs];
}

/**
 * Follows the AFs of some adapters through the phases; `note` gets every flow, whether it lies in the traced window, and the records of
 * notifications that it brings.
 */
function follow(
  scenario: Scenario,
  means: Means,
  share: number,
  haltPhase: number | null,
  window: Window,
  note: (flow: Flow, traced: boolean, notifyRecords: number) => void,
): void {
  const { rates } = means;
  const { reopening } = rates;
  const fluid = new Fluid(scenario.topology.afs * share, {
    ...rates,
    endsPerNs: rates.endsPerNs * share,
    reopening: typeof reopening === "object" ? { perNs: reopening.perNs * share } : reopening,
  });
  let opening = true;
  /** Records of notifications that a close's end brings. */
  let owedRecords = 0;
  let startNs = 0;
  if (scenario.arrivals === null) note(fluid.openAll(), isWithin(window, 0), 0);
  for (const [index, phase] of scenario.phases.entries()) {
    if (phase.kind === "halt") {
      if (index !== haltPhase) continue;
      opening = false;
      const failedRecords = NOTIFY_RECORDS.failed * means.notifiedClosing * fluid.closing;
      const flow = fluid.closeAll();
      if (fluid.closing > 0) owedRecords = (NOTIFY_RECORDS.completed * means.owing * flow.closes) / fluid.closing;
      note(flow, isWithin(window, startNs), NOTIFY_RECORDS.delivered * flow.closes + failedRecords);
    }
    // Unbound clients are not followed: there will rather be fewer records.
    if (!isTimed(phase)) continue;
    if (phase.kind === "drain") opening = false;
    const cuts = cut(startNs, startNs + phase.ns, window);
    for (const [part, fromNs] of cuts.slice(0, -1).entries()) {
      const stepNs = ((cuts[part + 1] ?? fromNs) - fromNs) / STEPS;
      for (let step = 0; step < STEPS; step++) {
        const flow = fluid.advance(stepNs, opening);
        note(flow, isWithin(window, fromNs), owedRecords * flow.ends);
      }
    }
    startNs += phase.ns;
  }
}

function recordsOf({ opens, closes, ends, openNs }: Flow, means: Means): number {
  const { openRecords, closeRecords, recordsPerOpenNs } = means.objects;
  const { openPended, failedOpens, closePended, workRecords, faultRecords } = means;
  const perOpen = (1 - openPended) * OPEN_RECORDS.synchronous + openPended * OPEN_RECORDS.pended;
  const perClose = (1 - closePended) * CLOSE_RECORDS.synchronous + closePended * CLOSE_RECORDS.pended;
  const perEnd = closePended * COMPLETION_RECORDS + END_RECORDS + faultRecords;
  const perFailure = perOpen + FAILED_RECORDS;
  const ofAfs = opens * (perOpen + failedOpens * perFailure) + closes * (perClose + workRecords) + ends * perEnd;
  return ofAfs + opens * openRecords + closes * closeRecords + openNs * recordsPerOpenNs;
}

/** Records of drivers that come up and of adapters that halt, at most, when so many AFs are traced. */
function driverRecordsOf(scenario: Scenario, means: Means, window: Window, tracedAfs: number): number {
  const { machines, adaptersPerMachine, clientsPerAdapter } = scenario.topology;
  const adapters = Math.min(machines * adaptersPerMachine, tracedAfs);
  const clients = Math.min(machines * adaptersPerMachine * clientsPerAdapter, tracedAfs);
  const shares = haltShares(scenario);
  let records = isWithin(window, 0) ? adapters * means.startRecords + clients * BIND_RECORDS : 0;
  let startNs = 0;
  for (const [index, phase] of scenario.phases.entries()) {
    if (isTimed(phase)) startNs += phase.ns;
    else if (isWithin(window, startNs)) records += adapters * means.haltRecords * (shares.get(index) ?? 0);
  }
  return records;
}

/**
 * A forecast of a run from the means of the scenario's distributions: closes, ended lifecycles, and the records of its trace.
 * What it leaves out (batches, queues in front of processors) makes lifecycles longer: there will rather be fewer.
 */
export function forecast(scenario: Scenario, trace: TraceFilter | null): Forecast {
  const means = meansOf(scenario);
  const window = trace?.timeNs ?? null;
  let [closes, lifecycles, records] = [0, 0, 0];
  for (const [haltPhase, share] of haltShares(scenario)) {
    if (share === 0) continue;
    follow(scenario, means, share, haltPhase, window, (flow, traced, notifyRecords) => {
      closes += flow.closes;
      lifecycles += flow.ends;
      if (traced) records += recordsOf(flow, means) + notifyRecords;
    });
  }
  const tracedAfs = trace?.afs?.reduce((sum, { from, to }) => sum + to - from + 1, 0) ?? scenario.topology.afs;
  const tracedShare = trace === null ? 0 : Math.min(1, tracedAfs / scenario.topology.afs);
  const driversAfs = trace?.afs ? tracedAfs : Infinity;
  const driverRecords = trace === null ? 0 : driverRecordsOf(scenario, means, window, driversAfs);
  return { closes, lifecycles, traceRecords: Math.ceil(records * tracedShare + driverRecords) };
}
