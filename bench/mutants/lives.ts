import { type Actors, type Choose, form, type Life, often, operate } from "./actors.js";
import { makeCall, takeCall } from "./call-lives.js";
import { PENDING, RESOURCES, SUCCESS, TraceWriter } from "./trace-writer.js";

/** Call manager and client come up, as at the start of a trace of the simulator. */
export function comeUp(w: TraceWriter, isMcm: boolean): void {
  if (isMcm) {
    w.call("MiniportInitializeEx", { answer: SUCCESS }, () =>
      w.call("NdisMCmRegisterAddressFamilyEx", { answer: SUCCESS }),
    );
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
    w.call(form(actors, "OpenAddressFamilyComplete"), told, () =>
      w.call("ProtocolClOpenAfCompleteEx", told, () => release(w.client)),
    );
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
          if (!isPended) closeAf(actors, 0).next();
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

/** The steps of several AFs in an order that is chosen, in a trace from the start of a machine; at its end the client or the call manager may go. */
export function writeLives(
  choose: Choose,
  afs: number,
  isMcm: boolean,
  nameOf = (n: number): string => `AF#${n}v1`,
): TraceWriter {
  const w = new TraceWriter();
  comeUp(w, isMcm);
  const actorsOf = (n: number): Actors => ({ w, choose, isMcm, af: nameOf(n) });
  interleave(
    w,
    choose,
    Array.from({ length: afs }, (_, n) => liveAf(actorsOf(n), n)),
  );
  const last = Array.from({ length: choose(3) }, (_, i) => actorsOf(afs + i));
  interleave(
    w,
    choose,
    last.map((actors) => openAf(actors)),
  );
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
