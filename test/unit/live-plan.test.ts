import { describe, expect, it } from "vitest";
import { LANE_BYTES, LANE_INDEX } from "../../assembly/abi/lane-layout.js";
import { MACHINE_BYTES } from "../../assembly/abi/layout.js";
import { agendaOf, planLive, type LiveOptions } from "../../src/run/live-plan.js";
import { plainScenario } from "../support/plain-scenario.js";

const WAYS: LiveOptions = { lanes: 3, dispatch: "spsc", pace: "free", traced: false };

describe("the plan of a live run", () => {
  it("puts the adapters of all machines on one", () => {
    const scenario = plainScenario({
      topology: { machines: 4, adaptersPerMachine: 2, clientsPerAdapter: 3, afs: 100 },
    });
    const { topology } = planLive(scenario, WAYS).scenario;

    expect(topology).toEqual({ machines: 1, adaptersPerMachine: 8, clientsPerAdapter: 3, afs: 100 });
  });

  it("gives lanes headers of their own, behind that of a machine", () => {
    const { map } = planLive(plainScenario({}), WAYS);
    const headers = map.lanes.map(({ header }) => header);

    expect(MACHINE_BYTES).toBeLessThanOrEqual(LANE_INDEX);
    expect(headers[1]! - headers[0]!).toBeGreaterThanOrEqual(LANE_BYTES);
    expect(headers.every((header) => header % 128 === 0)).toBe(true);
    expect(map.lanes.every((lane) => lane.chunks % lane.chunkBytes === 0)).toBe(true);
  });

  it("asks lanes for what the phases say, at its time", () => {
    const scenario = plainScenario({
      phases: [
        { kind: "warmup", ns: 1000 },
        { kind: "run", ns: 2000 },
        { kind: "halt", adapters: [{ from: 1, to: 9 }] },
        { kind: "drain", ns: 500 },
      ],
    });
    const { tickNs, topology } = scenario;

    expect(agendaOf(scenario)).toEqual([
      { tick: 1000 / tickNs, what: "reset", from: 0, to: 0, clientsFrom: 0, clientsTo: 0 },
      {
        tick: 3000 / tickNs,
        what: "halt",
        from: 1,
        to: Math.min(10, topology.adaptersPerMachine),
        clientsFrom: 0,
        clientsTo: 0,
      },
      { tick: 3000 / tickNs, what: "drain", from: 0, to: 0, clientsFrom: 0, clientsTo: 0 },
      { tick: 3500 / tickNs, what: "stop", from: 0, to: 0, clientsFrom: 0, clientsTo: 0 },
    ]);
  });
});
