/** One record of a trace: a line of the file that `--trace` writes (src/contract/MODEL.md "Trace"). */
export interface TraceRecord {
  readonly seq: number;
  readonly timeNs: number;
  readonly machine: number;
  readonly processor: number;
  readonly irql: string;
  readonly op: "call" | "return" | "release" | "wait" | "wake";
  readonly frame?: number;
  readonly parent?: number;
  readonly call?: string;
  readonly from?: string;
  readonly to?: string;
  readonly adapter?: number;
  readonly af?: string;
  readonly sap?: string;
  readonly vc?: string;
  readonly party?: string;
  readonly address?: string;
  readonly status?: string;
  readonly context?: string | null;
}

/** What happened to an AF up to a violation: the life whose handle it is about, and what followed on the slot. */
export interface History {
  /** At most HISTORY_FIRST + HISTORY_LAST: the first and the last ones. */
  readonly records: readonly TraceRecord[];
  /** `seq` of the record that breaks the rule, which is the last one; null when no record of the AF does. */
  readonly brokenBy: number | null;
  /** What is not among the records: the slot's lives before, and the middle of this one. */
  readonly leftOut: LeftOut;
}

export interface LeftOut {
  readonly lives: number;
  readonly recordsOfLives: number;
  /** Between the first HISTORY_FIRST records and the others. */
  readonly recordsBetween: number;
}

/** A life has about 15 records, and a few for each VC and SAP that is torn down. */
export const HISTORY_FIRST = 20;
export const HISTORY_LAST = 180;
