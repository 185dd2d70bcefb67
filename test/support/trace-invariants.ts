/** What holds of every trace without faults, whatever is in it. */
import { expect } from "vitest";
import { BINDING_CALLS, type CallName, CALLS, VC_CALLS } from "../../src/contract/calls.js";
import type { CallRecord, TraceIrql, TraceRecord } from "../../src/contract/reference-trace.js";
import type { Scenario } from "../../src/scenario/scenario.js";

const LEVELS: Readonly<Record<TraceIrql, number>> = { PASSIVE_LEVEL: 0, DISPATCH_LEVEL: 2, DEVICE_LEVEL: 3 };

/** Calls in which a call manager may stand where the client does: about its own binding, or about a VC that it has created. */
const ALSO_OF_CALL_MANAGERS: ReadonlySet<CallName> = new Set([...BINDING_CALLS, ...VC_CALLS]);

export const callsOf = (trace: readonly TraceRecord[]): CallRecord[] => trace.filter((record) => record.op === "call");

/** Checks below are conditions first, as a trace has many records. */
const placeOf = ({ processor, irql }: TraceRecord) => ({ processor, irql });
const isSamePlace = (a: TraceRecord, b: TraceRecord): boolean => a.processor === b.processor && a.irql === b.irql;

/** Sees that a call's parent is open, in the same place, and returns after it. */
export function expectNesting({ topology, processors }: Scenario, trace: readonly TraceRecord[]): void {
  const open = new Map<string, { readonly call: CallRecord; children: number }>();
  for (const record of trace) {
    if (!("call" in record)) continue;
    const key = (frame: number): string => `${record.machine}:${frame}`;
    if (record.op === "call") {
      open.set(key(record.frame), { call: record, children: 0 });
      if (record.parent === undefined) continue;
      const parent = open.get(key(record.parent))!;
      if (!isSamePlace(parent.call, record)) expect(record).toMatchObject(placeOf(parent.call));
      parent.children++;
    } else {
      const { call, children } = open.get(key(record.frame))!;
      if (children > 0 || call.call !== record.call || !isSamePlace(call, record))
        expect({ ...record, children }).toMatchObject({ ...placeOf(call), call: call.call, children: 0 });
      open.delete(key(record.frame));
      const parent = call.parent === undefined ? undefined : open.get(key(call.parent));
      if (parent !== undefined) parent.children--;
    }
  }
  // Only completions that cost time can be under way at the end, one a processor, and halts of MCMs, one an adapter.
  const names = [...open.values()].map(({ call }) => call.call);
  const halts = names.filter((name) => name === "MiniportHaltEx").length;
  expect(halts).toBeLessThanOrEqual(topology.machines * topology.adaptersPerMachine);
  const limit = processors.completionCostNs === 0 ? 0 : processors.count * topology.machines;
  expect(names.length - halts).toBeLessThanOrEqual(limit);
  for (const name of names) expect(name).toMatch(/^NdisM?Cm\w+Complete$|^MiniportHaltEx$/);
}

/** Sees that every call is made between the right parties, at an IRQL that its page allows, in the right form. */
export function expectRightParties(trace: readonly TraceRecord[]): void {
  for (const { call, from, to, irql } of callsOf(trace)) {
    const contract = CALLS[call];
    // A driver calls its own completion function when NDIS does not.
    const itself = from === to && contract.from === "ndis" && to !== "ndis";
    const roles = [from, to].map((party) => party.split(":")[0]!);
    const standing = ALSO_OF_CALL_MANAGERS.has(call) ? roles.map((role) => (role === "cm" ? "client" : role)) : roles;
    const isRight = (itself || standing[0] === contract.from) && standing[1] === contract.to;
    if (!isRight || LEVELS[irql] > LEVELS[contract.irqlMax]) expect.fail(`${call} from ${from} to ${to} at ${irql}`);
  }
}
