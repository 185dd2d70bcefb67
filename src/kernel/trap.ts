import {
  TRAP_CHUNKS,
  TRAP_EVENT_KIND,
  TRAP_FAULT,
  TRAP_LATE,
  TRAP_LIST,
  TRAP_SEQUENCE,
  TRAP_TRACE_SEQUENCE,
  TRAP_TRANSITION,
} from "../../assembly/abi/codes.js";
import { SHARD_TRAP, SHARD_TRAP_DETAIL } from "../../assembly/abi/layout.js";

const TEXTS: ReadonlyMap<number, string> = new Map([
  [TRAP_TRANSITION, "an address family, or what is on it, is not in a state from which its transition starts"],
  [TRAP_CHUNKS, "the event queue has more events than its memory was planned for"],
  [
    TRAP_SEQUENCE,
    "a call manager had 2^32 - 1 closes, and its close sequence is used up: use more adapters or a shorter run",
  ],
  [TRAP_EVENT_KIND, "an event of an unknown kind is in the queue"],
  [
    TRAP_TRACE_SEQUENCE,
    "a machine wrote 2^32 - 1 trace records, and their sequence is used up: use more machines or a shorter run",
  ],
  [TRAP_FAULT, "a fault's extra call would be legal"],
  [TRAP_LATE, "a close took longer than its service can"],
  [TRAP_LIST, "a list of completions or waiting closes is not as long as it was counted"],
]);

/** What a run is too large for; every other trap is a mistake of the kernel. */
const LIMITS: ReadonlySet<number> = new Set([TRAP_SEQUENCE, TRAP_TRACE_SEQUENCE]);

/** The kernel found that it cannot go on; the run has no result. */
export class KernelTrap extends Error {
  override readonly name = "KernelTrap";
  /** Whether the run reached a limit of the kernel. */
  readonly isLimit: boolean;

  constructor(code: number, detail: number) {
    const isLimit = LIMITS.has(code);
    const text = TEXTS.get(code) ?? "unknown reason";
    super(isLimit ? text : `${text} (trap ${code}, detail ${detail})`);
    this.isLimit = isLimit;
  }
}

/** Why the kernel on this memory trapped, or null when it did not by itself. */
export function readTrap(memory: WebAssembly.Memory): KernelTrap | null {
  const view = new DataView(memory.buffer);
  const code = view.getUint32(SHARD_TRAP, true);
  if (code === 0) return null;
  return new KernelTrap(code, view.getUint32(SHARD_TRAP_DETAIL, true));
}
