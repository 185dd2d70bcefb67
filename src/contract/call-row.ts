import type { CallManagerKind, Irql } from "../scenario/scenario.js";

/** A role of the contract, as in the first part of a trace's party names. */
export type Role = "client" | "cm" | "ndis";

/** One call of an address family's life, or of the binding that it hangs on. */
export interface ContractCall {
  readonly from: Role;
  /** A client also calls its own completion function, when NDIS does not (open/completes-once, close/completes-once). */
  readonly to: Role;
  /** The highest IRQL that the page's `req.irql` allows. */
  readonly irqlMax: Irql;
  /** Page of the NDIS DDI reference. */
  readonly page: string;
  /** The only kind of call manager that may make this call, or that NDIS makes it to; null when it is open to both. */
  readonly callManagerKind: CallManagerKind | null;
}

const row =
  (irqlMax: Irql) =>
  (from: Role, to: Role, page: string, callManagerKind: CallManagerKind | null = null): ContractCall => ({
    from,
    to,
    irqlMax,
    page,
    callManagerKind,
  });

/** Only at PASSIVE_LEVEL. */
export const passive = row("PASSIVE_LEVEL");
/** Up to DISPATCH_LEVEL. */
export const dispatch = row("DISPATCH_LEVEL");
