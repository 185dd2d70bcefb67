import { LANES_MAX, STEP_EVENTS, STEP_ROOM, STEP_SLOTS } from "../../assembly/abi/lane-layout.js";
import { mapLive, type LiveMap } from "../kernel/lane-map.js";
import { MEMORY_BYTES_MAX, slotEvents } from "../kernel/memory-map.js";
import { objectEvents } from "../kernel/object-map.js";
import { SlotPlaces } from "../kernel/topology.js";
import { InputError } from "../scenario/input-error.js";
import type { NumberRange, Scenario } from "../scenario/scenario.js";
import { conductsOf, entriesOf } from "./live-conduct.js";
import { horizonTicksOf, shardSizesOf } from "./plan.js";
import { meanWork, mostWork } from "./work.js";

/** Most lanes that a memory has room for. */
export const LANES_LIMIT = LANES_MAX;

export const DISPATCHES = ["spsc", "mpmc", "lock"] as const;
/** How lanes hand items over: a ring for every pair of lanes, one ring for all, or one list under a spin lock. */
export type Dispatch = (typeof DISPATCHES)[number];

export const PACES = ["free", "wall"] as const;
/** Whether scenario times only order the events of a lane, or are wall-clock times. */
export type Pace = (typeof PACES)[number];

export interface LiveOptions {
  readonly lanes: number;
  readonly dispatch: Dispatch;
  readonly pace: Pace;
  readonly traced: boolean;
}

/** A live run; plain data that crosses to the lanes. */
export interface LivePlan extends LiveOptions {
  /** With the adapters of all machines on one. */
  readonly scenario: Scenario;
  readonly map: LiveMap;
  readonly horizonTicks: number;
}

/** Trace records that a lane keeps: 32 MiB. */
const TRACE_RECORDS = 2 ** 20;
/** What a step may write, beside calls for teardowns. */
const STEP_RECORDS = 16_384;
/** Closes in a step, and records of the call for a teardown. */
const STEP_CLOSES = STEP_EVENTS + STEP_SLOTS;
const TEARDOWN_RECORDS = 4;
/** Records that go with an item about an object: an operation that another one follows. */
const OBJECT_RECORDS = 24;

/**
 * The scenario as a live run has it: the adapters of all machines on one, of open arrivals the share of a lane, and completions that take the time
 * that they take.
 */
function gather(scenario: Scenario, lanes: number): Scenario {
  const { topology, arrivals, processors } = scenario;
  return {
    ...scenario,
    processors: { ...processors, completionCostNs: 0 },
    topology: { ...topology, machines: 1, adaptersPerMachine: topology.machines * topology.adaptersPerMachine },
    arrivals: arrivals && { ...arrivals, perSecond: arrivals.perSecond / lanes },
  };
}

/** Whether another lane than the call manager's may complete a close, by mistake. */
function hasSecond({ faults }: Scenario): boolean {
  return faults.some(({ kind }) => kind === "double-complete");
}

/** The lane that plays a client: client after client. */
export function laneOfClient(client: number, lanes: number): number {
  return client % lanes;
}

/** The lane that plays an adapter's call manager: adapter after adapter. */
export function laneOfAdapter(adapter: number, lanes: number): number {
  return adapter % lanes;
}

/**
 * Events that each lane's queue can hold at most. An AF has one, at the lane of its client or at that of its call manager, or one for each of
 * its teardowns; beside them a hold that a halt has cut short, a hold or a think that each unbind has, and an open that its bind asks for as
 * another does, and the service of a completion that comes by mistake. A call manager that gathers completions has a timer.
 */
function countEvents(scenario: Scenario, { lanes, dispatch }: LiveOptions): number[] {
  const { topology, arrivals, callManagers, client: of, phases } = scenario;
  const unbinds = phases.filter(({ kind }) => kind === "unbind").length;
  const halts = Number(phases.some(({ kind }) => kind === "halt"));
  const spare = halts + 2 * unbinds + Number(hasSecond(scenario));
  const work = { mean: meanWork(of), most: mostWork(of) };
  // A notification and a close that come back while another lane owns the AF, and its first event.
  const ofObjects = of.objects === null ? 0 : objectEvents(of.objects) + 3;
  const timers = callManagers.some(({ close }) => close.coalesce !== null) ? topology.adaptersPerMachine : 0;
  const eventsOf = (afs: number): number => afs * (spare + ofObjects) + timers + slotEvents(afs, work);
  const most = eventsOf(topology.afs) + 1;
  // A completion by mistake comes from a lane that has to do with neither.
  if (lanes === 1 || dispatch !== "spsc" || arrivals !== null || hasSecond(scenario))
    return Array.from({ length: lanes }, () => most);
  const afs = Array.from({ length: lanes }, () => 0);
  const places = new SlotPlaces(topology, topology.afs);
  const { adaptersPerMachine, clientsPerAdapter } = topology;
  const clients = adaptersPerMachine * clientsPerAdapter;
  // A client has as many AFs as every other, or one more.
  const perClient = Math.ceil(topology.afs / clients) + 1;
  for (let client = 0; client < clients; client++) {
    const { adapter } = places.placeOfClient(client);
    for (const lane of new Set([laneOfClient(client, lanes), laneOfAdapter(adapter, lanes)])) afs[lane]! += perClient;
  }
  return afs.map((count) => Math.min(eventsOf(count) + 1, most));
}

/** What a step may write to the trace. */
function stepRecordsOf({ client }: Scenario): number {
  const ofObjects = client.objects === null ? 0 : STEP_ROOM * OBJECT_RECORDS;
  return STEP_RECORDS + STEP_CLOSES * TEARDOWN_RECORDS * mostWork(client) + ofObjects;
}

/**
 * Events that a lane takes in a step: what follows from them must have room in its rings, and an event of an AF may end or begin something of
 * all of its objects.
 */
export function stepEventsOf({ client: { objects } }: Scenario): number {
  if (objects === null) return STEP_EVENTS;
  return Math.max(1, Math.min(STEP_EVENTS, Math.floor(STEP_ROOM / (2 * (objectEvents(objects) + 3)))));
}

/**
 * Plans a live run.
 *
 * @throws InputError when the scenario, which is within LIVE_LIMITS, does not fit a memory of 4 GiB
 */
export function planLive(given: Scenario, options: LiveOptions): LivePlan {
  const scenario = gather(given, options.lanes);
  const shard = { scenario, firstMachine: 0, machineCount: 1, trace: null };
  const sizes = shardSizesOf(shard);
  // Closes that wait stand where all lanes see them, not in the machine.
  const machines = sizes.machines.map((machine) => ({ ...machine, waiting: false }));
  const conducts = conductsOf(scenario);
  const map = mapLive(
    { ...sizes, machines, series: false },
    {
      laneEvents: countEvents(scenario, options),
      pairs: options.dispatch === "spsc",
      windows: options.dispatch !== "spsc" || hasSecond(scenario),
      bindings: scenario.phases.some(({ kind }) => kind === "halt" || kind === "unbind" || kind === "bind"),
      keepsSlots: scenario.arrivals !== null && scenario.phases.some(({ kind }) => kind === "unbind"),
      conductEntries: conducts && entriesOf(conducts),
      agendaEntries: agendaOf(scenario).length,
      traceRecords: options.traced ? TRACE_RECORDS : 0,
      stepRecords: options.traced ? stepRecordsOf(scenario) : 0,
    },
  );
  if (map.bytes > MEMORY_BYTES_MAX)
    throw new InputError(`${scenario.topology.afs} AFs on ${options.lanes} lanes do not fit a memory of 4 GiB`);
  return { ...options, scenario, map, horizonTicks: horizonTicksOf(scenario) };
}

/** What lanes do at a time of the run. */
export interface AgendaEntry {
  readonly tick: number;
  readonly what: "reset" | "halt" | "unbind" | "bind" | "drain" | "stop";
  /** Adapters from `from` to before `to`. */
  readonly from: number;
  readonly to: number;
  /** Clients of each of them, likewise. */
  readonly clientsFrom: number;
  readonly clientsTo: number;
}

const NOBODY: NumberRange = { from: 0, to: -1 };

/** What the phases ask for, in order. */
export function agendaOf({ phases, topology, tickNs }: Scenario): AgendaEntry[] {
  const entries: AgendaEntry[] = [];
  let ns = 0;
  const add = (what: AgendaEntry["what"], adapters = NOBODY, clients = NOBODY): void => {
    const [from, to] = [adapters.from, Math.min(adapters.to + 1, topology.adaptersPerMachine)];
    entries.push({
      tick: ns / tickNs,
      what,
      from,
      to,
      clientsFrom: clients.from,
      clientsTo: Math.min(clients.to + 1, topology.clientsPerAdapter),
    });
  };
  for (const phase of phases) {
    if (phase.kind === "drain") add("drain");
    if ("ns" in phase) ns += phase.ns;
    if (phase.kind === "warmup") add("reset");
    if (phase.kind === "halt") for (const adapters of phase.adapters) add("halt", adapters);
    if (phase.kind === "unbind" || phase.kind === "bind")
      for (const adapters of phase.adapters) for (const clients of phase.clients) add(phase.kind, adapters, clients);
  }
  add("stop");
  return entries;
}
