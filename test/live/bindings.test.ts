import { describe, expect, it } from "vitest";
import { DISPATCHES } from "../../src/run/live-plan.js";
import type { ScenarioInput } from "../../src/scenario/schema.js";
import { countCalls, isBusy, playUntil, RACES, readAfs, type LiveRun } from "../support/live-run.js";
import { expectWhole } from "../support/whole-run.js";

/** Clients are unbound and bound again while all lanes open and close their AFs; the last two waves come at one time. */
const REBIND: ScenarioInput = {
  ...RACES,
  phases: [
    { run: "4ms" },
    { unbind: { clients: "0-1" } },
    { run: "1ms" },
    { bind: { clients: "0-1" } },
    { run: "2ms" },
    { unbind: { clients: "1-2" } },
    { bind: { clients: "all" } },
    { run: "2ms" },
    { drain: "5s" },
  ],
};
const ADAPTERS = 4;
const CLIENTS = 16;
const SEEDS = Number(process.env["CONDIS_LIVE_SEEDS"] ?? 1);

/** Every unbinding has ended, and a bind has followed; a wave that meets the one before it in the midst is one with it. */
function expectBoundAgain(run: LiveRun): void {
  const ofCallManagers = ADAPTERS / 2;
  const unbinds = countCalls(run, "ProtocolUnbindAdapterEx");
  expect(unbinds).toBeGreaterThan(0);
  expect(countCalls(run, "NdisCloseAdapterEx")).toBe(unbinds);
  expect(countCalls(run, "NdisCompleteUnbindAdapterEx")).toBe(unbinds);
  // The call managers and all clients were bound at the start.
  expect(countCalls(run, "ProtocolBindAdapterEx")).toBe(ofCallManagers + CLIENTS + unbinds);
  expect(countCalls(run, "ProtocolCoAfRegisterNotify")).toBe(CLIENTS + unbinds);
}

describe.each(DISPATCHES)("clients on lanes that hand over by %s", (dispatch) => {
  it.each([1, 2, 4])("are unbound and bound again in the midst of work, on %i lanes", async (lanes) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      // What is open at the drain is closed by its holds.
      const run = await playUntil(isBusy, { ...REBIND, seed }, { lanes, dispatch });

      expectWhole(run, `seed ${seed}`);
      expectBoundAgain(run);
    }
  });

  it.each([1, 4])("are unbound while arrivals open their AFs, on %i lanes", async (lanes) => {
    const arriving: ScenarioInput = {
      ...REBIND,
      client: { hold: { exponential: "10us" }, arrivals: { poisson: "2M/s" } },
    };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = await playUntil(isBusy, { ...arriving, seed }, { lanes, dispatch });

      expectWhole(run, `seed ${seed}`);
      expectBoundAgain(run);
    }
  });

  it.each([2, 4])("are unbound while their adapters halt, on %i lanes", async (lanes) => {
    const halting: ScenarioInput = {
      ...REBIND,
      client: { ...REBIND.client, notify: { pend: 0.5 } },
      phases: [
        { run: "4ms" },
        { unbind: { clients: "0-1" } },
        { halt: { adapters: "0-1" } },
        { bind: { clients: "0-1" } },
        { run: "1ms" },
        { halt: { adapters: "all" } },
        { unbind: { clients: "all" } },
        { bind: { clients: "all" } },
        { drain: "5s" },
      ],
    };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = await playUntil(isBusy, { ...halting, seed }, { lanes, dispatch });

      expectWhole(run, `seed ${seed}`);
      expect(countCalls(run, "MiniportHaltEx", "return")).toBe(ADAPTERS / 2);
    }
  });
});

describe("an unbind", () => {
  it("opens every slot of the client again when it is bound, also of clients that do not reopen", async () => {
    const once: ScenarioInput = {
      ...RACES,
      callManager: { close: { pend: 1, service: { exponential: "20us" } } },
      client: { hold: { constant: "60s" }, reopen: false },
      phases: [
        { run: "1ms" },
        { unbind: {} },
        { run: "50ms" },
        { bind: {} },
        { run: "50ms" },
        { unbind: {} },
        { drain: "5s" },
      ],
    };
    const isTwice = (one: LiveRun): boolean => readAfs(one).every(({ generation }) => generation === 2);

    // A lane that begins late unbinds clients before they have opened anything.
    expectWhole(await playUntil(isTwice, once, { lanes: 4 }), "");
  });

  it("leaves the clients of other numbers alone", async () => {
    const run = await playUntil(isBusy, {
      ...REBIND,
      phases: [{ run: "4ms" }, { unbind: { adapters: 1, clients: 3 } }, { drain: "5s" }],
    });

    expectWhole(run, "");
    expect(countCalls(run, "NdisCompleteUnbindAdapterEx")).toBe(1);
  });

  it("comes in a scenario that only binds to nothing", async () => {
    const run = await playUntil(isBusy, {
      ...REBIND,
      phases: [{ run: "4ms" }, { bind: {} }, { run: "1ms" }, { drain: "5s" }],
    });

    expectWhole(run, "");
    expect(countCalls(run, "ProtocolBindAdapterEx")).toBe(ADAPTERS / 2 + CLIENTS);
  });
});
