/**
 * What a run yields: the JSON that `--json` prints and that files keep. Everything but `host` is identical for every number of
 * shards and workers, every computer and every Node version. Times are in nanoseconds of virtual time.
 */

import type { LeftOut, TraceRecord } from "../measure/history.js";
import type { ObjectTotals } from "../measure/outcome.js";
import type { LatencySummary } from "../measure/percentiles.js";

/** Grows when a field changes its meaning or goes; new fields leave it as it is. */
export const SCHEMA_VERSION = 1;

export interface Tool {
  readonly name: string;
  readonly version: string;
}

/** A scenario as resolved, in the words of a scenario file. */
export interface DescribedScenario {
  readonly name: string;
}

export interface ResultTotals {
  readonly events: number;
  readonly calls: number;
  /** Successful ones. */
  readonly opens: number;
  readonly failedOpens: number;
  readonly closes: number;
  readonly synchronousCloses: number;
  /** Of the completions, those called before ProtocolCmCloseAf had returned PENDING. */
  readonly inlineCompletions: number;
  readonly pendedCloses: number;
  readonly completions: number;
  readonly lifecycles: number;
  readonly refused: number;
  readonly undecided: number;
  readonly virtualNs: number;
  /** Where the last warm-up ended: latencies and order are of what came after it. */
  readonly measuredFromNs: number;
}

export interface ResultAfs {
  readonly configured: number;
  /** Sums of the machines' peaks: machines share no clock. */
  readonly peakOpen: number;
  readonly peakPendedCloses: number;
  readonly openAtEnd: number;
  readonly pendedAtEnd: number;
}

/** What became of SAPs, VCs, calls and parties; at the end they are counted that are not vacant. */
export type ResultObjects = ObjectTotals;

/** A latency with its two parts, split at the completion call. */
export interface ResultLatency extends LatencySummary {
  readonly phases: {
    readonly requestToCompletion: LatencySummary;
    readonly completionToClient: LatencySummary;
  };
}

/** Completions whose extent, n or displacement is `from` to `to`, both included. */
export interface CountGroup {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The client with the largest share of reordered completions; of equals the one with more completions, then the first. */
export interface WorstClient {
  readonly machine: number;
  /** Number of the client within the machine. */
  readonly client: number;
  readonly reorderedRatio: number;
  readonly completions: number;
}

export interface ResultOrdering {
  readonly completions: number;
  readonly reordered: number;
  /** Null without completions. */
  readonly reorderedRatio: number | null;
  readonly maxExtent: number;
  /** Reordered completions that a completion before their window had overtaken already: without extent. */
  readonly beyondWindow: number;
  /** Completions of one call manager that a full window has, and the windows measured. */
  readonly windowCompletions: number;
  readonly windows: number;
  /** Groups of extents, n and displacements; which numbers share a group is said in groups.ts. */
  readonly extents: readonly CountGroup[];
  readonly nReordering: readonly CountGroup[];
  readonly nBeyondWindow: number;
  /** Displacements: negative is earlier than in the order of the close requests. */
  readonly density: readonly CountGroup[];
  /** Pairs of a window in the opposite order of their close requests, all pairs of all windows, and their quotient. */
  readonly inversions: number;
  readonly pairs: number;
  readonly inversionRatio: number | null;
  readonly perClient: {
    /** With at least one completion. */
    readonly clients: number;
    readonly medianReorderedRatio: number | null;
    readonly worst: WorstClient | null;
  };
}

/**
 * What happened over time, from the end of the last warm-up on, in steps that are all equally long but the last one: a list has a number for
 * each. They go as far as anything happened: 32 in a run without a drain, at most 64 with one, whose steps become twice as long, two by two, the longer it takes.
 */
export interface ResultSeries {
  readonly fromNs: number;
  readonly stepNs: number;
  /** Where the last step ends. */
  readonly toNs: number;
  /** As in the totals, in the step. */
  readonly opens: readonly number[];
  readonly closes: readonly number[];
  readonly completions: readonly number[];
  readonly lifecycles: readonly number[];
  /** AFs open and closes pended, of all machines, at the end of the step. */
  readonly openAtEnd: readonly number[];
  readonly pendedAtEnd: readonly number[];
  /** Latency of the closes of which a client was told in the step; null where there are none. */
  readonly close: {
    readonly count: readonly number[];
    readonly meanNs: readonly (number | null)[];
    /** Interpolated in ranges at most 1/8 of the value wide, and never beyond the step's least and largest latency. */
    readonly p50Ns: readonly (number | null)[];
    readonly p99Ns: readonly (number | null)[];
    readonly p999Ns: readonly (number | null)[];
    /** Exact. */
    readonly maxNs: readonly (number | null)[];
  };
}

export interface ResultViolation {
  readonly rule: string;
  readonly timeNs: number;
  readonly machine: number;
  readonly adapter: number;
  /** Only in live mode: the lane that saw it; absent where it was found when all lanes had ended. */
  readonly lane?: number;
  /** Handle of the AF; null when what broke the rule is about none. */
  readonly af: string | null;
  /** What the rule says, and the pages of the NDIS documentation that say so. */
  readonly text: string;
  readonly source: readonly string[];
  /** Command line that shows the violation again. */
  readonly reproduce: string;
  /** `seq` of the record that breaks the rule, the last one of `history`; null when none does. */
  readonly brokenBy?: number | null;
  /** What of the trace up to there `history` lacks. */
  readonly leftOut?: LeftOut;
  /**
   * Trace records of the AF up to the violation; without an AF, of the call manager and a client that is bound to its adapter. These three are
   * there for the first violation of each rule, unless the run was stopped before it was run again for them; in live mode where it was traced.
   */
  readonly history?: readonly TraceRecord[];
}

export interface RuleCounts {
  readonly total: number;
  readonly byRule: Readonly<Record<string, number>>;
}

export interface ResultViolations extends RuleCounts {
  /** The earliest ones, and the first of every rule; of warnings, the first of every rule. */
  readonly first: readonly ResultViolation[];
}

export interface ThresholdResult {
  readonly text: string;
  /** Null when nothing was measured; the threshold is missed then. */
  readonly value: number | null;
  readonly pass: boolean;
}

/** Speed of one run of `--repeat`. */
export interface HostRun {
  readonly wallMs: number;
  readonly setupMs: number;
  readonly eventsPerSecond: number;
  readonly nsPerEvent: number;
}

/** What depends on the computer; with `--repeat` the figures are those of the run of median speed. */
export interface ResultHost extends HostRun {
  readonly workers: number;
  readonly shards: number;
  readonly memoryBytes: number;
  readonly bytesPerAf: number;
  readonly rssBytes: number;
  readonly node: string;
  readonly cpu: string;
  readonly runs?: readonly HostRun[];
}

/** How a live run was played, and what only such a run counts. */
export interface ResultLive {
  readonly lanes: number;
  readonly dispatch: "spsc" | "mpmc" | "lock";
  readonly pace: "free" | "wall";
  /** Closes that found that another thread had begun them. */
  readonly lostRaces: number;
  /** Steps in which a lane had to wait for room in a ring. */
  readonly waits: number;
  /** Slots taken from another lane's free list. */
  readonly stolen: number;
  /** Items handed to another lane; 0 with one ring for all, where nobody knows. */
  readonly handedOver: number;
  /** How late events were handled; null where scenario times are no wall-clock times. */
  readonly lag: { readonly meanNs: number; readonly maxNs: number } | null;
}

/** How far a run had come when it was stopped: of all, and of those that had started, which the figures are of. */
export interface PartialRun {
  /** Virtual time that the machines went through, as a share of what all machines would have, 0 to 1. */
  readonly done: number;
  readonly shards: number;
  readonly shardsStarted: number;
  readonly shardsDone: number;
  readonly machines: number;
  readonly machinesStarted: number;
  readonly afs: number;
  readonly afsStarted: number;
}

export interface Result {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly tool: Tool;
  readonly mode: "run" | "live";
  /** Only when the run was stopped early. */
  readonly partial?: PartialRun;
  readonly scenario: DescribedScenario;
  readonly seed: number;
  /** 16 hexadecimal digits; not in live mode. */
  readonly digest?: string;
  /** Command line that gives this result again. */
  readonly command: string;
  readonly totals: ResultTotals;
  readonly afs: ResultAfs;
  /** Null where AFs have none, and in a result of a version that did not know any. */
  readonly objects: ResultObjects | null;
  readonly latency: { readonly close: ResultLatency; readonly open: ResultLatency };
  readonly ordering: ResultOrdering;
  /** Null in a result of a run, not a live one, that was stopped early, and of a version that recorded none. */
  readonly series: ResultSeries | null;
  readonly violations: ResultViolations;
  /** Rules whose page says "should": counted apart, they fail no run. */
  readonly warnings: ResultViolations;
  readonly thresholds: readonly ThresholdResult[];
  readonly host: ResultHost;
  /** Only in live mode. */
  readonly live?: ResultLive;
}
