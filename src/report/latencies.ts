import type { LatencySummary } from "../measure/percentiles.js";
import type { Result, ResultLatency } from "../result/schema.js";

/** Every latency that was measured, by the name that files give it: `close`, `close.requestToCompletion`. */
export function measuredLatencies({
  latency: { close, open },
}: Result): (readonly [name: string, summary: LatencySummary])[] {
  const all = [...partsOf("close", close), ...partsOf("open", open)];
  return all.filter(([, { hdr }]) => hdr !== null);
}

function partsOf(name: string, latency: ResultLatency): (readonly [name: string, summary: LatencySummary])[] {
  const { requestToCompletion, completionToClient } = latency.phases;
  return [
    [name, latency],
    [`${name}.requestToCompletion`, requestToCompletion],
    [`${name}.completionToClient`, completionToClient],
  ];
}
