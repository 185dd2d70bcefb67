import fc from "fast-check";
import { expect, it } from "vitest";
import { runReference } from "../../src/contract/reference.js";
import { faultyScenario, scenario as plain } from "../support/scenario-generator.js";
import { checkRecords, optionsOf } from "../support/check-trace.js";
import { writeFileSync } from "node:fs";

const diffs: Record<string, number> = {};
it("debug", { timeout: 600_000 }, () => {
  let n = 0;
  let bad = 0;
  const gen = process.env["PLAIN"] ? plain : faultyScenario;
  for (const scenario of fc.sample(gen, { numRuns: Number(process.env["N"] ?? 100), seed: Number(process.env["SEED"] ?? 1) })) {
    n++;
    const run = runReference(scenario);
    const v = checkRecords(run.trace, { ...optionsOf(scenario, run.machines), findingsMax: 1e6 });
    const want: Record<string, number> = {};
    for (const x of [...run.violations, ...run.warnings]) {
      const k = `${x.rule} m${x.machine} ${x.rule==="irql/caller"||x.rule==="close/adapter"||x.generation === 0 ? "null" : `AF#${x.slot}v${x.generation}`}`;
      want[k] = (want[k] ?? 0) + 1;
    }
    const got: Record<string, number> = {};
    for (const f of v.findings) {
      const k = `${f.rule} m${f.machine} ${f.rule==="irql/caller"||f.rule==="close/adapter"?null:f.af}`;
      got[k] = (got[k] ?? 0) + 1;
    }
    const d: string[] = [];
    const kinds = new Set(scenario.faults.map((x) => x.kind as string));
    if (scenario.client.habit.length > 0) kinds.add("no-self-complete");
    for (const k of new Set([...Object.keys(want), ...Object.keys(got)])) if (want[k] !== got[k] && !(k.startsWith("close/context-leak") && kinds.has("no-self-complete")&& kinds.has("context-leak"))) {
      d.push(`${k}: want ${want[k] ?? 0} got ${got[k] ?? 0} lines ${v.findings.filter(f => k === `${f.rule} m${f.machine} ${f.af}`).map(f=>f.line)}`);
      const r = `${k.split(" ")[0]} ${(want[k] ?? 0) > (got[k] ?? 0) ? "missed" : "false"}`;
      diffs[r] = (diffs[r] ?? 0) + 1;
    }
    if (run.totals.undecided !== v.undecided) { d.push(`undecided want ${run.totals.undecided} got ${v.undecided}`); diffs["undecided"] = (diffs["undecided"] ?? 0) + 1; }
    if (d.length > 0) {
      bad++;
      if (bad <= Number(process.env["SHOW"] ?? 2)) {
        console.log(n, run.trace.length, scenario.faults.map(f=>f.kind).join(), JSON.stringify(scenario.contract), "\n", d.slice(0,12).join("\n "));
        writeFileSync(`/tmp/bad-${bad}.jsonl`, run.trace.map((r) => JSON.stringify(r)).join("\n"));
        writeFileSync(`/tmp/bad-${bad}.json`, JSON.stringify(scenario, null, 1));
      }
    }
  }
  console.log("bad", bad, "of", n, diffs);
});
