/**
 * A scenario after validation: every default filled in, every duration a number of nanoseconds of virtual time.
 * This is what the planner, the reference model and the report read. What a user writes is described by schema.ts.
 */

import type { CallManagerHabit, ClientHabit } from "./habits.js";
import type { Readings } from "./readings.js";

/** A distribution of times, in nanoseconds of virtual time. */
export type Distribution =
  | { readonly kind: "constant"; readonly ns: number }
  | { readonly kind: "uniform"; readonly fromNs: number; readonly toNs: number }
  | { readonly kind: "exponential"; readonly meanNs: number }
  | { readonly kind: "lognormal"; readonly meanNs: number; readonly sigma: number }
  /** Survival (minNs / t) ^ alpha for t >= minNs. */
  | { readonly kind: "pareto"; readonly minNs: number; readonly alpha: number }
  /** Quantiles, straight lines between them; `p` rises from 0 to 1, `ns` never falls. */
  | { readonly kind: "empirical"; readonly points: readonly { readonly p: number; readonly ns: number }[] };

/** A distribution of small numbers of things. */
export type CountDistribution =
  | { readonly kind: "constant"; readonly count: number }
  | { readonly kind: "poisson"; readonly mean: number };

export type CallManagerKind = "mcm" | "standalone";
export type ServeOrder = "fifo" | "lifo" | "random";
export type Irql = "PASSIVE_LEVEL" | "DISPATCH_LEVEL";

/** An operation that may be pended: how often, and how long it takes then. */
export interface Operation {
  /** Probability that it is answered with NDIS_STATUS_PENDING. */
  readonly pend: number;
  readonly service: Distribution;
}

/** What a client has on each of its AFs (src/contract/MODEL-OBJECTS.md). */
export interface ClientObjects {
  readonly saps: number;
  /** VCs for outgoing calls. */
  readonly calls: number;
  /** VCs for incoming calls. */
  readonly incoming: number;
  /** Added to each outgoing call, beside its first. */
  readonly parties: number;
  /** From an open, or the end of a VC's call, to its next. */
  readonly gap: Distribution;
  /** From a call's connection to its end. */
  readonly lasts: Distribution;
  /** Probability that the network ends a call. */
  readonly remote: number;
  /** Of an incoming call; `reject` is the probability that it is not accepted. */
  readonly answer: Operation & { readonly reject: number };
}

/** How a call manager serves what clients have on their AFs. */
export interface CallManagerObjects {
  /** Registration and deregistration. */
  readonly sap: Operation;
  /** Making and closing; `fail` is the probability that an outgoing call fails. */
  readonly call: Operation & { readonly fail: number };
  /** Activation, and deactivation by a stand-alone call manager. */
  readonly vc: Operation;
  /** Adding and dropping. */
  readonly party: Operation;
}

/** How one kind of call manager behaves; every adapter has one call manager. */
export interface CallManagerProfile {
  readonly kind: CallManagerKind;
  /** Share of the adapters that get this profile, relative to the other profiles' weights. */
  readonly weight: number;
  /** IRQL at which it calls its completions: DISPATCH_LEVEL from a DPC, PASSIVE_LEVEL from a work item. */
  readonly irql: Irql;
  readonly open: {
    /** Probability that ProtocolCmOpenAf answers NDIS_STATUS_PENDING. */
    readonly pend: number;
    /** Probability that an open, pended or not, ends with NDIS_STATUS_RESOURCES. */
    readonly fail: number;
    readonly service: Distribution;
  };
  readonly close: {
    /** Probability that ProtocolCmCloseAf answers NDIS_STATUS_PENDING (else NDIS_STATUS_SUCCESS). */
    readonly pend: number;
    /** Probability that ProtocolCmCloseAf answers NDIS_STATUS_NOT_ACCEPTED while work is outstanding. */
    readonly refuse: number;
    /** Probability that a pended close is completed inside ProtocolCmCloseAf, before PENDING was returned. */
    readonly inline: number;
    readonly service: Distribution;
    /** Null: no limit, every close is served at once. */
    readonly serve: { readonly servers: number; readonly order: ServeOrder } | null;
    /** Null: each completion is called when its service ends. */
    readonly coalesce: { readonly count: number; readonly timerNs: number } | null;
  };
  /** From the client's close of a call, or deregistration of a SAP, to its completion. */
  readonly teardown: { readonly service: Distribution };
  /** Whether at a halt it notifies also of AFs whose close it has pended. */
  readonly notify: { readonly closing: boolean };
  readonly objects: CallManagerObjects;
  readonly habit: readonly CallManagerHabit[];
}

/** What a client does with each of its AFs. */
export interface ClientProfile {
  readonly hold: Distribution;
  readonly think: Distribution;
  /** Open again after a close; false with open arrivals. */
  readonly reopen: boolean;
  /** Probability that it waits, at PASSIVE_LEVEL, for the completion of a close that is pended and not inline. */
  readonly wait: number;
  /** Probability that it pends a close notification before it closes; else it closes inside ProtocolClNotifyCloseAf. */
  readonly notify: { readonly pend: number };
  readonly habit: readonly ClientHabit[];
  /** What is on an AF when it closes it, and is torn down first. */
  readonly outstanding: { readonly vcs: CountDistribution; readonly saps: CountDistribution };
  /** What is on an AF, as objects; null: nothing. */
  readonly objects: ClientObjects | null;
}

/** Numbers from `from` to `to`, both included. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** Bindings of clients to adapters; adapters counted through all machines, clients within their adapter. */
export interface BindingRanges {
  readonly adapters: readonly NumberRange[];
  /** Numbers that no client has mean nobody. */
  readonly clients: readonly NumberRange[];
}

export type Phase =
  | { readonly kind: "warmup"; readonly ns: number }
  | { readonly kind: "run"; readonly ns: number }
  /** Adapters counted through all machines; every AF open on them is closed at once, and none is opened there again. */
  | { readonly kind: "halt"; readonly adapters: readonly NumberRange[] }
  /** Bindings that are closed: every AF open on them is closed at once. */
  | ({ readonly kind: "unbind" } & BindingRanges)
  /** Bindings that are made again: their clients open all their AFs. */
  | ({ readonly kind: "bind" } & BindingRanges)
  /** Nothing new is opened; ends early when nothing is left to happen. */
  | { readonly kind: "drain"; readonly ns: number };

export interface Fault {
  /** The id of a fault in the fault catalogue (src/contract/faults.ts). */
  readonly kind: string;
  /** Probability per opportunity; exclusive with `at`. */
  readonly rate: number | null;
  /** AF indices, counted through all machines; the fault strikes at every opportunity of these. */
  readonly at: readonly number[] | null;
  /** Whose mistake it is, as the fault catalogue says too. */
  readonly of?: "client" | "cm";
}

export interface Threshold {
  /** As written, for example `latency.close.p99Ns < 500us`. */
  readonly text: string;
  /** Dotted path into the result. */
  readonly path: string;
  readonly operator: "<" | "<=" | ">" | ">=" | "==" | "!=";
  /** Durations in nanoseconds. */
  readonly value: number;
}

export interface Scenario {
  readonly name: string;
  /** The question that the scenario answers, in a line. */
  readonly description: string;
  /** 0 to 2^53 - 1. */
  readonly seed: number;
  readonly tickNs: number;
  readonly topology: {
    readonly machines: number;
    readonly adaptersPerMachine: number;
    readonly clientsPerAdapter: number;
    /** Of all machines together. */
    readonly afs: number;
  };
  /** Of each machine. */
  readonly processors: { readonly count: number; readonly dpcBudget: number; readonly completionCostNs: number };
  /** At least one. */
  readonly callManagers: readonly CallManagerProfile[];
  readonly client: ClientProfile;
  /** Open arrivals of all machines together, or null for the closed population that reopens. */
  readonly arrivals: { readonly kind: "poisson" | "constant"; readonly perSecond: number } | null;
  /** How the contract is read where the documents disagree or are silent. */
  readonly contract: Readings;
  /** How long a pended open or close may take before close/owed or open/owed is broken. */
  readonly deadlines: { readonly openNs: number; readonly closeNs: number };
  readonly phases: readonly Phase[];
  readonly faults: readonly Fault[];
  readonly thresholds: readonly Threshold[];
}
