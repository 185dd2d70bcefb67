import {
  afsBetween,
  atCall,
  callOf,
  change,
  delay,
  drop,
  dropRecord,
  duplicate,
  move,
  type MutantKind,
  retarget,
  returnOf,
  type Span,
  spans,
} from "./mutate.js";
import { FAILURE, NOT_ACCEPTED, PENDING, SUCCESS, type TraceLine } from "./trace-writer.js";

const pended = ({ answer }: Span): boolean => answer.status === PENDING;
const atOnce = ({ answer }: Span): boolean => answer.status === SUCCESS;
const bySelf = ({ call }: Span): boolean => call.from === call.to;
const byNdis = ({ call }: Span): boolean => call.from === "ndis";
const isOfClient = ({ call }: Span): boolean => call.from?.startsWith("client") === true;
const isOfCm = ({ call }: Span): boolean => call.from?.startsWith("cm") === true;
const closing = ({ lines, call }: Span): TraceLine | undefined => callOf(lines, "NdisClCloseAddressFamily", call);
const opening = ({ lines, call }: Span): TraceLine | undefined => callOf(lines, "ProtocolCmOpenAf", call);
const last = ({ lines }: Span): number => lines.length - 1;
/** A close that was pended, and whose completion comes only after that. */
const isLate = ({ lines, call, from }: Span): boolean =>
  lines.findIndex((line) => line.op === "return" && line.call === "NdisClCloseAddressFamily" && line.af === call.af) < from;
