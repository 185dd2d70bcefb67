import type { CallManagerProfile, ClientObjects, Distribution, Operation, Scenario } from "../scenario/scenario.js";
import { buildCountTable, type CountTable } from "./count-table.js";
import { probabilityThreshold } from "./draw.js";
import { dealProfiles } from "./profiles.js";
import { samplerOf, type SamplerTable } from "./sampler.js";

/** A span of virtual time as ticks. Throws RangeError when it is not a multiple of the tick. */
export function toTicks(ns: number, tickNs: number): number {
  const ticks = ns / tickNs;
  if (!Number.isInteger(ticks)) throw new RangeError(`${ns} ns is not a multiple of the tick, ${tickNs} ns`);
  return ticks;
}

/** An operation on a SAP, VC or party that may be pended, with its times in ticks. */
export interface ReferenceOperation {
  readonly pendThreshold: number;
  readonly service: SamplerTable;
}

/** What clients have on their AFs, with its times in ticks. */
export interface ReferenceClientObjects {
  readonly source: ClientObjects;
  readonly gap: SamplerTable;
  readonly lasts: SamplerTable;
  readonly remoteThreshold: number;
  readonly rejectThreshold: number;
  readonly answer: ReferenceOperation;
}

/** A call manager's profile with its times in ticks. */
export interface ReferenceProfile {
  readonly source: CallManagerProfile;
  readonly openPendThreshold: number;
  readonly openFailThreshold: number;
  readonly openService: SamplerTable;
  readonly closePendThreshold: number;
  readonly inlineThreshold: number;
  readonly refuseThreshold: number;
  readonly closeService: SamplerTable;
  readonly coalesceTimerTicks: number;
  readonly teardownService: SamplerTable;
  readonly operations: Readonly<Record<"sap" | "call" | "vc" | "party", ReferenceOperation>>;
  readonly callFailThreshold: number;
}

/** The scenario in ticks, the same for all its machines. */
export interface ReferenceSetup {
  readonly scenario: Scenario;
  /** One for every adapter through all machines. */
  readonly profiles: readonly ReferenceProfile[];
  readonly hold: SamplerTable;
  readonly think: SamplerTable;
  readonly waitThreshold: number;
  readonly notifyPendThreshold: number;
  readonly outstanding: { readonly vcs: CountTable; readonly saps: CountTable };
  /** Null without any. */
  readonly objects: ReferenceClientObjects | null;
  /** Time between two arrivals at one machine. */
  readonly arrivalGap: SamplerTable | null;
  readonly completionCostTicks: number;
  readonly openDeadlineTicks: number;
  readonly closeDeadlineTicks: number;
}

function gapOfArrivals(scenario: Scenario): Distribution | null {
  const { arrivals, topology } = scenario;
  if (arrivals === null) return null;
  const meanNs = (topology.machines * 1e9) / arrivals.perSecond;
  return arrivals.kind === "poisson" ? { kind: "exponential", meanNs } : { kind: "constant", ns: meanNs };
}

const operationOf = ({ pend, service }: Operation, tickNs: number): ReferenceOperation => ({
  pendThreshold: probabilityThreshold(pend),
  service: samplerOf(service, tickNs),
});

function objectsOf({ client: { objects: source }, tickNs }: Scenario): ReferenceClientObjects | null {
  if (source === null || source.saps + source.calls + source.incoming === 0) return null;
  return {
    source,
    gap: samplerOf(source.gap, tickNs),
    lasts: samplerOf(source.lasts, tickNs),
    remoteThreshold: probabilityThreshold(source.remote),
    rejectThreshold: probabilityThreshold(source.answer.reject),
    answer: operationOf(source.answer, tickNs),
  };
}

/** Prepares what all machines of a scenario share. Throws RangeError when a time is not a multiple of the tick. */
export function setUpReference(scenario: Scenario): ReferenceSetup {
  const { tickNs, topology, callManagers, client, processors, deadlines } = scenario;
  const kinds = callManagers.map((source) => ({
    source,
    openPendThreshold: probabilityThreshold(source.open.pend),
    openFailThreshold: probabilityThreshold(source.open.fail),
    openService: samplerOf(source.open.service, tickNs),
    closePendThreshold: probabilityThreshold(source.close.pend),
    inlineThreshold: probabilityThreshold(source.close.inline),
    refuseThreshold: probabilityThreshold(source.close.refuse),
    closeService: samplerOf(source.close.service, tickNs),
    coalesceTimerTicks: source.close.coalesce === null ? 0 : toTicks(source.close.coalesce.timerNs, tickNs),
    teardownService: samplerOf(source.teardown.service, tickNs),
    operations: {
      sap: operationOf(source.objects.sap, tickNs),
      call: operationOf(source.objects.call, tickNs),
      vc: operationOf(source.objects.vc, tickNs),
      party: operationOf(source.objects.party, tickNs),
    },
    callFailThreshold: probabilityThreshold(source.objects.call.fail),
  }));
  const weights = callManagers.map((profile) => profile.weight);
  const gap = gapOfArrivals(scenario);
  return {
    scenario,
    profiles: dealProfiles(weights, topology.machines * topology.adaptersPerMachine).map((kind) => kinds[kind]!),
    hold: samplerOf(client.hold, tickNs),
    think: samplerOf(client.think, tickNs),
    waitThreshold: probabilityThreshold(client.wait),
    notifyPendThreshold: probabilityThreshold(client.notify.pend),
    outstanding: { vcs: buildCountTable(client.outstanding.vcs), saps: buildCountTable(client.outstanding.saps) },
    objects: objectsOf(scenario),
    arrivalGap: gap === null ? null : samplerOf(gap, tickNs),
    completionCostTicks: toTicks(processors.completionCostNs, tickNs),
    openDeadlineTicks: toTicks(deadlines.openNs, tickNs),
    closeDeadlineTicks: toTicks(deadlines.closeNs, tickNs),
  };
}

/** AF indices of a machine: from `first`, `count` of them. */
export function slotsOfMachine(
  scenario: Scenario,
  machine: number,
): { readonly first: number; readonly count: number } {
  const { afs, machines } = scenario.topology;
  const first = Math.floor((machine * afs) / machines);
  return { first, count: Math.floor(((machine + 1) * afs) / machines) - first };
}

/** Adapter of a slot within its machine, and its client's number within the machine. */
export function placeOfSlot(
  scenario: Scenario,
  slot: number,
  slotCount: number,
): { readonly adapter: number; readonly client: number } {
  const { adaptersPerMachine, clientsPerAdapter } = scenario.topology;
  const step = (BigInt(adaptersPerMachine) << 32n) / BigInt(slotCount);
  const x = BigInt(slot) * step;
  const adapter = Number(x >> 32n);
  const clientOfAdapter = Number(((x & 0xffffffffn) * BigInt(clientsPerAdapter)) >> 32n);
  return { adapter, client: adapter * clientsPerAdapter + clientOfAdapter };
}
