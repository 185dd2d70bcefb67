import {
  CALL_CL_CLOSE,
  CALL_CL_CLOSE_COMPLETE,
  CALL_CL_OPEN,
  CALL_CL_OPEN_COMPLETE,
  CALL_CM_CLOSE,
  CALL_CM_CLOSE_COMPLETE,
  CALL_CM_OPEN,
  CALL_CM_OPEN_COMPLETE,
  CALL_MCM_CLOSE_COMPLETE,
  CALL_MCM_OPEN_COMPLETE,
  DEVICE_LEVEL,
  DISPATCH_LEVEL,
  OP_CALL,
  OP_CALL_SELF,
  OP_RELEASE_CALL_MANAGER,
  OP_RELEASE_CLIENT,
  OP_RETURN,
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
import { slotCountOf, SlotPlaces, type Topology } from "./topology.js";

export { TRACE_RECORD_BYTES };

type Role = "client" | "cm" | "ndis";
type ByCode<Value> = readonly (Value | undefined)[];

function byCode<Value>(entries: readonly (readonly [code: number, value: Value])[]): ByCode<Value> {
  const values: (Value | undefined)[] = [];
  for (const [code, value] of entries) values[code] = value;
  return values;
}

function call(name: string, from: Role, to: Role) {
  return { field: `,"call":"${name}"`, from, to };
}

const CALLS = byCode([
  [CALL_CL_OPEN, call("NdisClOpenAddressFamilyEx", "client", "ndis")],
  [CALL_CM_OPEN, call("ProtocolCmOpenAf", "ndis", "cm")],
  [CALL_MCM_OPEN_COMPLETE, call("NdisMCmOpenAddressFamilyComplete", "cm", "ndis")],
  [CALL_CM_OPEN_COMPLETE, call("NdisCmOpenAddressFamilyComplete", "cm", "ndis")],
  [CALL_CL_OPEN_COMPLETE, call("ProtocolClOpenAfCompleteEx", "ndis", "client")],
  [CALL_CL_CLOSE, call("NdisClCloseAddressFamily", "client", "ndis")],
  [CALL_CM_CLOSE, call("ProtocolCmCloseAf", "ndis", "cm")],
  [CALL_MCM_CLOSE_COMPLETE, call("NdisMCmCloseAddressFamilyComplete", "cm", "ndis")],
  [CALL_CM_CLOSE_COMPLETE, call("NdisCmCloseAddressFamilyComplete", "cm", "ndis")],
  [CALL_CL_CLOSE_COMPLETE, call("ProtocolClCloseAfComplete", "ndis", "client")],
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

function known<Value>(values: ByCode<Value>, code: number, what: string): Value {
  const value = values[code];
  if (value === undefined) throw new Error(`trace record with an unknown ${what}: ${code}`);
  return value;
}

/** What of a scenario a trace line says. */
export interface TraceSubject {
  readonly tickNs: number;
  readonly topology: Topology;
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

  constructor({ tickNs, topology }: TraceSubject, machine: number) {
    this.#tickNs = tickNs;
    this.#places = new SlotPlaces(topology, slotCountOf(topology, machine));
    this.#machineField = `,"machine":${machine}`;
  }

  /** The JSON line (DESIGN.md section 6, ASCII, without newline) of the raw record at a byte offset. */
  format(records: DataView, offset: number): string {
    const op = records.getUint8(offset + TRACE_OP);
    const callCode = records.getUint8(offset + TRACE_CALL);
    const slot = records.getUint32(offset + TRACE_SLOT, true);
    const head = this.#formatHead(records, offset);
    const af = `,"af":"AF#${slot}v${records.getUint32(offset + TRACE_GENERATION, true)}"`;
    switch (op) {
      case OP_CALL:
      case OP_CALL_SELF: {
        const { field, from, to } = known(CALLS, callCode, "call");
        const frame = records.getUint32(offset + TRACE_FRAME, true);
        const parent = records.getUint32(offset + TRACE_PARENT, true);
        const parentField = parent === 0 ? "" : `,"parent":${parent}`;
        const caller = this.#party(op === OP_CALL_SELF ? to : from, slot);
        const parties = `,"from":"${caller}","to":"${this.#party(to, slot)}","adapter":${this.#places.adapterOf(slot)}`;
        const afField = op === OP_CALL && callCode === CALL_CL_OPEN ? "" : af;
        return `${head},"op":"call","frame":${frame}${parentField}${field}${parties}${afField}${statusField(records, offset)}}`;
      }
      case OP_RETURN: {
        const { field } = known(CALLS, callCode, "call");
        const frame = records.getUint32(offset + TRACE_FRAME, true);
        return `${head},"op":"return","frame":${frame}${field}${af}${statusField(records, offset)}}`;
      }
      case OP_RELEASE_CLIENT:
        return `${head},"op":"release","from":"${this.#party("client", slot)}"${af}}`;
      case OP_RELEASE_CALL_MANAGER:
        return `${head},"op":"release","from":"${this.#party("cm", slot)}"${af}}`;
      default:
        throw new Error(`trace record with an unknown op: ${op}`);
    }
  }

  #formatHead(records: DataView, offset: number): string {
    const seq = records.getUint32(offset + TRACE_SEQ, true);
    const timeNs = traceRecordTick(records, offset) * this.#tickNs;
    const processor = records.getUint16(offset + TRACE_PROCESSOR, true);
    const irqlField = known(IRQL_FIELDS, records.getUint8(offset + TRACE_IRQL), "IRQL");
    return `{"seq":${seq},"timeNs":${timeNs}${this.#machineField},"processor":${processor}${irqlField}`;
  }

  #party(role: Role, slot: number): string {
    if (role === "ndis") return role;
    return role === "cm" ? `cm:${this.#places.adapterOf(slot)}` : `client:${this.#places.clientOf(slot)}`;
  }
}

function statusField(records: DataView, offset: number): string {
  return known(STATUS_FIELDS, records.getUint8(offset + TRACE_STATUS), "status");
}
