import { NOBODY } from "./object-table.js";

/** An adapter and its call manager, as far as the trace shows them. */
export interface Adapter {
  readonly machine: number;
  /** MCM, STANDALONE, or 0 while the trace has not told. */
  form: number;
  /** Null while the trace has not told whether the call manager is up. */
  isUp: boolean | null;
  registrations: number;
  /** The call manager is going: since when, and by which record; null when it is not. */
  halt: { readonly line: number; readonly timeNs: number } | null;
  readonly bindings: Binding[];
  /** The same by the name of the client. */
  readonly ofClient: Map<string | null, Binding>;
  /** Who holds an address of a SAP: the id of the SAP. */
  readonly addresses: Map<string, number>;
  readonly addressOf: Map<number, string>;
}

/** A client of an adapter. */
export interface Binding {
  readonly index: number;
  readonly adapter: Adapter;
  /** As the trace names the client; null for AFs of which it has not told whose they are. */
  client: string | null;
  /** Null while the trace has not told. */
  isBound: boolean | null;
  /** How often it was notified of a registration since it was bound. */
  notified: number;
  /** Opens that are under way. */
  opening: number;
  /** It is being unbound: since when, and by which record. */
  unbind: { readonly line: number; readonly timeNs: number } | null;
  /** A failed open that NdisUnbindAdapter has not answered yet. */
  failedOpen: { readonly line: number; readonly timeNs: number; readonly id: number } | null;
  /** It has called NdisUnbindAdapter, which answers for every failed open until it is bound again. */
  hasAsked: boolean;
  /** First of its AFs that are not over. */
  afs: number;
}

/** The adapters and bindings of a trace. They stay: a trace has few. */
export class Bindings {
  readonly #machines = new Map<number, Map<number | string | undefined, Adapter>>();
  readonly all: Binding[] = [];

  adapter(machine: number, adapter: number | string | undefined): Adapter {
    let ofMachine = this.#machines.get(machine);
    if (ofMachine === undefined) this.#machines.set(machine, (ofMachine = new Map()));
    let found = ofMachine.get(adapter);
    if (found === undefined) {
      found = {
        machine,
        form: 0,
        isUp: null,
        registrations: 0,
        halt: null,
        bindings: [],
        ofClient: new Map(),
        addresses: new Map(),
        addressOf: new Map(),
      };
      ofMachine.set(adapter, found);
    }
    return found;
  }

  /** The binding of a client to an adapter; with no client, the one of AFs whose client is not known. */
  binding(machine: number, adapter: number | string | undefined, client: string | null): Binding {
    const of = this.adapter(machine, adapter);
    let found = of.ofClient.get(client);
    if (found === undefined) {
      found = {
        index: this.all.length,
        adapter: of,
        client,
        isBound: null,
        notified: 0,
        opening: 0,
        unbind: null,
        failedOpen: null,
        hasAsked: false,
        afs: NOBODY,
      };
      this.all.push(found);
      of.bindings.push(found);
      of.ofClient.set(client, found);
    }
    return found;
  }
}
