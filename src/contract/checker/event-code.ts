/** The words of a record as codes, and back. */

import { callCode, irqlCode, irqlName, TRACE_CALLS } from "./call-table.js";
import type { CodedEvent, TraceEvent, TraceOp } from "./event.js";
import { Handle } from "./handle.js";
import { statusClass } from "./status-class.js";

export const OP_CALL = 0;
export const OP_RETURN = 1;
export const OP_RELEASE = 2;
export const OP_WAIT = 3;

/** By their codes; a wake is judged by nothing. */
const OPS: readonly TraceOp[] = ["call", "return", "release", "wait", "wake"];

/** What stands for a number that a record does not have. */
export const NO_NUMBER = -1;

/** The code of an op; -1 of what is none. */
export const opCode = (text: string): number => (OPS as readonly string[]).indexOf(text);

const numberOr = (value: number): number | undefined => (value === NO_NUMBER ? undefined : value);

const handleOf = (text: string | undefined): Handle | undefined => (text === undefined ? text : Handle.of(text));

export function codeEvent(event: TraceEvent): CodedEvent {
  return {
    line: event.line,
    timeNs: event.timeNs,
    op: opCode(event.op),
    call: event.call === undefined ? -1 : callCode(event.call),
    machine: event.machine,
    seq: event.seq ?? NO_NUMBER,
    processor: event.processor ?? NO_NUMBER,
    irql: irqlCode(event.irql),
    frame: event.frame ?? NO_NUMBER,
    parent: event.parent ?? NO_NUMBER,
    from: event.from,
    to: event.to,
    adapter: event.adapter,
    af: handleOf(event.af),
    sap: handleOf(event.sap),
    vc: handleOf(event.vc),
    party: handleOf(event.party),
    address: event.address,
    statusClass: statusClass(event.status),
    status: event.status,
    context: event.context,
  };
}

/** The record with its words. */
export function plainEvent(event: CodedEvent): TraceEvent {
  return {
    line: event.line,
    timeNs: event.timeNs,
    op: OPS[event.op]!,
    call: TRACE_CALLS[event.call]?.name,
    machine: event.machine,
    seq: numberOr(event.seq),
    processor: numberOr(event.processor),
    irql: irqlName(event.irql),
    frame: numberOr(event.frame),
    parent: numberOr(event.parent),
    from: event.from,
    to: event.to,
    adapter: event.adapter,
    af: event.af?.text,
    sap: event.sap?.text,
    vc: event.vc?.text,
    party: event.party?.text,
    address: event.address,
    status: event.status,
    context: event.context,
  };
}
