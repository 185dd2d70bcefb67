import {
  DEVICE_LEVEL,
  DISPATCH_LEVEL,
  OP_ADAPTER_CALL,
  OP_ADAPTER_RETURN,
  OP_BINDING_CALL,
  OP_BINDING_RETURN,
  OP_CALL,
  OP_CALL_AS_CLIENT,
  OP_CALL_SELF,
  OP_RELEASE_CALL_MANAGER,
  OP_RELEASE_CLIENT,
  OP_RETURN,
  OP_WAIT,
  OP_WAKE,
  PASSIVE_LEVEL,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_NOT_ACCEPTED,
  STATUS_PENDING,
  STATUS_RESOURCES,
  STATUS_SUCCESS,
} from "../../assembly/abi/codes.js";
import {
  TRACE_CALL,
  TRACE_CONTEXT,
  TRACE_FRAME,
  TRACE_GENERATION,
  TRACE_IRQL,
  TRACE_OP,
  TRACE_PARENT,
  TRACE_PROCESSOR,
  TRACE_RECORD_BYTES,
  TRACE_SEQ,
  TRACE_SLOT,
  TRACE_STATUS,
  TRACE_TICK,
} from "../../assembly/abi/layout.js";
import { KERNEL_CALLS, type Role } from "./call-codes.js";
import { ObjectHandles, type ObjectCounts } from "./object-handles.js";
import { slotCountOf, SlotPlaces, type Place, type Topology } from "./topology.js";

export { TRACE_RECORD_BYTES };

type ByCode<Value> = readonly (Value | undefined)[];

function byCode<Value>(entries: readonly (readonly [code: number, value: Value])[]): ByCode<Value> {
  const values: (Value | undefined)[] = [];
  for (const [code, value] of entries) values[code] = value;
  return values;
}

const CALLS = byCode(
  KERNEL_CALLS.map(({ code, name, from, to, af }) => [code, { field: `,"call":"${name}"`, from, to, af }]),
);

/** What a record's number is, and whether it says that a call returns. */
const CALL_OPS = byCode<{ readonly about: "slot" | "client" | "adapter"; readonly returns: boolean }>([
  [OP_CALL, { about: "slot", returns: false }],
  [OP_CALL_SELF, { about: "slot", returns: false }],
  [OP_CALL_AS_CLIENT, { about: "slot", returns: false }],
  [OP_RETURN, { about: "slot", returns: true }],
  [OP_BINDING_CALL, { about: "client", returns: false }],
  [OP_BINDING_RETURN, { about: "client", returns: true }],
  [OP_ADAPTER_CALL, { about: "adapter", returns: false }],
  [OP_ADAPTER_RETURN, { about: "adapter", returns: true }],
]);

interface Parties {
  readonly from: Role;
  readonly to: Role;
}

/** What drivers do without a call. */
const ACTS = byCode<{ readonly field: string; readonly by: Role }>([
  [OP_RELEASE_CLIENT, { field: ',"op":"release"', by: "client" }],
  [OP_RELEASE_CALL_MANAGER, { field: ',"op":"release"', by: "cm" }],
  [OP_WAIT, { field: ',"op":"wait"', by: "client" }],
  [OP_WAKE, { field: ',"op":"wake"', by: "client" }],
]);

const STATUS_FIELDS = byCode([
  [STATUS_SUCCESS, ',"status":"NDIS_STATUS_SUCCESS"'],
  [STATUS_PENDING, ',"status":"NDIS_STATUS_PENDING"'],
  [STATUS_FAILURE, ',"status":"NDIS_STATUS_FAILURE"'],
  [STATUS_RESOURCES, ',"status":"NDIS_STATUS_RESOURCES"'],
  [STATUS_NOT_ACCEPTED, ',"status":"NDIS_STATUS_NOT_ACCEPTED"'],
  [STATUS_NONE, ""],
]);

const IRQL_FIELDS = byCode([
  [PASSIVE_LEVEL, ',"irql":"PASSIVE_LEVEL"'],
  [DISPATCH_LEVEL, ',"irql":"DISPATCH_LEVEL"'],
  [DEVICE_LEVEL, ',"irql":"DEVICE_LEVEL"'],
]);

function unknown(what: string, code: number): Error {
  return new Error(`trace record with an unknown ${what}: ${code}`);
}

function known<Value>(values: ByCode<Value>, code: number, what: string): Value {
  const value = values[code];
  if (value === undefined) throw unknown(what, code);
  return value;
}

/** What of a scenario a trace line says. */
export interface TraceSubject {
  readonly tickNs: number;
  readonly topology: Topology;
  readonly client: { readonly objects: ObjectCounts | null };
}

/** The tick of the raw record at a byte offset. */
export function traceRecordTick(records: DataView, offset: number): number {
  return records.getUint32(offset + TRACE_TICK, true);
}

/** Writes the trace lines of one machine. A trace has millions: they are put together from ready parts of JSON. */
export class TraceFormatter {
  readonly #tickNs: number;
  readonly #places: SlotPlaces;
  readonly #machineField: string;
  readonly #objects: ObjectHandles | null;

  constructor({ tickNs, topology, client }: TraceSubject, machine: number) {
    this.#tickNs = tickNs;
    this.#places = new SlotPlaces(topology, slotCountOf(topology, machine));
    this.#objects = client.objects === null ? null : new ObjectHandles(client.objects, this.#places);
    this.#machineField = `,"machine":${machine}`;
  }

  /** The JSON line (fields and their order as in src/contract/MODEL.md "Trace"; ASCII, without newline) of the raw record at a byte offset. */
  format(records: DataView, offset: number): string {
    const op = records.getUint8(offset + TRACE_OP);
    const number = records.getUint32(offset + TRACE_SLOT, true);
    const head = this.#formatHead(records, offset);
    const handle = `,"af":"AF#${number}v${records.getUint32(offset + TRACE_GENERATION, true)}"`;
    const act = ACTS[op];
    if (act !== undefined) {
      return `${head}${act.field}${parentField(records, offset)},"from":"${party(act.by, this.#places.placeOf(number))}"${handle}}`;
    }
    const { about, returns } = known(CALL_OPS, op, "op");
    const on = about === "slot" && this.#objects !== null ? this.#objects.format(records, offset) : "";
    const af = about === "slot" ? handle + on : "";
    const call = known(CALLS, records.getUint8(offset + TRACE_CALL), "call");
    const frame = records.getUint32(offset + TRACE_FRAME, true);
    const tail = statusField(records, offset) + contextField(records, offset);
    if (returns) {
      return `${head},"op":"return","frame":${frame}${call.field}${call.af === "none" ? "" : af}${tail}}`;
    }
    const place = this.#placeOf(about, number);
    const roles = about === "adapter" || op === OP_CALL_AS_CLIENT ? asCallManager(call) : call;
    const from = party(op === OP_CALL_SELF ? roles.to : roles.from, place);
    const parties = `,"from":"${from}","to":"${party(roles.to, place)}","adapter":${place.adapter}`;
    const afField = call.af === "both" ? af : "";
    return `${head},"op":"call","frame":${frame}${parentField(records, offset)}${call.field}${parties}${afField}${tail}}`;
  }

  #placeOf(about: "slot" | "client" | "adapter", number: number): Place {
    if (about === "slot") return this.#places.placeOf(number);
    return about === "client" ? this.#places.placeOfClient(number) : { adapter: number, client: 0 };
  }

  #formatHead(records: DataView, offset: number): string {
    const seq = records.getUint32(offset + TRACE_SEQ, true);
    const timeNs = traceRecordTick(records, offset) * this.#tickNs;
    const processor = records.getUint16(offset + TRACE_PROCESSOR, true);
    const irqlField = known(IRQL_FIELDS, records.getUint8(offset + TRACE_IRQL), "IRQL");
    return `{"seq":${seq},"timeNs":${timeNs}${this.#machineField},"processor":${processor}${irqlField}`;
  }
}

/** A call of a binding, or about a VC, in which a call manager stands where the client does. */
function asCallManager({ from, to }: Parties): Parties {
  return { from: from === "client" ? "cm" : from, to: to === "client" ? "cm" : to };
}

function party(role: Role, { adapter, client }: Place): string {
  if (role === "ndis") return role;
  return role === "cm" ? `cm:${adapter}` : `client:${client}`;
}

function parentField(records: DataView, offset: number): string {
  const parent = records.getUint32(offset + TRACE_PARENT, true);
  return parent === 0 ? "" : `,"parent":${parent}`;
}

function statusField(records: DataView, offset: number): string {
  return known(STATUS_FIELDS, records.getUint8(offset + TRACE_STATUS), "status");
}

function contextField(records: DataView, offset: number): string {
  return records.getUint8(offset + TRACE_CONTEXT) === 0 ? "" : ',"context":null';
}
