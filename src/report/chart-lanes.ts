/** Who stands where in a chart, and who owes whom a completion. */

import type { TraceEvent } from "../contract/checker/event.js";
import type { Role } from "../contract/call-row.js";
import type { AfName } from "../trace/af-calls.js";
import { rolesOf } from "./history.js";

/** Client, NDIS, call manager. */
export type Lane = 0 | 1 | 2;
export const LANES = 3;

const ROLE_LANES: Readonly<Record<Role, Lane>> = { client: 0, ndis: 1, cm: 2 };
const ROLE_NAMES: readonly string[] = ["client", "NDIS", "call manager"];

/** An AF as `--af` takes it. */
export function nameOf({ machine, handle, life }: AfName): string {
  const place = machine === null ? "" : `, machine ${machine}`;
  return `${handle}${place}${life === null ? "" : `, life ${life}`}`;
}

function laneOf(party: string | undefined, role: Role | undefined): Lane {
  const word = party?.split(":")[0]?.toLowerCase() ?? "";
  if (word === "client" || word === "ndis" || word === "cm") return ROLE_LANES[word];
  return ROLE_LANES[role ?? "client"];
}

/** The lanes of a record's caller and callee; a return has those of its call. */
export function lanesOf(event: TraceEvent, debts: Debts): { readonly from: Lane; readonly to: Lane } {
  const { op, call = "", from, to } = event;
  const roles = rolesOf(call);
  if (op === "return") return debts.callOf(event) ?? { from: laneOf(from, roles?.from), to: laneOf(to, roles?.to) };
  const caller = laneOf(from, roles?.from);
  return { from: caller, to: op === "call" ? laneOf(to, roles?.to) : caller };
}

/** The names of the parties, as far as the records say them. */
export function partiesOf(events: readonly TraceEvent[]): string[] {
  return ROLE_NAMES.map((name, lane) => {
    const named = events.flatMap(({ call = "", from, to }) => {
      const roles = rolesOf(call);
      return [
        from !== undefined && laneOf(from, roles?.from) === lane ? from : [],
        to !== undefined && laneOf(to, roles?.to) === lane ? to : [],
      ].flat();
    });
    return lane === ROLE_LANES.ndis ? name : (named[0] ?? name);
  });
}

/** `CloseAf` of every call of a close: what is asked for, and what its completion completes. */
function matterOf(call: string): string {
  return call
    .replace(/^(?:NdisMCm|NdisCm|NdisCl|NdisCo|ProtocolCm|ProtocolCl|ProtocolCo)/, "")
    .replace("AddressFamily", "Af")
    .replace(/(?:Complete)?(?:Ex)?$/, "");
}

/** A call that has not returned. */
interface OpenCall {
  readonly event: TraceEvent;
  readonly from: Lane;
  readonly to: Lane;
  /** Before it has returned PENDING. */
  isCompleted: boolean;
}

/** Calls that were answered PENDING and not completed yet. */
export class Debts {
  /** Calls that have not returned. */
  #open: OpenCall[] = [];
  /** Who owes a completion, and of what: a trace that does not tell VCs apart has several alike. */
  #owed: { readonly key: string; readonly debtor: Lane }[] = [];

  callOf({ call, frame }: TraceEvent): OpenCall | undefined {
    return this.#open.findLast(({ event }) => event.call === call && event.frame === frame);
  }

  get areOwed(): boolean {
    return this.#owed.length > 0;
  }

  owes(lane: Lane): boolean {
    return this.#owed.some(({ debtor }) => debtor === lane);
  }

  take(event: TraceEvent, from: Lane, to: Lane): void {
    const { op, call = "", status } = event;
    const key = (debtor: Lane, creditor: Lane): string =>
      `${matterOf(call)} ${event.party ?? event.vc ?? event.sap ?? ""} ${debtor} ${creditor}`;
    if (op === "call") {
      if (/Complete(?:Ex)?$/.test(call)) {
        const paid = this.#owed.findIndex((one) => one.key === key(from, to));
        if (paid >= 0) this.#owed = this.#owed.toSpliced(paid, 1);
        const early = this.#open.findLast(
          (open) => matterOf(open.event.call ?? "") === matterOf(call) && open.from === to && open.to === from,
        );
        if (early) early.isCompleted = true;
      }
      this.#open.push({ event, from, to, isCompleted: false });
      return;
    }
    const open = this.callOf(event);
    this.#open = this.#open.filter((one) => one !== open);
    if (status === "NDIS_STATUS_PENDING" && open?.isCompleted !== true)
      this.#owed.push({ key: key(to, from), debtor: to });
  }
}
