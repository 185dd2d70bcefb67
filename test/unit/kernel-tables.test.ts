import { describe, expect, it } from "vitest";
import * as codes from "../../assembly/abi/codes.js";
import * as layout from "../../assembly/abi/layout.js";
import { faultIds } from "../../src/contract/faults.js";
import { RULES } from "../../src/contract/rules.js";
import { STATUS_NUMBERS } from "../../src/contract/statuses.js";
import { JUDGED_RULE_NUMBERS } from "../../src/kernel/judged-rules.js";
import { plainScenario } from "../support/plain-scenario.js";
import { runKernel } from "../support/run-kernel.js";

/** `RULE_CLOSE_NOT_PENDED` stands for `close/not-pended`. */
function constantOf(ruleId: string): string {
  return `RULE_${ruleId.replace("/", "_").replaceAll("-", "_").toUpperCase()}`;
}

describe("the numbers that kernel and host share", () => {
  it("give every rule that the kernel checks the number of its rule in the contract", () => {
    const numbers = new Map(RULES.map((rule) => [constantOf(rule.id), rule.number]));
    const checked = Object.entries(codes).filter(([name]) => name.startsWith("RULE_"));
    expect(checked.length).toBeGreaterThan(10);
    for (const [name, number] of checked) expect([name, numbers.get(name)]).toEqual([name, number]);
  });

  it("tell which rules are judged", () => {
    const judged = RULES.filter(({ number }) => JUDGED_RULE_NUMBERS.has(number)).map(({ id }) => constantOf(id));
    const constants = Object.keys(codes).filter((name) => name.startsWith("RULE_"));
    expect(judged.toSorted()).toEqual(constants.toSorted());
  });

  it("leave room for every rule among the counts by rule", () => {
    expect(Math.max(...RULES.map((rule) => rule.number))).toBeLessThan(layout.RULE_LIMIT);
    expect(layout.SHARD_TRANSITIONS - layout.SHARD_RULES).toBe(8 * layout.RULE_LIMIT);
  });

  it("give every status the number that the digest folds", () => {
    const numbers = new Map<string, number>(Object.entries(codes));
    for (const [name, number] of Object.entries(STATUS_NUMBERS)) {
      expect([name, numbers.get(name.replace("NDIS_", ""))]).toEqual([name, number]);
    }
  });

  it("align every 64-bit field", () => {
    const fields = [
      layout.SHARD_TICK_NS,
      layout.SHARD_TOTALS,
      layout.SHARD_RULES,
      layout.MACHINE_ADAPTER_SCALE,
      layout.MACHINE_ARRIVALS,
      layout.MACHINE_KEYS,
      layout.MACHINE_BYTES,
      layout.CM_DIGEST,
      layout.CM_BATCH_DUE,
      layout.CM_BYTES,
      layout.PROFILE_BYTES,
      layout.FAULT_RATE,
      layout.FAULT_BYTES,
      layout.SAMPLER_CELLS,
      layout.SAMPLER_BYTES,
      layout.LATENCY_COUNTS,
      layout.ORDER_DENSITY,
    ];
    expect(fields.filter((offset) => offset % 8 !== 0)).toEqual([]);
  });

  it("know every fault of the contract", () => {
    for (const kind of faultIds) {
      const scenario = plainScenario({ faults: [{ kind, rate: 0, at: null }] });
      expect(runKernel(scenario).merged.violationsByRule).toEqual({});
    }
  });
});
