/** The built-in scenarios with SAPs, VCs, calls and parties. */
import { objectFaultIds, type ObjectFaultId } from "../contract/faults.js";
import type { ScenarioInput } from "./schema.js";

/** Adapters halt in the midst of calls, so that these are closed because of a notification. 220k events, and 19M calls. */
export const callsAndParties: ScenarioInput = {
  name: "calls-and-parties",
  description: "What does a close wait for when its client first drops parties, closes calls and deregisters SAPs?",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "16k" },
  callManager: [
    {
      kind: "mcm",
      open: { pend: 0.2, service: { exponential: "50us" } },
      close: { pend: 0.9, service: { exponential: "100us" } },
      objects: { call: { pend: 0.8, fail: 0.05 }, vc: { pend: 0.2 } },
    },
    {
      kind: "standalone",
      irql: "PASSIVE_LEVEL",
      open: { pend: 0.2, service: { exponential: "50us" } },
      close: { pend: 0.9, service: { exponential: "100us" } },
      objects: { sap: { pend: 0.5 }, call: { fail: 0.05 }, vc: { pend: 0.5 }, party: { pend: 0.5 } },
    },
  ],
  client: {
    notify: { pend: 0.5 },
    hold: { exponential: "3ms" },
    think: { exponential: "100us" },
    objects: {
      saps: 1,
      calls: 2,
      incoming: 1,
      parties: 2,
      gap: { exponential: "500us" },
      lasts: { exponential: "1ms" },
      answer: { pend: 0.7, service: { exponential: "100us" }, reject: 0.1 },
    },
  },
  phases: [
    { run: "10ms" },
    { halt: { adapters: "0-3" } },
    { run: "10ms" },
    { halt: { adapters: "all" } },
    { drain: "1s" },
  ],
};

/** Faults whose opportunities are rare have rates of their own. */
const RATES: Readonly<Partial<Record<ObjectFaultId, number>>> = { "sap-in-use": 0.01, "drop-last": 0.003 };

/** Every fault with them. 125k events, and 8M calls. */
export const faultyCalls: ScenarioInput = {
  name: "faulty-calls",
  description: "Which rules do drivers break that make every mistake there is with SAPs, VCs, calls and parties?",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "16k" },
  callManager: [
    { kind: "mcm", objects: { sap: { pend: 0.5 }, call: { pend: 0.5, fail: 0.05 }, vc: { pend: 0.3 } } },
    {
      kind: "standalone",
      irql: "PASSIVE_LEVEL",
      objects: { call: { pend: 0.5, fail: 0.05 }, vc: { pend: 0.3 }, party: { pend: 0.5 } },
    },
  ],
  client: {
    hold: { exponential: "2ms" },
    think: { exponential: "20us" },
    objects: {
      saps: 1,
      calls: 1,
      incoming: 1,
      parties: 1,
      gap: { exponential: "200us" },
      lasts: { exponential: "500us" },
      answer: { pend: 0.5, reject: 0.1 },
    },
  },
  phases: [{ run: "10ms" }, { drain: "1s" }],
  faults: [...objectFaultIds].map((kind) => ({ kind, rate: RATES[kind as ObjectFaultId] ?? 1e-3 })),
};
