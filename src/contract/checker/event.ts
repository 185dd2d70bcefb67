import type { Handle } from "./handle.js";

/**
 * One record of a trace as the checker takes it: from us or from elsewhere. Only `line`, `timeNs`, `op` and `call` (or `from`, of a release) and
 * the handles that a call takes are always there; a rule that needs what is undefined cannot be judged, and says so.
 */
export interface TraceEvent {
  /** Of the file, from 1; of a CSV the line on which its row begins. */
  readonly line: number;
  readonly timeNs: number;
  readonly op: TraceOp;
  /** A name of the DDI; undefined for releases, waits and wakes. */
  readonly call?: string | undefined;
  /** 0 where the trace has no machines. */
  readonly machine: number;
  readonly seq?: number | undefined;
  readonly processor?: number | undefined;
  readonly irql?: TraceIrql | undefined;
  readonly frame?: number | undefined;
  readonly parent?: number | undefined;
  /** `ndis`, `client:<n>`, `cm:<n>`, or any other name of a foreign trace. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly adapter?: number | string | undefined;
  /** Handles as the trace has them: opaque, perhaps a pointer that is used again. The checker keeps them, so that none should be a slice of a longer text. */
  readonly af?: string | undefined;
  readonly sap?: string | undefined;
  readonly vc?: string | undefined;
  readonly party?: string | undefined;
  /** Of a registration of a SAP: what the client asks for. */
  readonly address?: string | undefined;
  /** A name, `NDIS_STATUS_…`; a number whose name is not known stays hex, as `0xc0010015`. */
  readonly status?: string | undefined;
  /** Null: the context is NULL; undefined: the trace does not say. */
  readonly context?: string | null | undefined;
}

/** A record as the judges take it: its words as codes, so that none is looked up twice. What it lacks is -1 where a number stands, else undefined. */
export interface CodedEvent {
  readonly line: number;
  readonly timeNs: number;
  /** OP_… of event-code.ts. */
  readonly op: number;
  /** Of call-table.ts; -1 also for one that the contract says nothing about. */
  readonly call: number;
  readonly machine: number;
  readonly seq: number;
  readonly processor: number;
  /** Of call-table.ts. */
  readonly irql: number;
  readonly frame: number;
  readonly parent: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly adapter: number | string | undefined;
  readonly af: Handle | undefined;
  readonly sap: Handle | undefined;
  readonly vc: Handle | undefined;
  readonly party: Handle | undefined;
  readonly address: string | undefined;
  /** Its class, of status-class.ts, and its name. */
  readonly statusClass: number;
  readonly status: string | undefined;
  readonly context: string | null | undefined;
}

export type TraceOp = "call" | "return" | "release" | "wait" | "wake";
export type TraceIrql = "PASSIVE_LEVEL" | "APC_LEVEL" | "DISPATCH_LEVEL" | "DEVICE_LEVEL";
