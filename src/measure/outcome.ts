import type { OrderingCounts, PhasedLatency } from "./counts.js";
import type { History } from "./history.js";
import type { SeriesCounts } from "./series.js";

/** Totals of a run, as in `totals` of a result. All but virtualTicks and peaks merge by addition. */
export interface Totals {
  events: number;
  /** Calls across the driver interface, callbacks included. */
  calls: number;
  /** Successful opens. */
  opens: number;
  /** Opens that failed, of which the client has been told. */
  failedOpens: number;
  /** Accepted closes. */
  closes: number;
  synchronousCloses: number;
  pendedCloses: number;
  completions: number;
  /** Of the completions, those called inside ProtocolCmCloseAf, before it had returned PENDING. */
  inlineCompletions: number;
  lifecycles: number;
  /** Arrivals that were turned away: every AF was in use. */
  refused: number;
  undecided: number;
  /** Of the machine that ran longest. */
  virtualTicks: number;
}

/** What became of SAPs, VCs, calls and parties, as in `objects` of a result; all merge by addition. */
export interface ObjectTotals {
  /** One that is being registered at the end is in neither of the first two. */
  readonly saps: { readonly registered: number; readonly deregistered: number; readonly atEnd: number };
  readonly vcs: { readonly created: number; readonly deleted: number; readonly atEnd: number };
  readonly calls: {
    readonly connected: number;
    readonly failed: number;
    readonly rejected: number;
    readonly closed: number;
  };
  /** Those beside the first of each call. */
  readonly parties: { readonly added: number; readonly dropped: number; readonly atEnd: number };
}

/** One broken rule, at one place. */
export interface Violation {
  readonly rule: string;
  /** It is the form of the rule that is only a warning (src/contract/rules.ts). */
  readonly warningForm?: true;
  readonly tick: number;
  readonly machine: number;
  /** Slot within the machine and generation, which print as `AF#12v3`; generation 0: what broke it is about no AF, and a slot of the driver stands for that. */
  readonly slot: number;
  readonly generation: number;
  /** Of a live run: the lane that saw it; absent where it was found when all lanes had ended. */
  readonly lane?: number;
}

/** What one machine says at its end. */
export interface MachineOutcome {
  readonly machine: number;
  /** One 64-bit digest per call manager, in adapter order. */
  readonly digests: BigUint64Array;
  /** Peaks of this machine; machines share no clock, so the result adds them up. */
  readonly peakOpen: number;
  readonly peakPendedCloses: number;
  readonly openAtEnd: number;
  readonly pendedAtEnd: number;
  /** Virtual time at which the machine stopped. */
  readonly endTick: number;
}

/** What one shard says at its end; outcomes merge in any order. */
export interface ShardOutcome {
  readonly shard: number;
  /** False when a stop flag ended the shard before its scenario did. */
  readonly complete: boolean;
  readonly machines: readonly MachineOutcome[];
  readonly totals: Totals;
  /** Null where AFs have no objects. */
  readonly objects: ObjectTotals | null;
  readonly close: PhasedLatency;
  readonly open: PhasedLatency;
  readonly ordering: OrderingCounts;
  /** Null when the shard did not come to its end. */
  readonly series: SeriesCounts | null;
  /** Violations by rule id, all counted. */
  readonly violationsByRule: Readonly<Record<string, number>>;
  readonly warningsByRule: Readonly<Record<string, number>>;
  /** The first ones in (tick, machine) order, at most FIRST_VIOLATIONS a shard; warnings are not among them. */
  readonly firstViolations: readonly Violation[];
  /** The first violation or warning of every rule that was broken, and of its warning form, likewise. */
  readonly firstOfRules: readonly Violation[];
  /** Only of a machine that was run again for them, in the order in which they were asked for. */
  readonly histories?: readonly History[];
  /** Seconds of wall time in the kernel after set-up and first touch, and of set-up. */
  readonly kernelSeconds: number;
  readonly setupSeconds: number;
}

/** What a violation is of, as a key: a rule, or its warning form. */
export function formOf({ rule, warningForm }: Violation): string {
  return warningForm ? `${rule} as a warning` : rule;
}

/** Violations kept with their place; the rest is only counted. */
export const FIRST_VIOLATIONS = 20;

/** Sorts violations by tick and machine; those of a machine in one tick keep their order. */
export function sortByPlace(violations: readonly Violation[]): Violation[] {
  return violations.toSorted((a, b) => a.tick - b.tick || a.machine - b.machine);
}
