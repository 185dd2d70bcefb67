import { type Actors, form, type Life, often, operate } from "./actors.js";
import { FAILURE, PENDING, SUCCESS } from "./trace-writer.js";

function* activate(actors: Actors, vc: Record<string, string>): Life {
  const { w } = actors;
  const isPended = often(actors);
  w.call(form(actors, "ActivateVc"), { ...vc, answer: isPended ? PENDING : SUCCESS });
  if (isPended) yield;
  w.call("ProtocolCmActivateVcComplete", { ...vc, status: SUCCESS, ...(isPended ? {} : { from: w.cm }) });
}

function deactivate(actors: Actors, vc: Record<string, string>): void {
  const { w } = actors;
  w.call(form(actors, "DeactivateVc"), { ...vc, answer: SUCCESS });
  w.call("ProtocolCmDeactivateVcComplete", { ...vc, from: w.cm, status: SUCCESS });
}

/** An outgoing call, perhaps to several parties, perhaps one that fails. */
export function* makeCall(actors: Actors, name: string, whenMade: () => void = () => {}): Life {
  const { w, af } = actors;
  const vc = { af, vc: name };
  w.call("NdisCoCreateVc", { af, answer: SUCCESS, yields: vc }, () =>
    w.call("ProtocolCoCreateVc", { ...vc, to: w.cm, answer: SUCCESS }),
  );
  const isMultipoint = often(actors);
  const first = isMultipoint ? { party: `PARTY#${name}.0` } : {};
  const fails = actors.choose(5) === 0;
  let isActive = false;
  yield* operate(
    actors,
    {
      request: "NdisClMakeCall",
      ask: "ProtocolCmMakeCall",
      complete: form(actors, "MakeCallComplete"),
      tell: "ProtocolClMakeCallComplete",
    },
    vc,
    { ...vc, ...first },
    fails ? FAILURE : SUCCESS,
    () => {
      if (fails || isActive) return;
      w.call(form(actors, "ActivateVc"), { ...vc, answer: SUCCESS });
      w.call("ProtocolCmActivateVcComplete", { ...vc, from: w.cm, status: SUCCESS });
    },
    function* () {
      if (fails || !often(actors)) return;
      isActive = true;
      yield* activate(actors, vc);
    },
  );
  whenMade();
  if (!fails) {
    yield;
    yield* useCall(actors, vc, first, isMultipoint ? actors.choose(3) : 0);
    yield;
  }
  w.call("NdisCoDeleteVc", { ...vc, answer: SUCCESS }, () =>
    w.call("ProtocolCoDeleteVc", { ...vc, to: w.cm, answer: SUCCESS }),
  );
}

/** A call from the network, accepted or not. */
export function* takeCall(actors: Actors, name: string, sap: string): Life {
  const { w, af } = actors;
  const vc = { af, vc: name };
  const create = actors.isMcm ? "NdisMCmCreateVc" : "NdisCoCreateVc";
  w.call(create, { af, from: w.cm, answer: SUCCESS, yields: vc }, () =>
    w.call("ProtocolCoCreateVc", { ...vc, answer: SUCCESS }),
  );
  yield* activate(actors, vc);
  const isRejected = actors.choose(4) === 0;
  yield* operate(
    actors,
    {
      request: form(actors, "DispatchIncomingCall"),
      ask: "ProtocolClIncomingCall",
      complete: "NdisClIncomingCallComplete",
      tell: "ProtocolCmIncomingCallComplete",
      by: "cm",
    },
    { ...vc, sap },
    { ...vc, sap },
    isRejected ? FAILURE : SUCCESS,
  );
  if (isRejected) deactivate(actors, vc);
  else {
    w.call(form(actors, "DispatchCallConnected"), vc, () => w.call("ProtocolClCallConnected", vc));
    yield;
    yield* useCall(actors, vc, {}, 0);
  }
  const remove = actors.isMcm ? "NdisMCmDeleteVc" : "NdisCoDeleteVc";
  w.call(remove, { ...vc, from: w.cm, answer: SUCCESS }, () =>
    w.call("ProtocolCoDeleteVc", { ...vc, answer: SUCCESS }),
  );
}

/** Data, parties that come and go, and the close of the call, by the client or by the network. */
function* useCall(actors: Actors, vc: Record<string, string>, first: Record<string, string>, parties: number): Life {
  const { w } = actors;
  const added = Array.from({ length: parties }, (_, i) => ({ party: `PARTY#${vc["vc"]}.${i + 1}` }));
  for (const party of added) {
    yield* operate(
      actors,
      {
        request: "NdisClAddParty",
        ask: "ProtocolCmAddParty",
        complete: form(actors, "AddPartyComplete"),
        tell: "ProtocolClAddPartyComplete",
      },
      vc,
      { ...vc, ...party },
    );
  }
  w.call("NdisCoSendNetBufferLists", vc);
  yield;
  w.call("ProtocolCoSendNetBufferListsComplete", vc);
  for (const party of added) {
    yield* operate(
      actors,
      {
        request: "NdisClDropParty",
        ask: "ProtocolCmDropParty",
        complete: form(actors, "DropPartyComplete"),
        tell: "ProtocolClDropPartyComplete",
      },
      { ...vc, ...party },
      { ...vc, ...party },
    );
  }
  const close = operate(
    actors,
    {
      request: "NdisClCloseCall",
      ask: "ProtocolCmCloseCall",
      complete: form(actors, "CloseCallComplete"),
      tell: "ProtocolClCloseCallComplete",
    },
    { ...vc, ...first },
    { ...vc, ...first },
    SUCCESS,
    () => deactivate(actors, vc),
  );
  if (!often(actors)) {
    yield* close;
    return;
  }
  const incoming = form(actors, "DispatchIncomingCloseCall");
  let isOver = false;
  w.call(incoming, { ...vc, status: SUCCESS }, () =>
    w.call("ProtocolClIncomingCloseCall", { ...vc, status: SUCCESS }, () => {
      isOver = close.next().done === true;
    }),
  );
  if (!isOver) yield* close;
}
