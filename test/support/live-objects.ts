import type { ScenarioInput } from "../../src/scenario/schema.js";
import { RACES } from "./live-run.js";

/** AFs with SAPs, calls of both directions and parties, so that the client's lane and the call manager's meet on every one of them. */
export const CALLS: ScenarioInput = {
  ...RACES,
  topology: { machines: 2, adaptersPerMachine: 2, clientsPerAdapter: 2, afs: 12 },
  callManager: [
    {
      kind: "mcm",
      open: { pend: 0.3, fail: 0.1, service: { exponential: "5us" } },
      close: { pend: 0.8, inline: 0.3, service: { exponential: "10us" } },
      objects: {
        sap: { pend: 0.5, service: { exponential: "5us" } },
        call: { pend: 0.5, service: { exponential: "5us" }, fail: 0.1 },
        party: { pend: 0.5, service: { exponential: "3us" } },
      },
    },
    {
      kind: "standalone",
      irql: "PASSIVE_LEVEL",
      close: { pend: 0.8, service: { exponential: "10us" } },
      objects: { vc: { pend: 0.5, service: { exponential: "2us" } } },
    },
  ],
  client: {
    ...RACES.client,
    hold: { exponential: "100us" },
    objects: {
      saps: 2,
      calls: 2,
      incoming: 2,
      parties: 2,
      gap: { exponential: "10us" },
      lasts: { exponential: "20us" },
      remote: 0.5,
      answer: { pend: 0.5, service: { exponential: "5us" }, reject: 0.2 },
    },
  },
};

/** The same with a halt that finds AFs open and calls on them. */
export const HALTED_CALLS: ScenarioInput = {
  ...CALLS,
  client: { ...CALLS.client, hold: { constant: "60s" } },
};
