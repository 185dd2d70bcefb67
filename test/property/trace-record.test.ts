import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as C from "../../assembly/abi/codes.js";
import * as L from "../../assembly/abi/layout.js";
import { CALLS as CONTRACT_CALLS, type CallName } from "../../src/contract/calls.js";
import { placeOfSlot } from "../../src/contract/reference-layout.js";
import { KERNEL_CALLS } from "../../src/kernel/call-codes.js";
import { TraceFormatter } from "../../src/kernel/trace-record.js";
import { firstAfOf, slotCountOf } from "../../src/kernel/topology.js";
import { PLAIN_SCENARIO } from "../support/plain-scenario.js";

const CALLS = KERNEL_CALLS.map(({ code, name }) => {
  const { from, to } = CONTRACT_CALLS[name as CallName];
  return [code, name, from, to] as const;
});
const STATUSES = [
  [C.STATUS_SUCCESS, "NDIS_STATUS_SUCCESS"],
  [C.STATUS_PENDING, "NDIS_STATUS_PENDING"],
  [C.STATUS_FAILURE, "NDIS_STATUS_FAILURE"],
  [C.STATUS_RESOURCES, "NDIS_STATUS_RESOURCES"],
  [C.STATUS_NOT_ACCEPTED, "NDIS_STATUS_NOT_ACCEPTED"],
  [C.STATUS_NONE, undefined],
] as const;
const IRQLS = [
  [C.PASSIVE_LEVEL, "PASSIVE_LEVEL"],
  [C.DISPATCH_LEVEL, "DISPATCH_LEVEL"],
  [C.DEVICE_LEVEL, "DEVICE_LEVEL"],
] as const;
const ACTS = [
  [C.OP_RELEASE_CLIENT, "release", "client"],
  [C.OP_RELEASE_CALL_MANAGER, "release", "cm"],
  [C.OP_WAIT, "wait", "client"],
  [C.OP_WAKE, "wake", "client"],
] as const;
const BINDING_OPS: readonly number[] = [C.OP_BINDING_CALL, C.OP_BINDING_RETURN];
const ADAPTER_OPS: readonly number[] = [C.OP_ADAPTER_CALL, C.OP_ADAPTER_RETURN];
const RETURNS: readonly number[] = [C.OP_RETURN, C.OP_BINDING_RETURN, C.OP_ADAPTER_RETURN];
const OPS = [C.OP_CALL, C.OP_CALL_SELF, C.OP_RETURN, ...ACTS.map(([op]) => op), ...BINDING_OPS, ...ADAPTER_OPS];
/** Their records name no AF. */
const WITHOUT_AF = /^Miniport|Adapter(Complete)?(Ex)?$|Register(AddressFamilyEx|Notify)$/;

const u32 = fc.nat({ max: 2 ** 32 - 1 });
const topologies = fc
  .record({
    machines: fc.integer({ min: 1, max: 5 }),
    adaptersPerMachine: fc.integer({ min: 1, max: 65_536 }),
    clientsPerAdapter: fc.integer({ min: 1, max: 65_536 }),
    afsPerMachine: fc.integer({ min: 1, max: 2 ** 27 - 1 }),
    more: fc.nat({ max: 4 }),
  })
  .map(({ machines, afsPerMachine, more, ...rest }) => ({
    ...rest,
    machines,
    afs: machines * afsPerMachine + (more % machines),
  }));
const records = fc.record({
  tick: u32,
  seq: u32,
  slotShare: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  generation: fc.integer({ min: 1, max: 2 ** 27 - 1 }),
  frame: u32,
  parent: fc.oneof(fc.constant(0), u32),
  op: fc.constantFrom(...OPS),
  call: fc.constantFrom(...CALLS),
  irql: fc.constantFrom(...IRQLS),
  status: fc.constantFrom(...STATUSES),
  context: fc.boolean(),
  processor: fc.nat({ max: 65_535 }),
});
type Fields = typeof records extends fc.Arbitrary<infer T> ? T : never;

function encode(fields: Fields, slot: number): DataView {
  const view = new DataView(new ArrayBuffer(L.TRACE_RECORD_BYTES));
  const words = [
    [L.TRACE_TICK, fields.tick],
    [L.TRACE_SEQ, fields.seq],
    [L.TRACE_SLOT, slot],
    [L.TRACE_GENERATION, fields.generation],
    [L.TRACE_FRAME, fields.frame],
    [L.TRACE_PARENT, fields.parent],
  ] as const;
  for (const [at, value] of words) view.setUint32(at, value, true);
  view.setUint8(L.TRACE_OP, fields.op);
  view.setUint8(L.TRACE_CALL, fields.call[0]);
  view.setUint8(L.TRACE_IRQL, fields.irql[0]);
  view.setUint8(L.TRACE_STATUS, fields.status[0]);
  view.setUint8(L.TRACE_CONTEXT, fields.context ? 0 : 1);
  view.setUint16(L.TRACE_PROCESSOR, fields.processor, true);
  return view;
}

/** What a record's number is. */
function aboutOf(op: number, slot: number, place: { adapter: number; client: number }): number {
  if (ADAPTER_OPS.includes(op)) return place.adapter;
  return BINDING_OPS.includes(op) ? place.client : slot;
}

/** The record of src/contract/MODEL.md "Trace"; JSON leaves fields out that are undefined. */
function expectedRecord(fields: Fields, machine: number, slot: number, place: { adapter: number; client: number }) {
  const { op, call, frame } = fields;
  const cm = `cm:${place.adapter}`;
  const parties = { ndis: "ndis", cm, client: ADAPTER_OPS.includes(op) ? cm : `client:${place.client}` };
  const [code, name, from, to] = call;
  const handle = `AF#${slot}v${fields.generation}`;
  const head = {
    seq: fields.seq,
    timeNs: fields.tick * PLAIN_SCENARIO.tickNs,
    machine,
    processor: fields.processor,
    irql: fields.irql[1],
  };
  const act = ACTS.find(([code]) => code === op);
  const parent = fields.parent === 0 ? undefined : fields.parent;
  if (act !== undefined) return { ...head, op: act[1], parent, from: parties[act[2]], af: handle };
  const withAf = ![...BINDING_OPS, ...ADAPTER_OPS].includes(op) && !WITHOUT_AF.test(name);
  const tail = { status: fields.status[1], context: fields.context ? undefined : null };
  if (RETURNS.includes(op)) {
    return { ...head, op: "return", frame, call: name, af: withAf ? handle : undefined, ...tail };
  }
  return {
    ...head,
    op: "call",
    frame,
    parent,
    call: name,
    from: parties[op === C.OP_CALL_SELF ? to : from],
    to: parties[to],
    adapter: place.adapter,
    // The handle of an open is not known before ProtocolCmOpenAf.
    af: withAf && code !== C.CALL_CL_OPEN ? handle : undefined,
    ...tail,
  };
}

describe("a trace line", () => {
  it("is the record as JSON.stringify writes it, for any record of any topology", () => {
    fc.assert(
      fc.property(topologies, records, fc.nat(), (topology, fields, anyMachine) => {
        const machine = anyMachine % topology.machines;
        const slots = slotCountOf(topology, machine);
        const slot = Math.floor(fields.slotShare * slots);
        expect(firstAfOf(topology, machine) + slot).toBeLessThan(topology.afs);
        const place = placeOfSlot({ ...PLAIN_SCENARIO, topology }, slot, slots);
        const about = aboutOf(fields.op, slot, place);
        const line = new TraceFormatter({ ...PLAIN_SCENARIO, topology }, machine).format(encode(fields, about), 0);
        expect(line).toBe(JSON.stringify(expectedRecord(fields, machine, slot, place)));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [L.TRACE_OP, "op"],
    [L.TRACE_CALL, "call"],
    [L.TRACE_IRQL, "IRQL"],
    [L.TRACE_STATUS, "status"],
  ])("is not written for a record whose byte %i is damaged: unknown %s", (at, what) => {
    const records = new DataView(new ArrayBuffer(L.TRACE_RECORD_BYTES));
    records.setUint8(at, 100);
    expect(() => new TraceFormatter(PLAIN_SCENARIO, 0).format(records, 0)).toThrow(`unknown ${what}: 100`);
  });
});
