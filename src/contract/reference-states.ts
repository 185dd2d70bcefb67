import type { RuleForm } from "./rule-forms.js";
import { STATUS_NUMBERS, type StatusName } from "./statuses.js";

/** States of a slot (MODEL.md, "States and digest"). */
export const STATES = {
  vacant: 0,
  opening: 1,
  openPended: 2,
  openCompleted: 3,
  open: 4,
  closing: 5,
  closePended: 6,
  completedEarly: 7,
  reporting: 8,
  retired: 9,
  openFailed: 10,
  stranded: 11,
  refused: 15,
} as const;

export type State = keyof typeof STATES;

interface Transition {
  readonly code: number;
  readonly from: readonly State[];
  readonly to: State;
  readonly status: StatusName;
}

/** Every change of a slot's state that the model allows. */
export const TRANSITIONS = {
  openedSynchronously: { code: 1, from: ["vacant"], to: "open", status: "NDIS_STATUS_SUCCESS" },
  openPended: { code: 2, from: ["vacant"], to: "openPended", status: "NDIS_STATUS_PENDING" },
  openCompletionCalled: { code: 3, from: ["openPended"], to: "openCompleted", status: "NDIS_STATUS_SUCCESS" },
  toldOfOpen: { code: 4, from: ["openCompleted"], to: "open", status: "NDIS_STATUS_SUCCESS" },
  closedSynchronously: { code: 5, from: ["open"], to: "vacant", status: "NDIS_STATUS_SUCCESS" },
  closePended: { code: 6, from: ["open"], to: "closePended", status: "NDIS_STATUS_PENDING" },
  completedInline: { code: 7, from: ["open"], to: "completedEarly", status: "NDIS_STATUS_SUCCESS" },
  pendingReturnedAfterInline: { code: 8, from: ["completedEarly"], to: "vacant", status: "NDIS_STATUS_PENDING" },
  closeCompletionCalled: { code: 9, from: ["closePended"], to: "reporting", status: "NDIS_STATUS_SUCCESS" },
  toldOfClose: { code: 10, from: ["closePended", "reporting"], to: "vacant", status: "NDIS_STATUS_SUCCESS" },
  retired: { code: 11, from: ["vacant"], to: "retired", status: "NDIS_STATUS_SUCCESS" },
  openFailedSynchronously: { code: 13, from: ["vacant"], to: "vacant", status: "NDIS_STATUS_RESOURCES" },
  failedOpenCompletionCalled: { code: 14, from: ["openPended"], to: "openFailed", status: "NDIS_STATUS_RESOURCES" },
  toldOfFailedOpen: { code: 15, from: ["openFailed"], to: "vacant", status: "NDIS_STATUS_RESOURCES" },
  closeFailed: { code: 16, from: ["open"], to: "stranded", status: "NDIS_STATUS_FAILURE" },
  passedOverAtUnbind: { code: 17, from: ["open"], to: "stranded", status: "NDIS_STATUS_SUCCESS" },
  passedOverAtHalt: { code: 18, from: ["open"], to: "stranded", status: "NDIS_STATUS_SUCCESS" },
  closeRefused: { code: 19, from: ["open"], to: "stranded", status: "NDIS_STATUS_NOT_ACCEPTED" },
  closeFailedForNow: { code: 20, from: ["open"], to: "refused", status: "NDIS_STATUS_FAILURE" },
  closeRefusedForNow: { code: 21, from: ["open"], to: "refused", status: "NDIS_STATUS_NOT_ACCEPTED" },
  closeTriedAgain: { code: 22, from: ["refused"], to: "open", status: "NDIS_STATUS_SUCCESS" },
  rememberedAtUnbind: { code: 23, from: ["stranded"], to: "open", status: "NDIS_STATUS_SUCCESS" },
} as const satisfies Readonly<Record<string, Transition>>;

export type TransitionName = keyof typeof TRANSITIONS;

/** What a violation adds to its rule's number to make the code in the digest. */
const VIOLATION_CODE = 64;

const MASK_64 = (1n << 64n) - 1n;

function rotateLeft(x: bigint, bits: bigint): bigint {
  return ((x << bits) | (x >> (64n - bits))) & MASK_64;
}

/** What one fold into a call manager's digest is about. */
export interface DigestEntry {
  readonly tick: number;
  readonly slot: number;
  readonly generation: number;
  readonly code: number;
  readonly state: State;
  readonly status: StatusName;
}

/** Folds a transition or violation of an AF into a call manager's digest. */
export function foldEntry(digest: bigint, entry: DigestEntry): bigint {
  return foldNumbers(digest, { ...entry, index: entry.slot, state: STATES[entry.state] });
}

/** What such a fold consists of: the index is that of a slot, or of an object in its table. */
interface DigestNumbers {
  readonly tick: number;
  readonly index: number;
  readonly generation: number;
  readonly code: number;
  readonly state: number;
  readonly status: StatusName;
}

/** Folds a transition or violation, with its state as a number. */
export function foldNumbers(digest: bigint, entry: DigestNumbers): bigint {
  const a = (BigInt(entry.index) << 32n) | BigInt(entry.tick);
  const b =
    (BigInt(entry.code) << 40n) |
    (BigInt(STATUS_NUMBERS[entry.status]) << 32n) |
    (BigInt(entry.generation) << 5n) |
    BigInt(entry.state);
  const folded = (digest ^ (a * 0x9e3779b97f4a7c15n + b)) & MASK_64;
  return rotateLeft((folded * 0xd6e8feb86659fd93n) & MASK_64, 31n);
}

/** Folds the call managers' digests, in (machine, adapter) order, into the run's: 16 hex digits. */
export function foldRun(digests: Iterable<bigint>): string {
  let run = 0n;
  for (const digest of digests) run = rotateLeft(((run ^ digest) * 0xd6e8feb86659fd93n) & MASK_64, 31n);
  return run.toString(16).padStart(16, "0");
}

/** The digest's code of a violation of a rule, or of its warning form. */
export function violationCode({ number }: RuleForm): number {
  return VIOLATION_CODE + number;
}
