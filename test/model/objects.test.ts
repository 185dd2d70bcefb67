import { describe, expect, it } from "vitest";
import type { ObjectFaultId } from "../../src/contract/faults.js";
import { OBJECT_FAULTS } from "../../src/contract/object-faults.js";
import { runReference } from "../../src/contract/reference.js";
import { foldDigest } from "../../src/measure/merge.js";
import type { TraceRecord } from "../../src/measure/history.js";
import { objectLine, objectLines, digestOfFolds } from "../support/object-example.js";
import { OBJECT_FAULT_EXAMPLES } from "../support/object-fault-examples.js";
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

/** Op and call of the record that breaks the rule of each fault; null where none does. */
const BREACHES: Readonly<Record<ObjectFaultId, RegExp | null>> = {
  "sap-in-use": /^return ProtocolCmRegisterSap$/,
  "lost-sap-completion": null,
  "sap-completion-status": /^call NdisM?Cm(?:Der|R)egisterSapComplete$/,
  "sap-completed-twice": /^call NdisM?CmRegisterSapComplete$/,
  "deregister-twice": /^call NdisClDeregisterSap$/,
  "create-pending": /^return ProtocolCoCreateVc$/,
  "delete-active": /^call NdisCoDeleteVc$/,
  "unactivated-call": /^return ProtocolCmMakeCall$|^call NdisM?CmMakeCallComplete$/,
  "dispatch-first": /^call NdisM?CmDispatchIncomingCall$/,
  "deactivate-twice": /^call NdisMCmDeactivateVc$/,
  "reuse-vc": /^call NdisClMakeCall$/,
  "lost-call-completion": null,
  "call-completion-status": /^call NdisM?Cm(?:Make|Close)CallComplete$/,
  "lost-answer": null,
  "close-with-parties": /^call NdisClCloseCall$/,
  "no-deactivate": /^return ProtocolCmCloseCall$|^call NdisM?CmCloseCallComplete$/,
  "ignored-close": /^return ProtocolClIncomingCloseCall$/,
  "drop-twice": /^call NdisClDropParty$/,
  "drop-last": /^call NdisClDropParty$/,
  "lost-drop-completion": null,
};

describe("the history of a violation", () => {
  it.each(Object.entries(BREACHES) as [ObjectFaultId, RegExp | null][])(
    "by %s ends with the record that breaks the rule",
    (id, breach) => {
      const recorded = OBJECT_FAULT_EXAMPLES[id].flatMap(({ scenario, at }) =>
        runHistories({ ...scenario, faults: [always(id, at)] }),
      );
      expect(recorded.length).toBeGreaterThan(0);
      for (const { violation, history } of recorded) {
        expect(violation.rule).toBe(OBJECT_FAULTS[id].rule);
        const { op, call } = history.records.at(-1)!;
        if (breach === null) expect(history.brokenBy).toBeNull();
        else expect(`${op} ${call}`).toMatch(breach);
      }
    },
  );
});
