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
import { LineWriter, pieceOf, type Piece } from "./line-writer.js";
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
  KERNEL_CALLS.map(({ code, name, from, to, af }) => [code, { field: pieceOf(`,"call":"${name}"`), from, to, af }]),
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
const ACTS = byCode<{ readonly field: Piece; readonly by: Role }>([
  [OP_RELEASE_CLIENT, { field: pieceOf(',"op":"release"'), by: "client" }],
  [OP_RELEASE_CALL_MANAGER, { field: pieceOf(',"op":"release"'), by: "cm" }],
  [OP_WAIT, { field: pieceOf(',"op":"wait"'), by: "client" }],
  [OP_WAKE, { field: pieceOf(',"op":"wake"'), by: "client" }],
]);

const STATUS_FIELDS = byCode([
  [STATUS_SUCCESS, pieceOf(',"status":"NDIS_STATUS_SUCCESS"')],
  [STATUS_PENDING, pieceOf(',"status":"NDIS_STATUS_PENDING"')],
  [STATUS_FAILURE, pieceOf(',"status":"NDIS_STATUS_FAILURE"')],
  [STATUS_RESOURCES, pieceOf(',"status":"NDIS_STATUS_RESOURCES"')],
  [STATUS_NOT_ACCEPTED, pieceOf(',"status":"NDIS_STATUS_NOT_ACCEPTED"')],
  [STATUS_NONE, pieceOf("")],
]);

const IRQL_FIELDS = byCode([
  [PASSIVE_LEVEL, pieceOf(',"irql":"PASSIVE_LEVEL"')],
  [DISPATCH_LEVEL, pieceOf(',"irql":"DISPATCH_LEVEL"')],
  [DEVICE_LEVEL, pieceOf(',"irql":"DEVICE_LEVEL"')],
]);

const SEQ = pieceOf('{"seq":');
const TIME = pieceOf(',"timeNs":');
const CALL = pieceOf(',"op":"call","frame":');
const RETURN = pieceOf(',"op":"return","frame":');
const PARENT = pieceOf(',"parent":');
const ADAPTER = pieceOf(',"adapter":');
const AF = pieceOf(',"af":"AF#');
const GENERATION = pieceOf("v");
const NO_CONTEXT = pieceOf(',"context":null');
const QUOTE = pieceOf('"');
const END = pieceOf("}");

const partyPieces = (field: string): Readonly<Record<Role, Piece>> => ({
  ndis: pieceOf(`,"${field}":"ndis`),
  cm: pieceOf(`,"${field}":"cm:`),
  client: pieceOf(`,"${field}":"client:`),
});
const FROM = partyPieces("from");
const TO = partyPieces("to");

/** More than any line has: a dozen fields of a few dozen characters. */
const LINE_BYTES_MAX = 1024;

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
  readonly #machineField: Piece;
  readonly #objects: ObjectHandles | null;

  constructor({ tickNs, topology, client }: TraceSubject, machine: number) {
    this.#tickNs = tickNs;
    this.#places = new SlotPlaces(topology, slotCountOf(topology, machine));
    this.#objects = client.objects === null ? null : new ObjectHandles(client.objects, this.#places);
    this.#machineField = pieceOf(`,"machine":${machine},"processor":`);
  }

  /** The JSON line of the raw record at a byte offset, as `write` writes it. */
  format(records: DataView, offset: number): string {
    const out = new LineWriter(LINE_BYTES_MAX);
    this.write(records, offset, out);
    return String.fromCharCode(...out.bytes.subarray(0, out.at));
  }

  /** Writes the JSON line (fields and their order as in src/contract/MODEL.md "Trace"; ASCII, without newline) of the raw record at a byte offset. */
  write(records: DataView, offset: number, out: LineWriter): void {
    const op = records.getUint8(offset + TRACE_OP);
    const number = records.getUint32(offset + TRACE_SLOT, true);
    this.#writeHead(records, offset, out);
    const act = ACTS[op];
    if (act !== undefined) {
      out.piece(act.field);
      writeParent(records, offset, out);
      writeParty(FROM, act.by, this.#places.placeOf(number), out);
      writeAf(records, offset, out);
      out.piece(END);
      return;
    }
    const { about, returns } = known(CALL_OPS, op, "op");
    const call = known(CALLS, records.getUint8(offset + TRACE_CALL), "call");
    out.piece(returns ? RETURN : CALL);
    out.number(records.getUint32(offset + TRACE_FRAME, true));
    if (!returns) writeParent(records, offset, out);
    out.piece(call.field);
    if (!returns) {
      const place = this.#placeOf(about, number);
      const roles = about === "adapter" || op === OP_CALL_AS_CLIENT ? asCallManager(call) : call;
      writeParty(FROM, op === OP_CALL_SELF ? roles.to : roles.from, place, out);
      writeParty(TO, roles.to, place, out);
      out.piece(ADAPTER);
      out.number(place.adapter);
    }
    if (about === "slot" && (returns ? call.af !== "none" : call.af === "both")) {
      writeAf(records, offset, out);
      if (this.#objects !== null) out.text(this.#objects.format(records, offset));
    }
    out.piece(known(STATUS_FIELDS, records.getUint8(offset + TRACE_STATUS), "status"));
    if (records.getUint8(offset + TRACE_CONTEXT) !== 0) out.piece(NO_CONTEXT);
    out.piece(END);
  }

  #placeOf(about: "slot" | "client" | "adapter", number: number): Place {
    if (about === "slot") return this.#places.placeOf(number);
    return about === "client" ? this.#places.placeOfClient(number) : { adapter: number, client: 0 };
  }

  #writeHead(records: DataView, offset: number, out: LineWriter): void {
    out.piece(SEQ);
    out.number(records.getUint32(offset + TRACE_SEQ, true));
    out.piece(TIME);
    out.number(traceRecordTick(records, offset) * this.#tickNs);
    out.piece(this.#machineField);
    out.number(records.getUint16(offset + TRACE_PROCESSOR, true));
    out.piece(known(IRQL_FIELDS, records.getUint8(offset + TRACE_IRQL), "IRQL"));
  }
}

/** A call of a binding, or about a VC, in which a call manager stands where the client does. */
function asCallManager({ from, to }: Parties): Parties {
  return { from: from === "client" ? "cm" : from, to: to === "client" ? "cm" : to };
}

function writeParty(pieces: Readonly<Record<Role, Piece>>, role: Role, place: Place, out: LineWriter): void {
  out.piece(pieces[role]);
  if (role !== "ndis") out.number(role === "cm" ? place.adapter : place.client);
  out.piece(QUOTE);
}

function writeParent(records: DataView, offset: number, out: LineWriter): void {
  const parent = records.getUint32(offset + TRACE_PARENT, true);
  if (parent === 0) return;
  out.piece(PARENT);
  out.number(parent);
}

function writeAf(records: DataView, offset: number, out: LineWriter): void {
  out.piece(AF);
  out.number(records.getUint32(offset + TRACE_SLOT, true));
  out.piece(GENERATION);
  out.number(records.getUint32(offset + TRACE_GENERATION, true));
  out.piece(QUOTE);
}
