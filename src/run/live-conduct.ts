import * as A from "../../assembly/abi/conduct-layout.js";
import { dealProfiles } from "../contract/profiles.js";
import type { LiveMap } from "../kernel/lane-map.js";
import { firstSlotsOf } from "../kernel/topology.js";
import type { CallManagerProfile, Scenario } from "../scenario/scenario.js";
import type { MemoryWriter } from "./memory-writer.js";

/** Entries that lanes share of a call manager. */
export interface Conduct {
  /** Closes that wait for a server, at most. */
  readonly waiting: number;
  /** Completions that make a batch full. */
  readonly batch: number;
}

function conductOf({ close: { serve, coalesce } }: CallManagerProfile, slots: number): Conduct {
  return {
    // A close waits once.
    waiting: serve === null ? 0 : slots,
    // More than there are AFs never fill one.
    batch: coalesce === null ? 0 : Math.min(coalesce.count, slots + 1),
  };
}

/** Mistakes that follow from what was noted of a call manager, or come when a service ends. */
const NOTED: ReadonlySet<string> = new Set(["shared-flag", "one-handle", "halted-completion", "lock-deadlock"]);

function hasConduct({ close, habit }: CallManagerProfile): boolean {
  return close.serve !== null || close.coalesce !== null || habit.length > 0;
}

/** What lanes share of every adapter's call manager; null in scenarios in which they need nothing of it. */
export function conductsOf({ callManagers, topology, faults }: Scenario): readonly Conduct[] | null {
  const isNoted = faults.some(({ kind }) => NOTED.has(kind));
  if (!isNoted && !callManagers.some(hasConduct)) return null;
  const firstSlots = firstSlotsOf(topology.adaptersPerMachine, topology.afs);
  const weights = callManagers.map(({ weight }) => weight);
  return dealProfiles(weights, topology.adaptersPerMachine).map((profile, adapter) =>
    conductOf(callManagers[profile]!, firstSlots[adapter + 1]! - firstSlots[adapter]!),
  );
}

/** Entries of all call managers. */
export function entriesOf(conducts: readonly Conduct[]): number {
  return conducts.reduce((sum, { waiting, batch }) => sum + waiting + batch, 0);
}

/** Gives every call manager its entries. */
export function writeConducts(writer: MemoryWriter, map: LiveMap, conducts: readonly Conduct[]): void {
  let entries = map.conductEntries;
  for (const [adapter, { waiting, batch }] of conducts.entries()) {
    writer.fields(map.conducts + adapter * A.CONDUCT_BYTES, [
      [A.CONDUCT_WAITING, entries],
      [A.CONDUCT_WAITING_CAPACITY, waiting],
      [A.CONDUCT_BATCH, entries + waiting * A.ENTRY_BYTES],
      [A.CONDUCT_BATCH_CAPACITY, batch],
    ]);
    entries += (waiting + batch) * A.ENTRY_BYTES;
  }
}
