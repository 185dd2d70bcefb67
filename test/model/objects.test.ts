import { describe, expect, it } from "vitest";
import { faults, objectFaultIds, type ObjectFaultId } from "../../src/contract/faults.js";
import { runReference } from "../../src/contract/reference.js";
import { foldDigest } from "../../src/measure/merge.js";
import type { TraceRecord } from "../../src/measure/history.js";
import { objectLine, objectLines, digestOfFolds } from "../support/object-example.js";
import { OBJECT_FAULT_EXAMPLES, type ObjectFaultExample } from "../support/worked-object-faults.js";
import { always } from "../support/fault-example.js";
import { runHistories } from "../support/run-histories.js";
import { runKernel } from "../support/run-kernel.js";
import { WORKED_OBJECTS } from "../support/worked-objects.js";
import { WORKED_TEARDOWN } from "../support/worked-teardown.js";

const EVERYTHING = { afs: null, timeNs: null };

describe.each([...WORKED_OBJECTS, WORKED_TEARDOWN])("$title", ({ scenario, from, trace, folds, objects }) => {
  const run = runKernel(scenario, { trace: EVERYTHING });
  const records = run.trace as readonly TraceRecord[];

  it("leaves the trace that was worked out by hand", () => {
    const lines = records.filter(({ timeNs }) => timeNs >= from * 100).map(objectLine);
    expect(lines).toEqual(objectLines(trace));
    expect(run.merged.totals.calls).toBe(records.filter(({ op }) => op === "call").length);
  });

  it("folds every transition, and counts them, traced or not", () => {
    expect(foldDigest(run.merged.machines)).toBe(digestOfFolds(folds));
    const untraced = runKernel(scenario).merged;
    expect(foldDigest(untraced.machines)).toBe(digestOfFolds(folds));
    expect(untraced.objects).toEqual(objects);
    expect(untraced.totals).toEqual(run.merged.totals);
  });
});

it.each([...WORKED_OBJECTS, WORKED_TEARDOWN])("the reference model does the same: $title", (worked) => {
  const run = runReference(worked.scenario);
  const lines = run.trace.filter(({ timeNs }) => timeNs >= worked.from * 100).map((record) => objectLine(record));
  expect(lines).toEqual(objectLines(worked.trace));
  expect([run.digest, run.objects]).toEqual([digestOfFolds(worked.folds), worked.objects]);
});

describe.each(Object.entries(OBJECT_FAULT_EXAMPLES) as [ObjectFaultId, readonly ObjectFaultExample[]][])(
  "the fault %s, step by step",
  (id, examples) => {
    it.each(examples)("folds its violation where the model says ($brokenBy)", ({ scenario, at, folds }) => {
      const { merged } = runKernel({ ...scenario, faults: [always(id, at)] });
      expect(foldDigest(merged.machines)).toBe(digestOfFolds(folds));
      const broken = folds.filter(([, , , what]) => typeof what === "string");
      const rule = faults.find((fault) => fault.id === id)!.rule;
      expect({ ...merged.violationsByRule, ...merged.warningsByRule }).toEqual(
        broken.length === 0 ? {} : { [rule]: broken.length },
      );
    });

    it.each(examples)("is told in a history that ends with it ($brokenBy)", ({ scenario, at, brokenBy }) => {
      const recorded = runHistories({ ...scenario, faults: [always(id, at)] });
      const last = recorded[0]?.history.records.at(-1);
      if (brokenBy === null) expect(recorded[0]?.history.brokenBy ?? null).toBe(null);
      else expect(`${last?.op} ${last?.call}`).toBe(brokenBy);
    });
  },
);

it("every fault with SAPs, VCs, calls and parties has an example", () => {
  expect(Object.keys(OBJECT_FAULT_EXAMPLES).toSorted()).toEqual([...objectFaultIds].toSorted());
});
