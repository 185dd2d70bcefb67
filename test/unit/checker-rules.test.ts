import { describe, expect, it } from "vitest";
import { type RuleId, RULES } from "../../src/contract/rules.js";
import { AF_RULE_STORIES } from "../support/af-rule-stories.js";
import { checkRecords } from "../support/check-trace.js";
import { OBJECT_RULE_STORIES } from "../support/object-rule-stories.js";
import { Story, type Tell } from "../support/rule-story.js";

const STORIES = { ...AF_RULE_STORIES, ...OBJECT_RULE_STORIES };

function tell(how: Tell, isDrained: boolean, id: RuleId) {
  const story = new Story();
  how(story);
  // A SAP that is left on an AF which is closing comes up only where NDIS forwards every close.
  const readings = id === "sap/closing" ? ({ outstandingClose: "forwarded" } as const) : {};
  const verdict = checkRecords(story.lines, { readings, end: () => ({ timeNs: story.timeNs, isDrained }) });
  return { story, verdict };
}

/** Of these a story can only show the breach when nothing is left to happen. */
const IS_OWED: ReadonlySet<string> = new Set([
  "open/owed",
  "close/owed",
  "sap/owed",
  "call/owed",
  "close/context-leak",
  "close/cm-leak",
]);

describe("the checker, told by hand", () => {
  it.each(RULES)("flags $id at its line", ({ id }) => {
    const { story, verdict } = tell(STORIES[id]![0], IS_OWED.has(id), id);
    expect(story.expectedLine).toBeGreaterThan(0);
    const found = verdict.findings.map(({ rule, line }) => `${line} ${rule}`);
    expect(found).toContain(`${story.expectedLine} ${id}`);
    if (!IS_OWED.has(id)) expect(new Set(verdict.findings.map(({ rule }) => rule))).toEqual(new Set([id]));
  });

  it.each(RULES)("does not flag what nearly breaks $id", ({ id }) => {
    expect(tell(STORIES[id]![1], false, id).verdict.findings).toEqual([]);
  });

  it.each(RULES.filter(({ id }) => IS_OWED.has(id)))(
    "leaves $id undecided while its deadline has not passed",
    ({ id }) => {
      const { verdict } = tell(STORIES[id]![0], false, id);
      expect(verdict.findings).toEqual([]);
      expect(verdict.undecided).toBeGreaterThan(0);
    },
  );
});
