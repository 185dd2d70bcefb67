import { describe, expect, it } from "vitest";
import * as codes from "../../assembly/abi/codes.js";
import * as layout from "../../assembly/abi/layout.js";
import * as objectCodes from "../../assembly/abi/object-codes.js";
import * as objectLayout from "../../assembly/abi/object-layout.js";
import { CALLS } from "../../src/contract/calls.js";
import { faultIds, objectFaultIds } from "../../src/contract/faults.js";
import { RULE_FORMS, type RuleForm } from "../../src/contract/rule-forms.js";
import { ruleOf } from "../../src/contract/rules.js";
import { STATUS_NUMBERS } from "../../src/contract/statuses.js";
import { KERNEL_CALLS } from "../../src/kernel/call-codes.js";
import { JUDGED_RULE_NUMBERS } from "../../src/kernel/judged-rules.js";
import { CHANGES, exchangeRows, operationRows } from "../../src/run/object-tables.js";
import { CALL_RULES, FAULT_KINDS, JUDGED_CALLS, STANDINGS, TRANSITIONS } from "../../src/run/tables.js";
import { OUTSTANDING_MAX } from "../../src/scenario/limits.js";
import { plainScenario } from "../support/plain-scenario.js";
import { runKernel } from "../support/run-kernel.js";

/** `RULE_CLOSE_NOT_PENDED` stands for `close/not-pended`. */
function constantOf(ruleId: string): string {
  return `RULE_${ruleId.replace("/", "_").replaceAll("-", "_").toUpperCase()}`;
}

/** The form of close/blocked that is only a warning is about waits in other callbacks. */
function constantOfForm({ id, number }: RuleForm): string {
  return ruleOf(id).warningForm === number ? `${constantOf(id)}_IN_CALLBACK` : constantOf(id);
}

/** The constants of a kind, by name. */
function codesOf(prefix: string): [name: string, number: number][] {
  return Object.entries({ ...codes, ...objectCodes }).filter(([name]) => name.startsWith(prefix));
}

describe("the numbers that kernel and host share", () => {
  it("give every rule that the kernel checks the number of its rule in the contract", () => {
    const numbers = new Map(RULE_FORMS.map((form) => [constantOfForm(form), form.number]));
    const checked = codesOf("RULE_");
    expect(checked.length).toBeGreaterThan(10);
    for (const [name, number] of checked) expect([name, numbers.get(name)]).toEqual([name, number]);
  });

  it("tell which rules are judged", () => {
    const judged = RULE_FORMS.filter(({ number }) => JUDGED_RULE_NUMBERS.has(number)).map(constantOfForm);
    const constants = codesOf("RULE_").map(([name]) => name);
    expect(judged.toSorted()).toEqual(constants.toSorted());
  });

  it("leave room for every rule among the counts by rule", () => {
    expect(Math.max(...RULE_FORMS.map(({ number }) => number))).toBeLessThan(layout.RULE_LIMIT);
    expect(layout.SHARD_WARNINGS - layout.SHARD_RULES).toBe(8 * layout.RULE_LIMIT);
    expect(layout.SHARD_TRANSITIONS - layout.SHARD_FIRST).toBe(layout.VIOLATION_BYTES * layout.RULE_LIMIT);
    expect(codes.NO_RULE).toBeGreaterThanOrEqual(layout.RULE_LIMIT);
  });

  it("leave room for every transition, call and count in the tables of the shard header", () => {
    const room = layout.SHARD_CALL_IRQL - layout.SHARD_TRANSITIONS;
    expect(4 * (Math.max(...codesOf("TRANSITION_").map(([, number]) => number)) + 1)).toBeLessThanOrEqual(room);
    const calls = layout.SHARD_CALL_RULES - layout.SHARD_CALL_IRQL;
    expect(4 * KERNEL_CALLS.length).toBeLessThanOrEqual(calls);
    expect(layout.SHARD_VCS - layout.SHARD_CALL_RULES).toBe(JUDGED_CALLS * STANDINGS);
    const counts = layout.COUNT_THRESHOLDS + 4 * OUTSTANDING_MAX;
    expect([layout.SHARD_SAPS - layout.SHARD_VCS, layout.SHARD_END - layout.SHARD_SAPS]).toEqual([counts, counts]);
  });

  it("give every state, handle and judged call its place in the table of rules by call", () => {
    const standings = [...codesOf("STATE_"), ...codesOf("HANDLE_")].map(([, number]) => number);
    expect(new Set(standings).size).toBe(standings.length);
    expect(Math.max(...standings)).toBeLessThan(STANDINGS);
    expect(codesOf("JUDGED_").map(([, number]) => number)).toEqual([0, 1, 2]);
    const places = CALL_RULES.map(([judged, standing]) => judged * STANDINGS + standing);
    expect(new Set(places).size).toBe(places.length);
  });

  it("have one row for every transition, from and to a state", () => {
    const states = new Set(codesOf("STATE_").map(([, number]) => number));
    const numbers = codesOf("TRANSITION_").map(([, number]) => number);
    expect(TRANSITIONS.map(({ transition }) => transition)).toEqual(numbers);
    for (const { from, to } of TRANSITIONS) expect([from, to].filter((state) => !states.has(state))).toEqual([]);
  });

  it("leave room for every transition, operation and exchange in the tables of objects", () => {
    const { SHARED_CHANGES, SHARED_OPERATIONS, SHARED_EXCHANGES, SHARED_BYTES } = objectLayout;
    const last = Math.max(...CHANGES.map(({ change }) => change)) - objectCodes.CHANGE_FIRST;
    expect(SHARED_CHANGES + 4 * (last + 1)).toBe(SHARED_OPERATIONS);
    expect(objectLayout.SHARED_AT_END).toBe(objectLayout.SHARED_COUNTS + 8 * (last + 1));
    expect(SHARED_OPERATIONS + objectLayout.OPERATION_BYTES * objectCodes.OPERATIONS).toBe(SHARED_EXCHANGES);
    expect(SHARED_EXCHANGES + objectLayout.EXCHANGE_BYTES * objectCodes.EXCHANGES).toBe(SHARED_BYTES);
    expect([...operationRows().keys()].toSorted((a, b) => a - b)).toEqual([...Array(objectCodes.OPERATIONS).keys()]);
    expect([...exchangeRows().keys()].toSorted((a, b) => a - b)).toEqual([...Array(objectCodes.EXCHANGES).keys()]);
  });

  it("have one row for every transition of an object", () => {
    const numbers = codesOf("CHANGE_").filter(([name]) => name !== "CHANGE_FIRST");
    expect(CHANGES.map(({ change }) => change)).toEqual(numbers.map(([, number]) => number));
  });

  it("tell objects' faults from the others", () => {
    expect(faultIds.filter((id) => FAULT_KINDS[id] >= objectCodes.OBJECT_FAULT_FIRST)).toEqual([...objectFaultIds]);
  });

  it("name every call as the contract does, from and to the same roles", () => {
    const numbers = codesOf("CALL_").map(([, number]) => number);
    expect(KERNEL_CALLS.map(({ code }) => code)).toEqual([...KERNEL_CALLS.keys()]);
    expect(KERNEL_CALLS.slice(0, numbers.length).map(({ code }) => code)).toEqual(numbers);
    expect(KERNEL_CALLS.map(({ name }) => name).toSorted()).toEqual(Object.keys(CALLS).toSorted());
    for (const { name, from, to } of KERNEL_CALLS) {
      expect([name, CALLS[name as keyof typeof CALLS]]).toEqual([name, expect.objectContaining({ from, to })]);
    }
  });

  it("have a bit for every kind of event that is a slot's", () => {
    const others = [
      codes.EVENT_COALESCE_TIMER,
      codes.EVENT_PROCESSOR_DONE,
      codes.EVENT_ARRIVAL,
      codes.EVENT_UNBIND_DONE,
      codes.EVENT_HALT_DONE,
    ];
    const ofObjects = [
      objectCodes.EVENT_SAP_DONE,
      objectCodes.EVENT_VC_DONE,
      objectCodes.EVENT_PARTY_DONE,
      objectCodes.EVENT_LINE,
    ];
    others.push(...ofObjects);
    expect(ofObjects.map((event) => event - objectCodes.EVENT_SAP_DONE)).toEqual([
      objectCodes.KIND_SAP,
      objectCodes.KIND_VC,
      objectCodes.KIND_PARTY,
      objectCodes.KINDS,
    ]);
    const slotEvents = codesOf("EVENT_").filter(([, kind]) => !others.includes(kind));
    expect(slotEvents.reduce((bits, [, kind]) => bits | (1 << kind), 0)).toBe(codes.SLOT_EVENTS);
  });

  it("number the faults in the order of the contract", () => {
    expect(faultIds.map((id) => FAULT_KINDS[id])).toEqual([...faultIds.keys()]);
    expect(codesOf("FAULT_").length).toBe(faultIds.length);
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
      layout.SHARD_WAIT,
      layout.SHARD_NOTIFY_PENDS,
      layout.SHARD_READINGS,
      layout.SHARD_RULES,
      layout.SHARD_WARNINGS,
      layout.MACHINE_FAULT_KINDS,
      layout.MACHINE_ADAPTER_SCALE,
      layout.MACHINE_ARRIVALS,
      layout.MACHINE_KEYS,
      layout.MACHINE_BYTES,
      layout.CM_DIGEST,
      layout.CM_BATCH_DUE,
      layout.CM_BYTES,
      layout.PROFILE_OPEN_FAILS,
      layout.PROFILE_REFUSES,
      layout.PROFILE_BYTES,
      layout.FAULT_RATE,
      layout.FAULT_BYTES,
      layout.SAMPLER_CELLS,
      layout.SAMPLER_BYTES,
      layout.LATENCY_COUNTS,
      layout.TRACE_HANDLES,
      objectLayout.SHARED_COUNTS,
      objectLayout.SHARED_REMOTE,
      objectLayout.SERVE_FAILS,
      objectLayout.SERVE_BYTES,
      objectLayout.OBJECTS_FAULT_KINDS,
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
