import { atCall, callOf, change, delay, drop, duplicate, move, type MutantKind, type Span, spans } from "./mutate.js";
import { again, atOnce, insert, isOfClient, pended } from "./places.js";
import { FAILURE, PENDING, SUCCESS, type TraceLine } from "./trace-writer.js";

const DEREGISTER = "NdisClDeregisterSap";
const DROP = "NdisClDropParty";
const CLOSE_CALL = "NdisClCloseCall";
const CREATE_DONE = "ProtocolCoCreateVc";
/** A completion that does not come inside the call that asked for it. */
const isOutside = ({ call }: Span): boolean => call.parent === undefined;
const isConnected = ({ lines, call }: Span): boolean =>
  callOf(lines, "ProtocolClMakeCallComplete", { vc: call.vc! })?.status === SUCCESS;
const isMcm = ({ call }: Span): boolean => call.call!.startsWith("NdisM");
const isOutgoing = ({ lines, call }: Span): boolean => callOf(lines, "NdisClMakeCall", { vc: call.vc! }) !== undefined;

/** What is said of a SAP, VC or party from here on is left out, and then all of its AF, so that nothing else is owed. */
const lost = (rule: "sap/owed" | "call/owed" | "party/drop", call: string, request: string): MutantKind =>
  atCall(rule, "drop", { call, if: isOutside }, call, (span) => {
    const asked = span.lines
      .slice(0, span.from)
      .reverse()
      .find((line) => line.op === "call" && line.call === request && agree(line, span.call));
    return asked === undefined
      ? null
      : { lines: span.lines.filter((line, i) => i < span.from || line.af !== span.call.af), broken: asked };
  });

const agree = (a: TraceLine, b: TraceLine): boolean =>
  a.sap === b.sap && a.vc === b.vc && (b.party === undefined || a.party === b.party);

/** The completion is called twice. */
const twice = (rule: "sap/owed" | "call/owed" | "party/drop", call: string): MutantKind =>
  duplicate(rule, { call }, null);

/** Two records of a call are left out, and the client's call of itself after it. */
function without(lines: readonly TraceLine[], vc: string, name: RegExp): TraceLine[] {
  return lines.filter((line) => line.vc !== vc || !name.test(line.call ?? ""));
}

/** Changes that break rules of the groups sap, vc, call and party, and some that break none. */
export const OBJECT_KINDS: readonly MutantKind[] = [
  change("sap/status", { call: "ProtocolCmRegisterSap", if: atOnce }, "return", { status: "NDIS_STATUS_NOT_ACCEPTED" }),
  lost("sap/owed", ":DeregisterSapComplete", DEREGISTER),
  delay("sap/owed", { call: ":RegisterSapComplete" }),
  delay(null, { call: ":RegisterSapComplete" }, 11e9),
  change("sap/owed", { call: ":RegisterSapComplete" }, "call", { status: PENDING }),
  change("sap/owed", { call: ":DeregisterSapComplete" }, "call", { status: FAILURE }),
  twice("sap/owed", ":RegisterSapComplete"),
  twice("sap/owed", ":DeregisterSapComplete"),
  duplicate("sap/stale", { call: DEREGISTER }),
  duplicate("sap/stale", { call: DEREGISTER }, FAILURE, ({ lines }) => lines.length - 1),
  atCall(
    "sap/closing",
    "swap",
    { call: DEREGISTER },
    "a deregistration while the AF is closing, which succeeds",
    (span) => {
      const close = spans(span.lines, {
        call: "NdisClCloseAddressFamily",
        if: (one) => one.call.af === span.call.af && pended(one),
      })[0];
      if (
        close === undefined ||
        spans(span.lines.slice(close.from, close.to), { call: "ProtocolClCloseAfComplete" }).length > 0
      )
        return null;
      const lines = span.lines.filter(
        (line) => line.sap !== span.call.sap || line.call?.includes("DeregisterSap") !== true,
      );
      const at = lines.indexOf(close.answer) + 1;
      const { call, answer } = again(span, { timeNs: close.answer.timeNs }, PENDING);
      return { lines: insert(lines, at, call, answer), broken: answer };
    },
  ),

  change("vc/create", { call: CREATE_DONE }, "return", { status: PENDING }),
  change("vc/create", { call: "ProtocolCoDeleteVc" }, "return", { status: PENDING }),
  duplicate("vc/delete", { call: "NdisCoDeleteVc" }),
  duplicate("vc/delete", { call: "NdisMCmDeleteVc" }),
  atCall("vc/delete", "duplicate", { call: CLOSE_CALL }, "the delete of a VC with a call on it", (span) => {
    const remove = spans(span.lines, {
      call: "NdisCoDeleteVc",
      if: (one) => one.call.vc === span.call.vc && isOfClient(one),
    })[0];
    if (remove === undefined) return null;
    const { call, answer } = again(remove, { timeNs: span.call.timeNs }, "NDIS_STATUS_NOT_ACCEPTED");
    return { lines: insert(span.lines, span.from, call, answer), broken: call };
  }),
  atCall(
    "vc/delete",
    "retarget",
    { call: "NdisCoDeleteVc", if: isOutgoing },
    "the delete by a driver that has not created the VC",
    (span) => {
      const call = { ...span.call, from: "cm:0" };
      return span.lines.some(({ call: name }) => name === "NdisMCmRegisterAddressFamilyEx")
        ? null
        : { lines: span.lines.map((line) => (line === span.call ? call : line)), broken: call };
    },
  ),
  atCall(
    "vc/activate",
    "drop",
    { call: ":ActivateVc", if: isOutgoing },
    "the activation for an outgoing call",
    (span) => {
      const lines = without(span.lines, span.call.vc!, /ActivateVc/);
      const done = lines.find(
        ({ op, vc, call, status }) =>
          vc === span.call.vc &&
          status === SUCCESS &&
          ((op === "call" && /^NdisM?CmMakeCallComplete/.test(call!)) ||
            (op === "return" && call === "ProtocolCmMakeCall")),
      );
      return { lines, broken: done! };
    },
  ),
  atCall("vc/activate", "swap", { call: "NdisCoSendNetBufferLists" }, "data before the activation", (span) => {
    const activation = spans(span.lines, { call: ":ActivateVc", if: (one) => one.call.vc === span.call.vc })[0]!;
    const { call, answer } = again(span, { timeNs: activation.call.timeNs });
    return { lines: insert(span.lines, activation.from, call, answer), broken: call };
  }),
  atCall(
    "vc/order",
    "swap",
    { call: ":DispatchIncomingCall" },
    "a call that is dispatched before the activation",
    (span) => {
      const lines = without(span.lines, span.call.vc!, /ActivateVc/);
      return { lines, broken: span.call };
    },
  ),
  duplicate("vc/deactivate", { call: ":DeactivateVc", if: isMcm }, "NDIS_STATUS_NOT_ACCEPTED"),
  duplicate(null, { call: ":DeactivateVc", if: (span) => !isMcm(span) }, FAILURE),

  duplicate("call/make", { call: "NdisClMakeCall", if: isConnected }),
  atCall(
    "call/make",
    "duplicate",
    { call: "NdisClMakeCall" },
    "a second call on a VC, before it is deleted",
    (span) => {
      const remove = spans(span.lines, { call: "NdisCoDeleteVc", if: (one) => one.call.vc === span.call.vc })[0];
      if (remove === undefined || callOf(span.lines, CLOSE_CALL, { vc: span.call.vc! }) === undefined) return null;
      const { call, answer } = again(span, { timeNs: remove.call.timeNs }, FAILURE);
      return { lines: insert(span.lines, remove.from, call, answer), broken: call };
    },
  ),
  lost("call/owed", ":MakeCallComplete", "NdisClMakeCall"),
  lost("call/owed", ":CloseCallComplete", CLOSE_CALL),
  delay("call/owed", {
    call: ":CloseCallComplete",
    if: ({ lines, from, call }) =>
      lines.slice(0, from).some((line) => line.op === "return" && line.call === CLOSE_CALL && line.vc === call.vc),
  }),
  delay("call/owed", {
    call: ":MakeCallComplete",
    if: ({ lines, from, call }) =>
      lines
        .slice(0, from)
        .some((line) => line.op === "return" && line.call === "NdisClMakeCall" && line.vc === call.vc),
  }),
  change("call/owed", { call: ":MakeCallComplete" }, "call", { status: PENDING }),
  change("call/owed", { call: ":CloseCallComplete" }, "call", { status: PENDING }),
  change("call/owed", { call: "NdisClIncomingCallComplete" }, "call", { status: PENDING }),
  twice("call/owed", ":MakeCallComplete"),
  twice("call/owed", ":CloseCallComplete"),
  twice("call/owed", "NdisClIncomingCallComplete"),
  atCall(
    "call/close",
    "delay",
    { call: "ProtocolCoSendNetBufferListsComplete" },
    "sends that come back after the close of the call",
    (span) => {
      const close = spans(span.lines, { call: CLOSE_CALL, if: (one) => one.call.vc === span.call.vc })[0];
      return close === undefined || close.call.parent !== undefined
        ? null
        : { lines: move(span, close.to + 1), broken: close.call };
    },
  ),
  atCall("call/close", "delay", { call: "NdisCoSendNetBufferLists" }, "data after the close of the call", (span) => {
    const close = spans(span.lines, { call: CLOSE_CALL, if: (one) => one.call.vc === span.call.vc && pended(one) })[0];
    if (
      close === undefined ||
      spans(span.lines.slice(close.from, close.to), { call: "ProtocolClCloseCallComplete" }).length > 0
    )
      return null;
    const { call, answer } = again(span, { timeNs: close.answer.timeNs });
    const at = span.lines.indexOf(close.answer) + 1;
    return { lines: insert(span.lines, at, call, answer), broken: call };
  }),
  atCall(
    "call/close",
    "drop",
    { call: ":DeactivateVc", if: ({ lines, call }) => callOf(lines, CLOSE_CALL, { vc: call.vc! }) !== undefined },
    "the deactivation",
    (span) => {
      const lines = without(span.lines, span.call.vc!, /DeactivateVc/);
      const done = lines.find(
        ({ op, vc, call, status }) =>
          vc === span.call.vc &&
          status === SUCCESS &&
          ((op === "call" && /^NdisM?CmCloseCallComplete/.test(call!)) ||
            (op === "return" && call === "ProtocolCmCloseCall")),
      );
      return { lines, broken: done! };
    },
  ),
  atCall("call/close", "drop", { call: DROP }, "the drop of a party", (span) => {
    const lines = span.lines.filter(
      (line) => line.party !== span.call.party || line.call?.includes("DropParty") !== true,
    );
    const close = callOf(lines, CLOSE_CALL, { vc: span.call.vc! });
    return close === undefined ? null : { lines, broken: close };
  }),
  atCall(
    "call/incoming-close",
    "drop",
    { call: "ProtocolClIncomingCloseCall" },
    "the close of the call in it",
    ({ lines, call, answer }) => ({
      lines: lines.filter(
        (line) =>
          line === answer ||
          line.vc !== call.vc ||
          lines.indexOf(line) <= lines.indexOf(call) ||
          line.call === answer.call,
      ),
      broken: answer,
    }),
  ),

  duplicate("party/drop", { call: DROP }),
  duplicate("party/drop", { call: DROP }, FAILURE, ({ lines }) => lines.length - 1),
  lost("party/drop", ":DropPartyComplete", DROP),
  delay("party/drop", {
    call: ":DropPartyComplete",
    if: ({ lines, from, call }) =>
      lines.slice(0, from).some((line) => line.op === "return" && line.call === DROP && line.party === call.party),
  }),
  twice("party/drop", ":DropPartyComplete"),
  atCall(
    "party/drop",
    "retarget",
    { call: CLOSE_CALL, if: ({ call }) => call.party !== undefined && call.parent === undefined },
    "the last party of a call",
    (span) => {
      const frame = 2_000_000;
      const call = { ...span.call, call: DROP, frame };
      return {
        lines: insert(span.lines, span.from, call, {
          ...span.answer,
          call: DROP,
          frame,
          timeNs: call.timeNs,
          status: FAILURE,
        }),
        broken: call,
      };
    },
  ),
  drop(null, { call: "ProtocolClRegisterSapComplete", if: ({ call }) => call.from === "ndis" }, () => null),
];
