import { DEFAULT_READINGS, type Readings } from "../../scenario/readings.js";
import {
  adapterIsClosed,
  bindHasReturned,
  bindIsCalled,
  haltHasReturned,
  haltIsCalled,
  initializeHasReturned,
  initializeIsCalled,
  registerHasReturned,
  registerIsCalled,
  registrationIsNotified,
  unbindHasReturned,
  unbindIsAsked,
  unbindIsCalled,
  unbindIsCompleted,
} from "./binding-judge.js";
import {
  callCode,
  codesOf,
  DISPATCH_LEVEL,
  irqlCode,
  IRQL_MISSING,
  STANDALONE,
  TRACE_CALLS,
  type TraceCall,
} from "./call-table.js";
import {
  closeHasReturned,
  closeIsAnswered,
  closeIsAsked,
  closeIsCalled,
  closeIsCompleted,
  closeIsTold,
  completionHasReturned,
  contextIsReleased,
} from "./close-judge.js";
import type { TraceEvent } from "./event.js";
import type { Frame } from "./frames.js";
import {
  clientWaits,
  notifyIsAnswered,
  notifyIsCalled,
  notifyIsCompleted,
  notifyIsDelivered,
  notifyIsTold,
  WAITS_IN_CALLBACK,
  WAITS_IN_NOTIFY,
  WAITS_OUTSIDE,
  WAITS_UNKNOWN,
} from "./notify-judge.js";
import { KIND_AF, KIND_NONE, NOBODY } from "./object-table.js";
import { judgeEnd, settleAf } from "./obligations.js";
import {
  openCompletionHasReturned,
  openHasReturned,
  openIsAnswered,
  openIsAsked,
  openIsCalled,
  openIsCompleted,
  openIsTold,
} from "./open-judge.js";
import { Scene, type TraceEnd } from "./scene.js";
import type { Verdict } from "./verdict.js";
import { namelessCallIsClosed, namelessSapIsDeregistered, teardownIsCompleted } from "./work-judge.js";

/** Judges a trace record by record, in order of time; what it keeps grows with the objects that are alive, not with the trace. */
export interface Checker {
  take(event: TraceEvent): void;
  /** Judges what is still owed. The trace is over. */
  end(): Verdict;
}

export interface CheckerOptions {
  /** Where the documents disagree or are silent; the first readings where not given. */
  readonly readings?: Partial<Readings> | undefined;
  /** How long a call manager may take to complete an open, and a close; 12 s where not given. */
  readonly deadlines?: { readonly openNs?: number | undefined; readonly closeNs?: number | undefined } | undefined;
  /** When the trace of a machine ends, and whether nothing was left that could happen; its last record, and not so, where not given. */
  readonly end?: ((machine: number) => TraceEnd) | undefined;
  /** Findings kept of each rule; all are counted. 100 where not given. */
  readonly findingsMax?: number | undefined;
}

export type { TraceEnd };

const DEADLINE_NS = 12e9;
const FINDINGS_MAX = 100;

type OnCall = (s: Scene, e: TraceEvent, frame: Frame, isBroken: boolean) => void;
type OnReturn = (s: Scene, e: TraceEvent, frame: Frame | null, id: number) => void;

interface Row {
  readonly calls: readonly string[];
  readonly onCall?: OnCall;
  readonly onReturn?: OnReturn;
}

const both = (name: string): string[] => [`NdisMCm${name}`, `NdisCm${name}`];

const ROWS: readonly Row[] = [
  { calls: ["MiniportInitializeEx"], onCall: initializeIsCalled, onReturn: initializeHasReturned },
  { calls: both("RegisterAddressFamilyEx"), onCall: registerIsCalled, onReturn: registerHasReturned },
  { calls: ["ProtocolBindAdapterEx"], onCall: bindIsCalled, onReturn: bindHasReturned },
  { calls: ["ProtocolCoAfRegisterNotify"], onCall: registrationIsNotified },
  { calls: ["NdisUnbindAdapter"], onCall: unbindIsAsked },
  { calls: ["ProtocolUnbindAdapterEx"], onCall: unbindIsCalled, onReturn: unbindHasReturned },
  { calls: ["MiniportHaltEx"], onCall: haltIsCalled, onReturn: haltHasReturned },
  { calls: ["NdisCloseAdapterEx"], onCall: adapterIsClosed },
  { calls: ["NdisCompleteUnbindAdapterEx"], onCall: unbindIsCompleted },

  { calls: ["NdisClOpenAddressFamilyEx"], onCall: openIsCalled, onReturn: openHasReturned },
  {
    calls: ["ProtocolCmOpenAf"],
    onCall: openIsAsked,
    onReturn: (s, e, _frame, id) => id !== NOBODY && openIsAnswered(s, e, id),
  },
  {
    calls: both("OpenAddressFamilyComplete"),
    onCall: openIsCompleted,
    onReturn: (s, _e, frame, id) => openCompletionHasReturned(s, frame, id),
  },
  { calls: ["ProtocolClOpenAfCompleteEx"], onCall: openIsTold },

  { calls: ["NdisClCloseAddressFamily"], onCall: closeIsCalled, onReturn: closeHasReturned },
  { calls: ["ProtocolCmCloseAf"], onCall: closeIsAsked, onReturn: (s, e, _frame, id) => closeIsAnswered(s, e, id) },
  {
    calls: both("CloseAddressFamilyComplete"),
    onCall: closeIsCompleted,
    onReturn: (s, _e, frame, id) => completionHasReturned(s, frame, id),
  },
  { calls: ["ProtocolClCloseAfComplete"], onCall: closeIsTold },

  { calls: both("NotifyCloseAddressFamily"), onCall: notifyIsCalled },
  {
    calls: ["ProtocolClNotifyCloseAf"],
    onCall: notifyIsDelivered,
    onReturn: (s, e, _frame, id) => notifyIsAnswered(s, e, id),
  },
  { calls: ["NdisClNotifyCloseAddressFamilyComplete"], onCall: notifyIsCompleted },
  { calls: ["ProtocolCmNotifyCloseAfComplete"], onCall: notifyIsTold },

  { calls: ["NdisClCloseCall"], onCall: namelessCallIsClosed },
  { calls: ["NdisClDeregisterSap"], onCall: namelessSapIsDeregistered },
  {
    calls: [...both("CloseCallComplete"), ...both("DeregisterSapComplete")],
    onCall: (s, _e, frame) => teardownIsCompleted(s, frame.af),
  },
];

const ON_CALL: (OnCall | null)[] = TRACE_CALLS.map(() => null);
const ON_RETURN: (OnReturn | null)[] = TRACE_CALLS.map(() => null);
for (const { calls, onCall, onReturn } of ROWS) {
  for (const code of codesOf(...calls)) {
    ON_CALL[code] = onCall ?? null;
    ON_RETURN[code] = onReturn ?? null;
  }
}

/** Begins the life of what it names. */
const OPEN_AF_CODE = callCode("ProtocolCmOpenAf");
const NOTIFY_CODES = codesOf("ProtocolClNotifyCloseAf");
const UNBIND_CODES = codesOf("ProtocolUnbindAdapterEx");
/** The first call of a trace of our simulator. */
const FIRST_CALLS: ReadonlySet<string | undefined> = new Set(["MiniportInitializeEx", "ProtocolBindAdapterEx"]);

/** A checker of one trace. */
export function createChecker(options: CheckerOptions = {}): Checker {
  return new TraceChecker(options);
}

class TraceChecker implements Checker {
  readonly #scene: Scene;
  readonly #endOf: ((machine: number) => TraceEnd) | null;
  #records = 0;

  constructor({ readings, deadlines, end, findingsMax }: CheckerOptions) {
    this.#endOf = end ?? null;
    this.#scene = new Scene({
      readings: { ...DEFAULT_READINGS, ...readings },
      openNs: deadlines?.openNs ?? DEADLINE_NS,
      closeNs: deadlines?.closeNs ?? DEADLINE_NS,
      findingsMax: findingsMax ?? FINDINGS_MAX,
    });
    this.#scene.settle = (id, isReused) => settleAf(this.#scene, id, isReused);
  }

  take(event: TraceEvent): void {
    const scene = this.#scene;
    if (this.#records === 0) scene.isWhole = isOurs(event);
    this.#records++;
    if (event.timeNs > scene.nowNs) scene.nowNs = event.timeNs;
    switch (event.op) {
      case "call":
        this.#takeCall(event);
        break;
      case "return":
        this.#takeReturn(event);
        break;
      case "release":
        contextIsReleased(scene, event);
        break;
      case "wait":
        this.#takeWait(event);
        break;
      case "wake":
        break;
    }
  }

  #takeCall(event: TraceEvent): void {
    const scene = this.#scene;
    const code = callCode(event.call!);
    if (code < 0) return;
    const call = TRACE_CALLS[code]!;
    const frame = scene.frames.open(event.machine, event.frame, code, event.parent);
    frame.line = event.line;
    frame.timeNs = event.timeNs;
    if (event.af !== undefined && code !== OPEN_AF_CODE) frame.af = scene.known(event, KIND_AF, event.af);
    if (call.subject === KIND_AF) frame.id = frame.af;
    if (!call.byDriver && call.to === "cm") scene.hasAsks = true;
    const isBroken = call.byDriver && this.#judgeCaller(event, call, frame);
    ON_CALL[code]?.(scene, event, frame, isBroken);
    if (frame.af !== NOBODY) scene.objects.record(frame.af, event.line);
  }

  /** Judges the form and the IRQL of a driver's call; true if it breaks a rule. */
  #judgeCaller(event: TraceEvent, call: TraceCall, frame: Frame): boolean {
    const scene = this.#scene;
    if (call.form !== 0) {
      const adapter =
        (frame.af === NOBODY ? null : scene.bindingOf(frame.af)?.adapter) ??
        scene.bindings.adapter(event.machine, event.adapter);
      if (adapter.form === 0) {
        if (frame.af !== NOBODY) scene.cannotSay("close/family", "the call manager's kind", event);
      } else if (adapter.form !== call.form) {
        const kind = adapter.form === STANDALONE ? "A stand-alone call manager" : "A miniport call manager";
        scene.breach("close/family", event, frame.af, `${kind} called ${call.name}.`);
        return true;
      }
    }
    const irql = irqlCode(event.irql);
    if (irql === IRQL_MISSING) scene.cannotSay("irql/caller", "irql", event);
    else if (irql > call.irqlMax) {
      scene.breach(
        "irql/caller",
        event,
        frame.af,
        `${call.name} was called at ${event.irql}, above what its page allows.`,
      );
      return true;
    }
    return false;
  }

  #takeReturn(event: TraceEvent): void {
    const scene = this.#scene;
    const code = callCode(event.call!);
    if (code < 0) return;
    scene.hasReturns = true;
    const af = event.af === undefined ? -1 : scene.objects.find(event.machine, KIND_AF, event.af);
    const frame = scene.frames.close(event.machine, event.frame, code, af < 0 ? NOBODY : af);
    const call = TRACE_CALLS[code]!;
    let id = frame?.id ?? NOBODY;
    if (id === NOBODY && call.subject === KIND_AF) id = af < 0 ? NOBODY : af;
    if (call.subject !== KIND_NONE || frame !== null) ON_RETURN[code]?.(scene, event, frame, id);
    if (frame !== null) scene.frames.release(frame);
  }

  #takeWait(event: TraceEvent): void {
    const scene = this.#scene;
    const levels = { irql: irqlCode(event.irql), dispatch: DISPATCH_LEVEL };
    clientWaits(scene, event, levels, this.#placeOfWait(event));
  }

  #placeOfWait(event: TraceEvent): number {
    const scene = this.#scene;
    if (!scene.frames.areNumbered) return WAITS_UNKNOWN;
    const around = scene.frames.find(event.machine, event.parent);
    if (around === null) return event.parent === undefined ? WAITS_OUTSIDE : WAITS_UNKNOWN;
    if (scene.isWithin(around, NOTIFY_CODES)) return WAITS_IN_NOTIFY;
    if (scene.isWithin(around, UNBIND_CODES)) return WAITS_OUTSIDE;
    return TRACE_CALLS[around.code]!.byDriver ? WAITS_OUTSIDE : WAITS_IN_CALLBACK;
  }

  end(): Verdict {
    const scene = this.#scene;
    const last: TraceEnd = { timeNs: scene.nowNs, isDrained: false };
    judgeEnd(scene, this.#endOf ?? (() => last));
    return scene.ledger.verdict(this.#records, scene.objects.peak);
  }
}

/** Whether a trace that begins with this record is one of our simulator, from its start on. */
function isOurs({ seq, frame, timeNs, irql, processor, call }: TraceEvent): boolean {
  return (
    seq === 1 && frame === 1 && timeNs === 0 && irql !== undefined && processor !== undefined && FIRST_CALLS.has(call)
  );
}
