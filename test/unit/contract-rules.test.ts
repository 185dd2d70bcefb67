import { describe, expect, it } from "vitest";
import { CALLS, COMPLETION_CALLS } from "../../src/contract/calls.js";
import { faultOf, faults } from "../../src/contract/faults.js";
import { isRuleId, ruleOf, RULES } from "../../src/contract/rules.js";
import { STATUS_NUMBERS, STATUSES } from "../../src/contract/statuses.js";

describe("the rule table", () => {
  it("numbers its rules from 0 without a gap, so that a number is an index", () => {
    expect(RULES.map((rule) => rule.number)).toEqual(RULES.map((_, index) => index));
  });

  it("fits the digest's codes: 64 + number stays below 256", () => {
    expect(64 + RULES.length).toBeLessThanOrEqual(256);
  });

  it("keeps the numbers that digests already contain", () => {
    expect(ruleOf("irql/caller").number).toBe(0);
    expect(ruleOf("open/owed").number).toBe(8);
    expect(ruleOf("close/owed").number).toBe(23);
    expect(ruleOf("close/double-complete").number).toBe(26);
    expect(ruleOf("party/drop").number).toBe(48);
  });

  it("warns only where the page says no more than should", () => {
    const warnings = RULES.filter((rule) => rule.warning).map((rule) => rule.id);
    expect(warnings).toEqual(["register/place", "open/failed-unbind", "close/adapter", "vc/order"]);
  });

  it.each(RULES)("gives $id a sentence, a source and somebody who can break it", ({ id, group, text, source, who }) => {
    expect(text).toMatch(/^[A-Z].*\.$/);
    expect(source.length).toBeGreaterThan(0);
    for (const page of source) expect(page).toMatch(/^[a-z0-9_-]+$/);
    expect(who.length).toBeGreaterThan(0);
    expect(id.startsWith(`${group}/`)).toBe(true);
    expect(isRuleId(id)).toBe(true);
  });

  it("knows no other rule", () => {
    expect(isRuleId("close/nothing")).toBe(false);
    expect(isRuleId("toString")).toBe(false);
  });
});

describe("the calls of an address family's life", () => {
  it("are named Ndis… when a driver makes them and Protocol… or Miniport… when NDIS does", () => {
    for (const [name, { from, to }] of Object.entries(CALLS)) {
      expect(from === "ndis", name).toBe(/^(Protocol|Miniport)/.test(name));
      expect(to === "ndis", name).toBe(name.startsWith("Ndis"));
    }
  });

  it("give each kind of call manager its own completion calls", () => {
    for (const kind of ["mcm", "standalone"] as const)
      for (const call of Object.values(COMPLETION_CALLS[kind]))
        expect((CALLS as Record<string, { callManagerKind: string | null }>)[call]?.callManagerKind).toBe(kind);
  });

  it("use statuses that each have a value and a number of their own", () => {
    expect(new Set(Object.values(STATUSES)).size).toBe(Object.keys(STATUSES).length);
    expect(Object.keys(STATUS_NUMBERS)).toEqual(Object.keys(STATUSES));
    expect(Object.values(STATUS_NUMBERS)).toEqual([0, 1, 2, 3, 4]);
  });
});

describe("the fault catalogue", () => {
  it("names only rules that exist", () => {
    for (const fault of faults) expect(isRuleId(fault.rule)).toBe(true);
  });

  it("has the kinds of MODEL.md, MODEL-DRIVERS.md and MODEL-OBJECTS.md, in their order, each with its owner and rule", () => {
    expect(faults.map(({ id, of, rule }) => `${id} ${of} ${rule}`)).toEqual([
      "double-complete cm close/double-complete",
      "lost-completion cm close/owed",
      "early-completion cm close/not-pended",
      "wrong-family cm close/family",
      "completion-irql cm irql/caller",
      "completion-status cm close/complete-status",
      "stale-completion cm close/cm-stale",
      "close-twice client close/redundant",
      "stale-close client close/client-stale",
      "open-irql client irql/caller",
      "lost-open-completion cm open/owed",
      "double-open-complete cm open/not-pended",
      "open-completion-status cm open/status",
      "open-self-complete client open/completes-once",
      "early-close client open/use-before-complete",
      "null-context cm open/context",
      "no-unbind client open/failed-unbind",
      "failed-open-close client open/failed-handle",
      "failed-open-leak cm open/failed-handle",
      "outstanding-close client close/outstanding",
      "close-self-complete client close/completes-once",
      "early-release client close/context-early",
      "blocked-wait client close/blocked",
      "undrained-completion cm close/undrained",
      "context-leak client close/context-leak",
      "close-return-status cm close/status",
      "cm-leak cm close/cm-leak",
      "forgotten-af client close/unbind",
      "early-close-adapter client close/adapter",
      "register-late cm register/place",
      "register-twice cm register/duplicate",
      "register-irql cm irql/caller",
      "forgotten-notify cm notify/required",
      "notify-irql cm irql/caller",
      "saps-first client notify/order",
      "notify-wait client close/blocked",
      "notify-success client notify/owed",
      "lost-notify-completion client notify/owed",
      "early-notify-completion client notify/owed",
      "double-notify-completion client notify/owed",
      "cm-early-close-adapter cm close/adapter",
      "retry-close client close/client-stale",
      "use-in-completion cm close/cm-stale",
      "use-after-completion cm close/cm-stale",
      "release-at-call client close/context-early",
      "shared-flag cm close/owed",
      "one-handle cm close/double-complete",
      "halted-completion cm close/owed",
      "inline-success cm close/double-complete",
      "lock-deadlock cm close/owed",
      "no-self-complete client close/completes-once",
      "walk-skips cm notify/required",
      "walk-repeats cm close/cm-stale",
      "close-adapter-irql client irql/caller",
      "cm-close-adapter-irql cm irql/caller",
      "callback-wait client close/blocked",
      "sap-in-use cm sap/status",
      "lost-sap-completion cm sap/owed",
      "sap-completion-status cm sap/owed",
      "sap-completed-twice cm sap/owed",
      "deregister-twice client sap/stale",
      "create-pending cm vc/create",
      "delete-active client vc/delete",
      "unactivated-call cm vc/activate",
      "dispatch-first cm vc/order",
      "deactivate-twice cm vc/deactivate",
      "reuse-vc client call/make",
      "lost-call-completion cm call/owed",
      "call-completion-status cm call/owed",
      "lost-answer client call/owed",
      "close-with-parties client call/close",
      "no-deactivate cm call/close",
      "ignored-close client call/incoming-close",
      "drop-twice client party/drop",
      "drop-last client party/drop",
      "lost-drop-completion cm party/drop",
    ]);
  });

  it("says in a sentence what each does", () => {
    for (const { id, of, text, opportunity } of faults) {
      expect(faultOf(id)).toBe(of);
      expect(text).toMatch(/^The (call manager|client) .*\.$/);
      expect(text.startsWith("The client")).toBe(of === "client");
      expect(opportunity).not.toBe("");
    }
  });
});
