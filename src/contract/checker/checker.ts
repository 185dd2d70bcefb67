import type { TraceEvent } from "./event.js";
import type { Verdict } from "./verdict.js";

/** Judges a trace record by record, in order of time; what it keeps grows with the objects that are alive, not with the trace. */
export interface Checker {
  take(event: TraceEvent): void;
  /** Judges what is still owed. The trace is over. */
  end(): Verdict;
}
