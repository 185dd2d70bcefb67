import { DEFAULT_READINGS } from "../../scenario/readings.js";
import { callCode, codesOf, irqlName, IRQL_MISSING, STANDALONE, TRACE_CALLS, type TraceCall } from "./call-table.js";
import { contextIsReleased } from "./context-judge.js";
import { codeEvent, NO_NUMBER, OP_CALL, OP_RELEASE, OP_RETURN, OP_WAIT } from "./event-code.js";
import type { CodedEvent, TraceEvent } from "./event.js";
import type { Frame } from "./frames.js";
import type { Handle } from "./handle.js";
import { ON_CALL, ON_RETURN } from "./handlers.js";
import { clientWaits, WAITS_IN_CALLBACK, WAITS_IN_NOTIFY, WAITS_OUTSIDE, WAITS_UNKNOWN } from "./notify-judge.js";
import { KIND_AF, KIND_NONE, KIND_SAP, KIND_VC, NOBODY } from "./object-table.js";
import { judgeEnd, settleAf } from "./obligations.js";
import { type CheckedReadings, Scene, type TraceEnd } from "./scene.js";
import type { Verdict } from "./verdict.js";

/** Judges a trace record by record, in order of time; what it keeps grows with the objects that are alive, not with the trace. */
export interface Checker {
  take(event: TraceEvent): void;
  takeCoded(event: CodedEvent): void;
  /** Judges what is still owed. The trace is over. */
  end(): Verdict;
}

export interface CheckerOptions {
  /** Where the documents disagree or are silent; the first readings where not given. */
  readonly readings?: Partial<CheckedReadings> | undefined;
  /** How long a call manager may take to complete an open, and a close; 12 s where not given. */
  readonly deadlines?: { readonly openNs?: number | undefined; readonly closeNs?: number | undefined } | undefined;
  /** When the trace of a machine ends, and whether nothing was left that could happen; its last record, and not so, where not given: then it may have been cut. */
  readonly end?: ((machine: number) => TraceEnd) | undefined;
  /** Findings kept of each rule; all are counted. 100 where not given. */
  readonly findingsMax?: number | undefined;
}

export type { TraceEnd };

const DEADLINE_NS = 12e9;
const FINDINGS_MAX = 100;

/** The field of an object's handle. */
function handleOf(event: CodedEvent, kind: number): Handle | undefined {
  if (kind === KIND_SAP) return event.sap;
  return kind === KIND_VC ? event.vc : event.party;
}

/** Calls with which a SAP, VC or party comes to be. */
const BIRTH_CODES = codesOf(
  "NdisClRegisterSap",
  "ProtocolCmRegisterSap",
  "NdisCoCreateVc",
  "NdisMCmCreateVc",
  "ProtocolCoCreateVc",
  "NdisClAddParty",
  "ProtocolCmAddParty",
);
/** Begins the life of what it names. */
const OPEN_AF_CODE = callCode("ProtocolCmOpenAf");
const NOTIFY_CODES = codesOf("ProtocolClNotifyCloseAf");
const UNBIND_CODES = codesOf("ProtocolUnbindAdapterEx");
/** The first call of a trace of our simulator. */
const FIRST_CALL_CODES = codesOf("MiniportInitializeEx", "ProtocolBindAdapterEx");

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
    this.takeCoded(codeEvent(event));
  }

  takeCoded(event: CodedEvent): void {
    const scene = this.#scene;
    if (this.#records === 0) scene.isWhole = isOurs(event);
    this.#records++;
    if (event.timeNs > scene.nowNs) scene.nowNs = event.timeNs;
    switch (event.op) {
      case OP_CALL:
        this.#takeCall(event);
        break;
      case OP_RETURN:
        this.#takeReturn(event);
        break;
      case OP_RELEASE:
        contextIsReleased(scene, event);
        break;
      case OP_WAIT:
        this.#takeWait(event);
        break;
    }
  }

  #takeCall(event: CodedEvent): void {
    const scene = this.#scene;
    const code = event.call;
    if (code < 0) return;
    const call = TRACE_CALLS[code]!;
    const frame = scene.frames.open(event.machine, event.frame, code, event.parent);
    if (event.parent !== NO_NUMBER && !scene.hasParents) {
      scene.hasParents = true;
      scene.ledger.show("calls inside others");
    }
    frame.line = event.line;
    frame.timeNs = event.timeNs;
    if (event.af !== undefined && code !== OPEN_AF_CODE) frame.af = scene.known(event, KIND_AF, event.af);
    if (call.subject === KIND_AF) frame.id = frame.af;
    else if (call.subject !== KIND_NONE) frame.id = this.#subjectOf(event, code, call.subject, frame);
    if (call.to === "cm") scene.hasAsks = true;
    else if (call.from === "cm") scene.hasCallManagerCalls = true;
    const isBroken = call.byDriver && this.#judgeCaller(event, call, frame);
    ON_CALL[code]?.(scene, event, frame, isBroken);
    const af = frame.af !== NOBODY || frame.id === NOBODY ? frame.af : scene.afOf(frame.id);
    if (af !== NOBODY) scene.objects.record(af, event.line);
  }

  /** The SAP, VC or party that a call is about, NOBODY where the record does not name it. One that comes to be with the call is not looked up. */
  #subjectOf(event: CodedEvent, code: number, kind: number, frame: Frame): number {
    const handle = handleOf(event, kind);
    if (handle === undefined || BIRTH_CODES.includes(code)) return NOBODY;
    const id = this.#scene.known(event, kind, handle);
    if (frame.af !== NOBODY && kind === KIND_VC) this.#scene.adopt(id, frame.af);
    return id;
  }

  /** Judges the form and the IRQL of a driver's call; true if it breaks a rule. */
  #judgeCaller(event: CodedEvent, call: TraceCall, frame: Frame): boolean {
    const scene = this.#scene;
    if (call.form !== 0) {
      const of = frame.af !== NOBODY ? frame.af : frame.id;
      const adapter =
        (of === NOBODY ? null : scene.bindingOf(of)?.adapter) ?? scene.bindings.adapter(event.machine, event.adapter);
      if (adapter.form === 0) {
        if (of !== NOBODY) scene.cannotSay("close/family", "the call manager's kind", event);
      } else if (adapter.form !== call.form) {
        const kind = adapter.form === STANDALONE ? "A stand-alone call manager" : "A miniport call manager";
        scene.breach("close/family", event, of, `${kind} called ${call.name}.`);
        return true;
      }
    }
    if (event.irql === IRQL_MISSING) scene.cannotSay("irql/caller", "irql", event);
    else if (event.irql > call.irqlMax) {
      scene.breach(
        "irql/caller",
        event,
        frame.af !== NOBODY ? frame.af : frame.id,
        `${call.name} was called at ${irqlName(event.irql)}, above what its page allows.`,
      );
      return true;
    }
    return false;
  }

  #takeReturn(event: CodedEvent): void {
    const scene = this.#scene;
    const code = event.call;
    if (code < 0) return;
    scene.hasReturns = true;
    const af = event.af === undefined ? -1 : scene.objects.find(event.machine, KIND_AF, event.af);
    const frame = scene.frames.close(event.machine, event.frame, code, af < 0 ? NOBODY : af);
    const call = TRACE_CALLS[code]!;
    let id = frame?.id ?? NOBODY;
    if (id === NOBODY && call.subject !== KIND_NONE)
      id = call.subject === KIND_AF ? af : scene.find(event.machine, call.subject, handleOf(event, call.subject));
    if (id < 0) id = NOBODY;
    if (call.subject !== KIND_NONE || frame !== null) ON_RETURN[code]?.(scene, event, frame, id);
    if (frame !== null) scene.frames.release(frame);
  }

  #takeWait(event: CodedEvent): void {
    const scene = this.#scene;
    clientWaits(scene, event, this.#placeOfWait(event));
  }

  #placeOfWait(event: CodedEvent): number {
    const scene = this.#scene;
    if (!scene.frames.areNumbered) return WAITS_UNKNOWN;
    const around = scene.frames.find(event.machine, event.parent);
    if (around === null) return event.parent === NO_NUMBER ? WAITS_OUTSIDE : WAITS_UNKNOWN;
    if (scene.isWithin(around, NOTIFY_CODES)) return WAITS_IN_NOTIFY;
    if (scene.isWithin(around, UNBIND_CODES)) return WAITS_OUTSIDE;
    return TRACE_CALLS[around.code]!.byDriver ? WAITS_OUTSIDE : WAITS_IN_CALLBACK;
  }

  end(): Verdict {
    const scene = this.#scene;
    const last: TraceEnd = { timeNs: scene.nowNs, isDrained: false };
    scene.endsWhole = scene.isWhole && this.#endOf !== null;
    judgeEnd(scene, this.#endOf ?? (() => last));
    return scene.ledger.verdict(this.#records, scene.peakAlive);
  }
}

/** Whether a trace that begins with this record is one of our simulator, from its start on. */
function isOurs({ seq, frame, timeNs, irql, processor, call }: CodedEvent): boolean {
  return (
    seq === 1 &&
    frame === 1 &&
    timeNs === 0 &&
    irql !== IRQL_MISSING &&
    processor !== NO_NUMBER &&
    FIRST_CALL_CODES.includes(call)
  );
}
