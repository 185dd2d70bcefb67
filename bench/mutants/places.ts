import { callOf, type Span, spans } from "./mutate.js";
import { PENDING, RESOURCES, SUCCESS, type TraceLine } from "./trace-writer.js";

/** Completions by their names without Ndis(M)Cm. */
export const CLOSE_DONE = ":CloseAddressFamilyComplete";
export const OPEN_DONE = ":OpenAddressFamilyComplete";
export const TOLD_OF_OPEN = "ProtocolClOpenAfCompleteEx";
export const CLOSE = "NdisClCloseAddressFamily";

export const pended = ({ answer }: Span): boolean => answer.status === PENDING;
export const atOnce = ({ answer }: Span): boolean => answer.status === SUCCESS;
export const bySelf = ({ call }: Span): boolean => call.from === call.to;
export const byNdis = ({ call }: Span): boolean => call.from === "ndis";
export const isOfClient = ({ call }: Span): boolean => call.from?.startsWith("client") === true;
export const isOfCm = ({ call }: Span): boolean => call.from?.startsWith("cm") === true;

/** The call that began the close of the AF, and its open. */
export const closing = ({ lines, call }: Span): TraceLine | undefined => callOf(lines, CLOSE, call);
export const opening = ({ lines, call }: Span): TraceLine | undefined => callOf(lines, "ProtocolCmOpenAf", call);

/** The last record of the trace. */
export const last = ({ lines }: Span): number => lines.length - 1;

/** A completion of a close that comes when NdisClCloseAddressFamily has returned. */
export function isLate({ lines, call, from }: Span): boolean {
  const back = lines.findIndex((line) => line.op === "return" && line.call === CLOSE && line.af === call.af);
  return back >= 0 && back < from;
}

/** A pended close that was not completed before it returned. */
export const staysPended = (span: Span): boolean =>
  pended(span) && !span.lines.slice(span.from, span.to).some(({ op }) => op === "release");

/** A record by which a client learns that an open has failed. */
export const tellsFailure = ({ op, call, status }: TraceLine): boolean =>
  status === RESOURCES &&
  (op === "call" ? call === TOLD_OF_OPEN : op === "return" && call === "NdisClOpenAddressFamilyEx");

/** The trace without what is said of an AF from here on. */
export const withoutRest = ({ lines, from, call }: Span): TraceLine[] =>
  lines.filter((line, i) => i < from || line.af !== call.af);

/** A call and its return, nothing inside, put in at a place. */
export function insert(lines: readonly TraceLine[], at: number, call: TraceLine, answer: TraceLine): TraceLine[] {
  return [...lines.slice(0, at), call, answer, ...lines.slice(at)];
}

/** The same call once more, elsewhere: what of it is other. */
export function again(span: Span, fields: Partial<TraceLine>, status?: string): { call: TraceLine; answer: TraceLine } {
  const { parent: _, ...rest } = span.call;
  const frame = 2_000_000;
  const call = { ...rest, frame, ...fields };
  const { status: __, ...back } = span.answer;
  const handles = fields.af === undefined ? {} : { af: fields.af };
  const answer = { ...back, frame, ...handles, timeNs: call.timeNs, ...(status === undefined ? {} : { status }) };
  return { call, answer };
}

/** The name of a call in the form of the other kind of call manager. */
export const otherForm = (name: string): string =>
  name.startsWith("NdisMCm") ? name.replace("NdisMCm", "NdisCm") : name.replace("NdisCm", "NdisMCm");

/** What the client or the call manager waits for at its going: the last completion of a close after this record that is not inside it. */
export function lastCompletion(lines: readonly TraceLine[], after: number, before: number): Span | undefined {
  return spans(lines, { call: CLOSE_DONE, if: (one) => one.from > after && one.from < before && isLate(one) }).at(-1);
}
