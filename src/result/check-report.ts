import type { Finding, Verdict } from "../contract/checker/verdict.js";
import type { Reading } from "../trace/reader.js";
import type { AfCalls, FindingHistory } from "../trace/af-calls.js";
import type { Tool } from "./schema.js";

/** What the check of a trace yields. */
export interface CheckReport {
  readonly tool: Tool;
  /** As the user named it. */
  readonly trace: string;
  readonly reading: Reading;
  readonly verdict: Verdict;
  /** What led to the findings; those that could not be read again are missing. */
  readonly histories: ReadonlyMap<Finding, FindingHistory>;
  /** Why the trace ended before its end; null when it did not. */
  readonly cut: string | null;
  /** The user stopped it. */
  readonly stopped: boolean;
  /** The AF that was asked for; null when none was. */
  readonly af: AfCalls | null;
}
