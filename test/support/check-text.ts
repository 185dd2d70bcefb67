import { createChecker } from "../../src/contract/checker/checker.js";
import { check, type CheckRequest, type TraceBytes } from "../../src/modes/check.js";
import type { Flow } from "../../src/modes/trace-source.js";
import type { CheckReport } from "../../src/result/check-report.js";
import { parseTraceMap } from "../../src/trace/map.js";
import { MappedLines } from "../../src/trace/mapped-lines.js";
import { openJsonLines } from "./json-lines.js";

const TOOL = { name: "condis-sim", version: "1.2.3" };

/** A trace that is a text. */
export function sourceOf(text: string | Uint8Array, name = "trace.jsonl"): TraceBytes {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const flow = ({ push, onRead }: Flow): void => {
    onRead?.(bytes.length);
    push(bytes);
  };
  return {
    name,
    sizeBytes: bytes.length,
    read: async (to) => {
      flow(to);
      return { cut: null, stopped: false };
    },
    readAgain: async (to) => {
      flow(to);
      return true;
    },
  };
}

/** Checks a text with the checker that the command has. */
export async function checkText(
  text: string | Uint8Array,
  options: Partial<CheckRequest> & { readonly map?: string } = {},
): Promise<CheckReport> {
  const { map, ...rest } = options;
  const traceMap = map === undefined ? null : await parseTraceMap(map, "map.yaml");
  const name = map === undefined ? "trace.jsonl" : "log.csv";
  return check({
    source: sourceOf(text, name),
    checker: createChecker(),
    tool: TOOL,
    window: 1000,
    strict: false,
    af: null,
    open: traceMap ? (taker) => new MappedLines(traceMap, name, taker) : openJsonLines,
    ...rest,
  });
}
