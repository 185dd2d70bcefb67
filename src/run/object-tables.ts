/** What the kernel reads of SAPs, VCs, calls and parties from tables that this host writes: transitions, operations and other calls (src/contract/MODEL-OBJECTS.md). */
import * as C from "../../assembly/abi/codes.js";
import * as O from "../../assembly/abi/object-codes.js";
import * as L from "../../assembly/abi/object-layout.js";
import type { CallName } from "../contract/calls.js";
import { callManagerCall, OPERATIONS, type CallManagerCall, type ObjectOperation } from "../contract/operations.js";
import { KERNEL_CALLS } from "../kernel/call-codes.js";

/** One transition of an object: the states that it starts from, its new state and its status. */
export interface Change {
  readonly change: number;
  readonly kind: number;
  readonly from: readonly number[];
  readonly to: number;
  readonly status: number;
}

const row =
  (kind: number) =>
  (change: number, from: readonly number[], to: number, status: number): Change => ({ change, kind, from, to, status });
const [sap, vc, party] = [row(O.KIND_SAP), row(O.KIND_VC), row(O.KIND_PARTY)];
const VACANT = O.OBJECT_VACANT;
const [SUCCESS, PENDING, FAILURE] = [C.STATUS_SUCCESS, C.STATUS_PENDING, C.STATUS_FAILURE];

export const CHANGES: readonly Change[] = [
  sap(O.CHANGE_REGISTERED, [VACANT], O.SAP_REGISTERED, SUCCESS),
  sap(O.CHANGE_REGISTRATION_PENDED, [VACANT], O.SAP_REGISTERING, PENDING),
  sap(O.CHANGE_REGISTRATION_COMPLETED, [O.SAP_REGISTERING], O.SAP_REGISTERED, SUCCESS),
  sap(O.CHANGE_DEREGISTERED, [O.SAP_REGISTERED], VACANT, SUCCESS),
  sap(O.CHANGE_DEREGISTRATION_PENDED, [O.SAP_REGISTERED], O.SAP_DEREGISTERING, PENDING),
  sap(O.CHANGE_DEREGISTRATION_COMPLETED, [O.SAP_DEREGISTERING], VACANT, SUCCESS),
  sap(O.CHANGE_DEREGISTERED_CLOSING, [O.SAP_REGISTERED], VACANT, FAILURE),

  vc(O.CHANGE_CREATED, [VACANT], O.VC_CREATED, SUCCESS),
  vc(O.CHANGE_CALL_PENDED, [O.VC_CREATED], O.VC_CALLING, PENDING),
  vc(O.CHANGE_ACTIVATION_PENDED, [O.VC_CREATED, O.VC_CALLING], O.VC_ACTIVATING, PENDING),
  vc(O.CHANGE_CONNECTED, [O.VC_CREATED, O.VC_CALLING, O.VC_ACTIVATING, O.VC_OFFERED], O.VC_CONNECTED, SUCCESS),
  vc(O.CHANGE_CALL_FAILED, [O.VC_CREATED, O.VC_CALLING], O.VC_CREATED, FAILURE),
  vc(O.CHANGE_ANSWER_PENDED, [O.VC_CREATED, O.VC_ACTIVATING], O.VC_OFFERED, PENDING),
  vc(O.CHANGE_REJECTED, [O.VC_CREATED, O.VC_ACTIVATING, O.VC_OFFERED], O.VC_CLOSED, FAILURE),
  vc(O.CHANGE_CALL_CLOSED, [O.VC_CONNECTED], O.VC_CLOSED, SUCCESS),
  vc(O.CHANGE_CLOSE_PENDED, [O.VC_CONNECTED], O.VC_CLOSING, PENDING),
  vc(O.CHANGE_DEACTIVATION_PENDED, [O.VC_CLOSING], O.VC_DEACTIVATING, PENDING),
  vc(O.CHANGE_CLOSE_COMPLETED, [O.VC_CLOSING, O.VC_DEACTIVATING], O.VC_CLOSED, SUCCESS),
  vc(O.CHANGE_DELETED, [O.VC_CREATED, O.VC_CLOSED], VACANT, SUCCESS),

  party(O.CHANGE_PARTY_ADDED, [VACANT], O.PARTY_CONNECTED, SUCCESS),
  party(O.CHANGE_ADDING_PENDED, [VACANT], O.PARTY_ADDING, PENDING),
  party(O.CHANGE_ADDING_COMPLETED, [O.PARTY_ADDING], O.PARTY_CONNECTED, SUCCESS),
  party(O.CHANGE_PARTY_DROPPED, [O.PARTY_CONNECTED], VACANT, SUCCESS),
  party(O.CHANGE_DROPPING_PENDED, [O.PARTY_CONNECTED], O.PARTY_DROPPING, PENDING),
  party(O.CHANGE_DROPPING_COMPLETED, [O.PARTY_DROPPING], VACANT, SUCCESS),
];

const CODES: ReadonlyMap<string, number> = new Map(KERNEL_CALLS.map(({ code, name }) => [name, code]));

function codeOf(name: CallName): number {
  const code = CODES.get(name);
  if (code === undefined) throw new Error(`internal error: the kernel does not know ${name}`);
  return code;
}

/** The codes of a call, in the form of an MCM and of a stand-alone call manager. */
function formsOf(call: CallName | CallManagerCall | null): readonly [number, number] {
  if (call === null) return [O.NO_CALL, O.NO_CALL];
  return typeof call === "string" ? [codeOf(call), codeOf(call)] : [codeOf(call.mcm), codeOf(call.standalone)];
}

const PARTS: Readonly<Record<ObjectOperation["profile"], number>> = {
  sap: L.SERVES_SAP,
  call: L.SERVES_CALL,
  vc: L.SERVES_VC,
  party: L.SERVES_PARTY,
  answer: L.SERVES_ANSWER,
};

/** The handle that an operation brings forth, which its request has not yet: a byte of a record's handles. */
const BROUGHT: ReadonlyMap<number, number> = new Map([
  [O.OPERATION_REGISTER, L.HANDLES_SAP],
  [O.OPERATION_MAKE, L.HANDLES_PARTY],
  [O.OPERATION_ADD, L.HANDLES_PARTY],
]);

/** A table's row: offset and byte. */
type Bytes = readonly (readonly [offset: number, byte: number])[];

/** The rows of the operations, by number. */
export function operationRows(): ReadonlyMap<number, Bytes> {
  const operations: readonly ObjectOperation[] = Object.values(OPERATIONS);
  return new Map(
    operations.map(({ number, request, ask, completion, tell, profile }) => {
      const [requests, completions] = [formsOf(request), formsOf(completion)];
      const brought = BROUGHT.get(number);
      return [
        number,
        [
          [L.OPERATION_REQUEST, requests[0]],
          [L.OPERATION_REQUEST + 1, requests[1]],
          [L.OPERATION_COMPLETION, completions[0]],
          [L.OPERATION_COMPLETION + 1, completions[1]],
          [L.OPERATION_ASK, ask === null ? O.NO_CALL : codeOf(ask)],
          [L.OPERATION_TELL, codeOf(tell)],
          [L.OPERATION_PROFILE, PARTS[profile]],
          [L.OPERATION_BRINGS, brought === undefined ? 0 : brought + 1],
        ],
      ];
    }),
  );
}

/** A call that leads to another one: both, and whether a call manager stands where the client does. */
interface Exchange {
  readonly outer: CallName | CallManagerCall;
  readonly inner: CallName;
  /** Of `outer`, in place of a client. */
  readonly byCallManager?: true;
  /** Of `inner`, likewise. */
  readonly toCallManager?: true;
}

const EXCHANGES: ReadonlyMap<number, Exchange> = new Map<number, Exchange>([
  [O.EXCHANGE_CREATE_OUTGOING, { outer: "NdisCoCreateVc", inner: "ProtocolCoCreateVc", toCallManager: true }],
  [
    O.EXCHANGE_CREATE_INCOMING,
    {
      outer: { mcm: "NdisMCmCreateVc", standalone: "NdisCoCreateVc" },
      inner: "ProtocolCoCreateVc",
      byCallManager: true,
    },
  ],
  [O.EXCHANGE_DELETE_OUTGOING, { outer: "NdisCoDeleteVc", inner: "ProtocolCoDeleteVc", toCallManager: true }],
  [
    O.EXCHANGE_DELETE_INCOMING,
    {
      outer: { mcm: "NdisMCmDeleteVc", standalone: "NdisCoDeleteVc" },
      inner: "ProtocolCoDeleteVc",
      byCallManager: true,
    },
  ],
  [O.EXCHANGE_CONNECTED, { outer: callManagerCall("DispatchCallConnected"), inner: "ProtocolClCallConnected" }],
  [
    O.EXCHANGE_INCOMING_DROP,
    { outer: callManagerCall("DispatchIncomingDropParty"), inner: "ProtocolClIncomingDropParty" },
  ],
  [
    O.EXCHANGE_INCOMING_CLOSE,
    { outer: callManagerCall("DispatchIncomingCloseCall"), inner: "ProtocolClIncomingCloseCall" },
  ],
]);

/** The rows of these calls, by number. */
export function exchangeRows(): ReadonlyMap<number, Bytes> {
  const opOf = (isCallManager: true | undefined): number => (isCallManager ? C.OP_CALL_AS_CLIENT : C.OP_CALL);
  return new Map(
    [...EXCHANGES].map(([number, { outer, inner, byCallManager, toCallManager }]) => {
      const [mcm, standalone] = formsOf(outer);
      return [
        number,
        [
          [L.EXCHANGE_OUTER, mcm],
          [L.EXCHANGE_OUTER + 1, standalone],
          [L.EXCHANGE_INNER, codeOf(inner)],
          [L.EXCHANGE_OUTER_OP, opOf(byCallManager)],
          [L.EXCHANGE_INNER_OP, opOf(toCallManager)],
        ],
      ];
    }),
  );
}
