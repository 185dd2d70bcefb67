import type { TraceRecord } from "../../src/contract/reference-trace.js";

/** A record of a trace as a line: tick, op, call, frame and parent, parties and adapter, AF, status, processor, IRQL. */
export const outline = (record: TraceRecord): string =>
  [
    record.timeNs / 100,
    record.op,
    "call" in record ? `${record.call}#${record.frame}` : "",
    "parent" in record ? `in #${record.parent}` : "",
    "to" in record ? `${record.from}>${record.to} adapter ${record.adapter}` : "from" in record ? record.from : "",
    record.af ?? "no af",
    ("status" in record && record.status?.replace("NDIS_STATUS_", "")) || "",
    `cpu${record.processor}`,
    record.irql.replace("_LEVEL", ""),
  ]
    .filter((word) => word !== "")
    .join(" ");
