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
import { placeOfSlot, slotCountOf, type Topology } from "./topology.js";

export { TRACE_RECORD_BYTES };

/** From and to of a call. */
const CALLS: Readonly<Record<number, { readonly name: string; readonly from: Role; readonly to: Role }>> = {
  [CALL_CL_OPEN]: { name: "NdisClOpenAddressFamilyEx", from: "client", to: "ndis" },
  [CALL_CM_OPEN]: { name: "ProtocolCmOpenAf", from: "ndis", to: "cm" },
  [CALL_MCM_OPEN_COMPLETE]: { name: "NdisMCmOpenAddressFamilyComplete", from: "cm", to: "ndis" },
  [CALL_CM_OPEN_COMPLETE]: { name: "NdisCmOpenAddressFamilyComplete", from: "cm", to: "ndis" },
  [CALL_CL_OPEN_COMPLETE]: { name: "ProtocolClOpenAfCompleteEx", from: "ndis", to: "client" },
  [CALL_CL_CLOSE]: { name: "NdisClCloseAddressFamily", from: "client", to: "ndis" },
  [CALL_CM_CLOSE]: { name: "ProtocolCmCloseAf", from: "ndis", to: "cm" },
  [CALL_MCM_CLOSE_COMPLETE]: { name: "NdisMCmCloseAddressFamilyComplete", from: "cm", to: "ndis" },
  [CALL_CM_CLOSE_COMPLETE]: { name: "NdisCmCloseAddressFamilyComplete", from: "cm", to: "ndis" },
  [CALL_CL_CLOSE_COMPLETE]: { name: "ProtocolClCloseAfComplete", from: "ndis", to: "client" },
};

const STATUSES: Readonly<Record<number, string>> = {
  [STATUS_SUCCESS]: "NDIS_STATUS_SUCCESS",
  [STATUS_PENDING]: "NDIS_STATUS_PENDING",
  [STATUS_FAILURE]: "NDIS_STATUS_FAILURE",
  [STATUS_RESOURCES]: "NDIS_STATUS_RESOURCES",
  [STATUS_NOT_ACCEPTED]: "NDIS_STATUS_NOT_ACCEPTED",
};

const IRQLS: Readonly<Record<number, string>> = {
  [PASSIVE_LEVEL]: "PASSIVE_LEVEL",
  [DISPATCH_LEVEL]: "DISPATCH_LEVEL",
  [DEVICE_LEVEL]: "DEVICE_LEVEL",
};

type Role = "client" | "cm" | "ndis";

/** What of a scenario a trace line says. */
export interface TraceSubject {
  readonly tickNs: number;
  readonly topology: Topology;
}

export interface RawTraceKey {
  readonly tick: number;
  readonly seq: number;
}

/** Time and sequence of the raw record at a byte offset, for merging. */
export function traceRecordKey(records: DataView, offset: number): RawTraceKey {
  return { tick: records.getUint32(offset + TRACE_TICK, true), seq: records.getUint32(offset + TRACE_SEQ, true) };
}

/** The JSON line (DESIGN.md section 6, without newline) of the raw record at a byte offset. */
export function formatTraceRecord(scenario: TraceSubject, machine: number, records: DataView, offset: number): string {
  const slot = records.getUint32(offset + TRACE_SLOT, true);
  const op = records.getUint8(offset + TRACE_OP);
  const call = CALLS[records.getUint8(offset + TRACE_CALL)];
  if (call === undefined) throw new Error(`trace record of an unknown call at byte ${offset}`);
  const { adapter, client } = placeOfSlot(scenario.topology, slotCountOf(scenario.topology, machine), slot);
  const parties = { ndis: "ndis", client: `client:${client}`, cm: `cm:${adapter}` };
  const parent = records.getUint32(offset + TRACE_PARENT, true);
  const statusCode = records.getUint8(offset + TRACE_STATUS);
  const status = statusCode === STATUS_NONE ? undefined : STATUSES[statusCode];
  const named = op === OP_CALL && call === CALLS[CALL_CL_OPEN] ? undefined : handleText(records, offset, slot);
  const head = {
    seq: records.getUint32(offset + TRACE_SEQ, true),
    timeNs: records.getUint32(offset + TRACE_TICK, true) * scenario.tickNs,
    machine,
    processor: records.getUint16(offset + TRACE_PROCESSOR, true),
    irql: IRQLS[records.getUint8(offset + TRACE_IRQL)],
  };
  const frame = records.getUint32(offset + TRACE_FRAME, true);
  switch (op) {
    case OP_CALL:
    case OP_CALL_SELF:
      return JSON.stringify({
        ...head,
        op: "call",
        frame,
        parent: parent === 0 ? undefined : parent,
        call: call.name,
        from: parties[op === OP_CALL_SELF ? call.to : call.from],
        to: parties[call.to],
        adapter,
        af: named,
        status,
      });
    case OP_RETURN:
      return JSON.stringify({ ...head, op: "return", frame, call: call.name, af: named, status });
    case OP_RELEASE_CLIENT:
      return JSON.stringify({ ...head, op: "release", from: parties.client, af: named });
    case OP_RELEASE_CALL_MANAGER:
      return JSON.stringify({ ...head, op: "release", from: parties.cm, af: named });
    default:
      throw new Error(`trace record of an unknown op at byte ${offset}`);
  }
}

function handleText(records: DataView, offset: number, slot: number): string {
  return `AF#${slot}v${records.getUint32(offset + TRACE_GENERATION, true)}`;
}
