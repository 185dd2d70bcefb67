/** AFs with SAPs, VCs and parties, whose runs are written down by hand from MODEL-OBJECTS.md, fold by fold and record by record. */
import { type RuleId, ruleOf } from "../../src/contract/rules.js";
import type { TraceRecord } from "../../src/measure/history.js";
import type { CallManagerObjects, CallManagerProfile, ClientObjects, Scenario } from "../../src/scenario/scenario.js";
import { PLAIN_CLIENT, PLAIN_OBJECTS, plainScenario, ticks } from "./plain-scenario.js";

/** Nothing, and calls that come every 10 ticks and last 20, ended by the client. */
export const NO_OBJECTS: ClientObjects = {
  saps: 0,
  calls: 0,
  incoming: 0,
  parties: 0,
  gap: ticks(10),
  lasts: ticks(20),
  remote: 0,
  answer: { pend: 0, service: ticks(3), reject: 0 },
};

/** What differs from one AF that is open for 1000 ticks, in a run of 40. */
export interface Differing {
  readonly objects: Partial<ClientObjects>;
  /** Operations that are always pended. */
  readonly pended?: readonly (keyof CallManagerObjects)[];
  readonly callManager?: Partial<CallManagerProfile>;
  readonly callFails?: boolean;
  readonly hold?: number;
  readonly run?: number;
  readonly fields?: Partial<Scenario>;
}

export function withObjects({
  objects,
  pended = [],
  callManager = {},
  callFails = false,
  hold = 1000,
  run = 40,
  fields = {},
}: Differing): Scenario {
  const pend = (name: keyof CallManagerObjects): number => (pended.includes(name) ? 1 : 0);
  return plainScenario(
    {
      client: { ...PLAIN_CLIENT, hold: ticks(hold), objects: { ...NO_OBJECTS, ...objects } },
      phases: [{ kind: "run", ns: run * 100 }],
      ...fields,
    },
    {},
    {},
    {
      objects: {
        sap: { ...PLAIN_OBJECTS.sap, pend: pend("sap") },
        call: { ...PLAIN_OBJECTS.call, pend: pend("call"), fail: callFails ? 1 : 0 },
        vc: { ...PLAIN_OBJECTS.vc, pend: pend("vc") },
        party: { ...PLAIN_OBJECTS.party, pend: pend("party") },
      },
      ...callManager,
    },
  );
}

const STATUSES = { SUCCESS: 0, PENDING: 1, FAILURE: 2, RESOURCES: 3, NOT_ACCEPTED: 4 } as const;
type Status = keyof typeof STATUSES;

/** Tick, index of the slot or object, generation, the transition's code or the rule that is broken, number of the state after it, status. */
export type Fold = readonly [
  tick: number,
  index: number,
  generation: number,
  what: number | RuleId,
  state: number,
  status?: Status,
];

/** State of an AF that is open, and of one whose close is pended. */
export const OPEN = 4;
export const CLOSE_PENDED = 6;

const MASK = 2n ** 64n - 1n;
const FACTOR = 0xd6e8feb86659fd93n;
const rotated = (x: bigint): bigint => ((x << 31n) | (x >> 33n)) & MASK;

/** The digest of a run with one call manager, by the formulas of MODEL.md. */
export function digestOfFolds(folds: readonly Fold[]): string {
  const digest = folds.reduce((sum, [tick, index, generation, what, state, status = "SUCCESS"]) => {
    const code = typeof what === "number" ? what : 64 + ruleOf(what).number;
    const a = (BigInt(index) << 32n) | BigInt(tick);
    const b = (BigInt(code) << 40n) | (BigInt(STATUSES[status]) << 32n) | (BigInt(generation) << 5n) | BigInt(state);
    return rotated(((sum ^ ((a * 0x9e3779b97f4a7c15n + b) & MASK)) * FACTOR) & MASK);
  }, 0n);
  return rotated((digest * FACTOR) & MASK)
    .toString(16)
    .padStart(16, "0");
}

/** A record as a line: tick, the first letter of its IRQL, op, frame and parent, call and parties, handles, status. */
export function objectLine(record: TraceRecord): string {
  const { timeNs, irql, op, frame, parent, call, from, to, sap, vc, party, address, status } = record;
  return [
    timeNs / 100,
    irql[0],
    op,
    frame === undefined ? "" : `f${frame}`,
    parent === undefined ? "" : `in f${parent}`,
    call ?? "",
    to === undefined ? (from ?? "") : `${from} → ${to}`,
    sap ?? "",
    vc ?? "",
    party ?? "",
    address === undefined ? "" : `@${address}`,
    status?.replace("NDIS_STATUS_", "") ?? "",
  ]
    .filter((word) => word !== "")
    .join(" ");
}

export const objectLines = (columns: string): string[] =>
  columns
    .split("\n")
    .map((text) => text.trim().replace(/ +/g, " "))
    .filter((text) => text !== "");
