import { FAILURE, PENDING, RESOURCES, SUCCESS, TraceWriter } from "./trace-writer.js";

/** What a life does where it has a choice: a number from 0 on, below n. */
export type Choose = (n: number) => number;

/** A life goes on in steps, between which those of others come. */
type Life = Generator<void, void, void>;

/** How the objects of one AF are named, and who is about. */
interface Actors {
  readonly w: TraceWriter;
  readonly choose: Choose;
  readonly isMcm: boolean;
  readonly af: string;
}

const form = ({ isMcm }: Actors, name: string): string => (isMcm ? `NdisMCm${name}` : `NdisCm${name}`);
const often = ({ choose }: Actors): boolean => choose(2) === 1;

/** Call manager and client come up, as at the start of a trace of the simulator. */
export function comeUp(w: TraceWriter, isMcm: boolean): void {
  if (isMcm) {
    w.call("MiniportInitializeEx", { answer: SUCCESS }, () => w.call("NdisMCmRegisterAddressFamilyEx", { answer: SUCCESS }));
  } else {
    w.call("ProtocolBindAdapterEx", { to: w.cm, answer: SUCCESS }, () => {
      w.call("NdisOpenAdapterEx", { from: w.cm, answer: SUCCESS });
      w.call("NdisCmRegisterAddressFamilyEx", { answer: SUCCESS });
    });
  }
  w.call("ProtocolBindAdapterEx", { answer: SUCCESS }, () => w.call("NdisOpenAdapterEx", { answer: SUCCESS }));
  w.call("ProtocolCoAfRegisterNotify");
}

/** An open that succeeds, at once or pended. */
function* openAf(actors: Actors): Life {
  const { w } = actors;
  const af = { af: actors.af };
  const isPended = often(actors);
  w.call("NdisClOpenAddressFamilyEx", { answer: isPended ? PENDING : SUCCESS, yields: af }, () =>
    w.call("ProtocolCmOpenAf", { ...af, answer: isPended ? PENDING : SUCCESS }),
  );
  if (isPended) {
    yield;
    w.call(form(actors, "OpenAddressFamilyComplete"), { ...af, status: SUCCESS }, () =>
      w.call("ProtocolClOpenAfCompleteEx", { ...af, status: SUCCESS }),
    );
  } else w.call("ProtocolClOpenAfCompleteEx", { ...af, from: w.client, status: SUCCESS });
}

/** An open that fails, after which the client asks for its binding to be released. */
function* failToOpen(actors: Actors): Life {
  const { w } = actors;
  const af = { af: actors.af };
  const isPended = often(actors);
  const release = (from: string): void => w.act("release", { ...af, from });
  w.call("NdisClOpenAddressFamilyEx", { answer: isPended ? PENDING : RESOURCES, yields: af }, () =>
    w.call("ProtocolCmOpenAf", { ...af, answer: isPended ? PENDING : RESOURCES }, () => {
      if (!isPended) release(w.cm);
    }),
  );
  const told = { ...af, status: RESOURCES };
  if (isPended) {
    yield;
    release(w.cm);
    w.call(form(actors, "OpenAddressFamilyComplete"), told, () => w.call("ProtocolClOpenAfCompleteEx", told, () => release(w.client)));
  } else w.call("ProtocolClOpenAfCompleteEx", { ...told, from: w.client }, () => release(w.client));
  w.call("NdisUnbindAdapter", { answer: SUCCESS });
}

/** The client is unbound, and closes what it has open. */
function* unbind(w: TraceWriter, all: readonly Actors[]): Life {
  w.call("ProtocolUnbindAdapterEx", { answer: PENDING });
  for (const actors of all) yield* closeAf(actors);
  w.call("NdisCloseAdapterEx", { answer: SUCCESS });
  w.call("NdisCompleteUnbindAdapterEx");
}

/** The call manager goes, and notifies of what is open. */
function* halt(w: TraceWriter, all: readonly Actors[], isMcm: boolean): Life {
  const name = isMcm ? "MiniportHaltEx" : "ProtocolUnbindAdapterEx";
  const frame = w.begin(name, { to: w.cm });
  const owed: Actors[] = [];
  for (const actors of all) {
    const af = { af: actors.af };
    const isPended = often(actors);
    const answer = isPended ? PENDING : SUCCESS;
    w.within(frame, () =>
      w.call(form(actors, "NotifyCloseAddressFamily"), { ...af, answer }, () =>
        w.call("ProtocolClNotifyCloseAf", { ...af, answer }, () => {
          if (!isPended) for (const step of closeAf(actors, 0)) void step;
        }),
      ),
    );
    if (isPended) owed.push(actors);
  }
  if (!isMcm) w.end(name, frame, PENDING);
  for (const actors of owed) {
    yield* closeAf(actors);
    completeNotification(actors);
  }
  if (isMcm) {
    w.end(name, frame);
    return;
  }
  w.call("NdisCloseAdapterEx", { from: w.cm, answer: SUCCESS });
  w.call("NdisCompleteUnbindAdapterEx", { from: w.cm });
}

function completeNotification({ w, af }: Actors): void {
  w.call("NdisClNotifyCloseAddressFamilyComplete", { af, status: SUCCESS }, () =>
    w.call("ProtocolCmNotifyCloseAfComplete", { af, status: SUCCESS }),
  );
}

/** An operation that the other driver answers at once or pends; `ask` null: NDIS answers. The request has the handles of `asked` only when it takes them. */
function* operate(
  actors: Actors,
  names: { readonly request: string; readonly ask: string; readonly complete: string; readonly tell: string; readonly by?: "client" | "cm" },
  requested: Record<string, string>,
  asked: Record<string, string>,
  result = SUCCESS,
  inside: () => void = () => {},
  before: () => Life = function* () {},
): Life {
  const { w } = actors;
  const isPended = often(actors);
  const isEarly = isPended && actors.choose(6) === 0;
  const answer = isPended ? PENDING : result;
  const completion = (): void =>
    w.call(names.complete, { ...asked, status: result }, () => w.call(names.tell, { ...asked, status: result }));
  w.call(names.request, { ...requested, answer, yields: asked }, () => {
    w.call(names.ask, { ...asked, answer }, () => {
      if (!isPended || isEarly) inside();
      if (isEarly) completion();
    });
  });
  if (!isPended) {
    const self = names.by === "cm" ? w.cm : w.client;
    w.call(names.tell, { ...asked, from: self, to: self, status: result });
  } else if (!isEarly) {
    yield;
    yield* before();
    inside();
    completion();
  }
}

/** One AF from its open to its end, with SAPs, calls in both directions and parties on it; all of it legal. */
export function* liveAf(actors: Actors, n: number): Life {
  const { w, choose } = actors;
  const af = { af: actors.af };
  if (choose(5) === 0) {
    yield* failToOpen(actors);
    return;
  }
  yield* openAf(actors);
  yield;

  const saps = Array.from({ length: choose(3) }, (_, i) => ({ sap: `SAP#${n * 8 + i}v1` }));
  for (const sap of saps) {
    yield* operate(
      actors,
      {
        request: "NdisClRegisterSap",
        ask: "ProtocolCmRegisterSap",
        complete: form(actors, "RegisterSapComplete"),
        tell: "ProtocolClRegisterSapComplete",
      },
      { ...af, address: sap.sap },
      { ...af, ...sap },
    );
    yield;
  }
  const calls = choose(3);
  for (let i = 0; i < calls; i++) {
    const vc = `VC#${n * 8 + i}v1`;
    if (saps.length > 0 && often(actors)) yield* takeCall(actors, vc, saps[0]!.sap);
    else yield* makeCall(actors, vc);
    yield;
  }
  const isNotified = often(actors);
  const notify = (): void =>
    w.call(form(actors, "NotifyCloseAddressFamily"), { ...af, answer: PENDING }, () =>
      w.call("ProtocolClNotifyCloseAf", { ...af, answer: PENDING }),
    );
  // Perhaps with a call on it, which then is closed before its SAPs are deregistered.
  if (isNotified && often(actors)) yield* makeCall(actors, `VC#${n * 8 + calls}v1`, notify);
  else if (isNotified) notify();
  for (const sap of saps) {
    yield* operate(
      actors,
      {
        request: "NdisClDeregisterSap",
        ask: "ProtocolCmDeregisterSap",
        complete: form(actors, "DeregisterSapComplete"),
        tell: "ProtocolClDeregisterSapComplete",
      },
      { ...af, ...sap },
      { ...af, ...sap },
    );
  }
  yield* closeAf(actors);
  if (!isNotified) return;
  yield;
  completeNotification(actors);
}

/** A close: 0 at once, 1 completed before ProtocolCmCloseAf has returned PENDING, 2 pended. */
function* closeAf(actors: Actors, how = actors.choose(3)): Life {
  const { w } = actors;
  const af = { af: actors.af };
  const release = (from: string): void => w.act("release", { ...af, from });
  const completion = (): void => {
    release(w.cm);
    w.call(form(actors, "CloseAddressFamilyComplete"), { ...af, status: SUCCESS }, () => {
      const frame = w.begin("ProtocolClCloseAfComplete", { ...af, status: SUCCESS });
      release(w.client);
      w.end("ProtocolClCloseAfComplete", frame, undefined, af);
    });
  };
  const answer = how === 0 ? SUCCESS : PENDING;
  w.call("NdisClCloseAddressFamily", { ...af, answer }, () =>
    w.call("ProtocolCmCloseAf", { ...af, answer }, () => {
      if (how === 0) release(w.cm);
      if (how === 1) completion();
    }),
  );
  if (how === 0) {
    w.call("ProtocolClCloseAfComplete", { ...af, from: w.client, status: SUCCESS }, () => release(w.client));
  } else if (how === 2) {
    yield;
    completion();
  }
}

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
function* makeCall(actors: Actors, name: string, whenMade: () => void = () => {}): Life {
  const { w, af } = actors;
  const vc = { af, vc: name };
  w.call("NdisCoCreateVc", { af, answer: SUCCESS, yields: vc }, () => w.call("ProtocolCoCreateVc", { ...vc, to: w.cm, answer: SUCCESS }));
  const isMultipoint = often(actors);
  const first = isMultipoint ? { party: `PARTY#${name}.0` } : {};
  const fails = actors.choose(5) === 0;
  let isActive = false;
  yield* operate(
    actors,
    { request: "NdisClMakeCall", ask: "ProtocolCmMakeCall", complete: form(actors, "MakeCallComplete"), tell: "ProtocolClMakeCallComplete" },
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
  w.call("NdisCoDeleteVc", { ...vc, answer: SUCCESS }, () => w.call("ProtocolCoDeleteVc", { ...vc, to: w.cm, answer: SUCCESS }));
}

/** A call from the network, accepted or not. */
function* takeCall(actors: Actors, name: string, sap: string): Life {
  const { w, af } = actors;
  const vc = { af, vc: name };
  const create = actors.isMcm ? "NdisMCmCreateVc" : "NdisCoCreateVc";
  w.call(create, { af, from: w.cm, answer: SUCCESS, yields: vc }, () => w.call("ProtocolCoCreateVc", { ...vc, answer: SUCCESS }));
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
  w.call(remove, { ...vc, from: w.cm, answer: SUCCESS }, () => w.call("ProtocolCoDeleteVc", { ...vc, answer: SUCCESS }));
}

/** Data, parties that come and go, and the close of the call, by the client or by the network. */
function* useCall(actors: Actors, vc: Record<string, string>, first: Record<string, string>, parties: number): Life {
  const { w } = actors;
  const added = Array.from({ length: parties }, (_, i) => ({ party: `PARTY#${vc["vc"]}.${i + 1}` }));
  for (const party of added) {
    yield* operate(
      actors,
      { request: "NdisClAddParty", ask: "ProtocolCmAddParty", complete: form(actors, "AddPartyComplete"), tell: "ProtocolClAddPartyComplete" },
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
      { request: "NdisClDropParty", ask: "ProtocolCmDropParty", complete: form(actors, "DropPartyComplete"), tell: "ProtocolClDropPartyComplete" },
      { ...vc, ...party },
      { ...vc, ...party },
    );
  }
  const close = operate(
    actors,
    { request: "NdisClCloseCall", ask: "ProtocolCmCloseCall", complete: form(actors, "CloseCallComplete"), tell: "ProtocolClCloseCallComplete" },
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

/** The steps of several AFs in an order that is chosen, in a trace from the start of a machine; at its end the client or the call manager may go. */
export function writeLives(choose: Choose, afs: number, isMcm: boolean, nameOf = (n: number): string => `AF#${n}v1`): TraceWriter {
  const w = new TraceWriter();
  comeUp(w, isMcm);
  const actorsOf = (n: number): Actors => ({ w, choose, isMcm, af: nameOf(n) });
  interleave(w, choose, Array.from({ length: afs }, (_, n) => liveAf(actorsOf(n), n)));
  const last = Array.from({ length: choose(3) }, (_, i) => actorsOf(afs + i));
  interleave(w, choose, last.map((actors) => openAf(actors)));
  const ends = [() => unbind(w, last), () => halt(w, last, isMcm)];
  interleave(w, choose, [ends[choose(2)]!()]);
  return w;
}

function interleave(w: TraceWriter, choose: Choose, lives: Life[]): void {
  while (lives.length > 0) {
    const at = choose(lives.length);
    w.wait(100 * (1 + choose(5)));
    if (lives[at]!.next().done === true) lives.splice(at, 1);
  }
}
