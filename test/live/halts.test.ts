import { describe, expect, it } from "vitest";
import type { TraceEvent } from "../../src/contract/checker/event.js";
import { DISPATCHES } from "../../src/run/live-plan.js";
import { liveTraceLines } from "../../src/run/live-trace.js";
import type { ScenarioInput } from "../../src/scenario/schema.js";
import { countCalls, isBusy, playUntil, RACES, type LiveRun } from "../support/live-run.js";
import { expectWhole } from "../support/whole-run.js";

const SEEDS = Number(process.env["CONDIS_LIVE_SEEDS"] ?? 1);
const ADAPTERS = 4;

function recordsOf({ plan, execution }: LiveRun): TraceEvent[] {
  return Array.from(liveTraceLines(execution.memory, plan), (text) => JSON.parse(text) as TraceEvent);
}

/** Closes that take long, so that a halt meets some of them. */
const CLOSING: ScenarioInput = {
  ...RACES,
  callManager: (["mcm", "standalone"] as const).map((kind) => ({
    kind,
    open: { pend: 0.2, service: { exponential: "5us" } },
    close: { pend: 0.9, inline: 0.2, service: { exponential: "30us" } },
    notify: { closing: true },
  })),
};

describe.each(DISPATCHES)("call managers on lanes that hand over by %s", (dispatch) => {
  it.each([1, 2, 4])("notify also of AFs whose close they complete at that moment, on %i lanes", async (lanes) => {
    const NOTIFIES = new Set(["NdisMCmNotifyCloseAddressFamily", "NdisCmNotifyCloseAddressFamily"]);
    let failed = 0;
    for (let seed = 1; seed <= SEEDS || failed === 0; seed++) {
      const run = await playUntil(isBusy, { ...CLOSING, seed }, { lanes, dispatch });
      const returns = recordsOf(run).filter(({ op, call }) => op === "return" && NOTIFIES.has(call ?? ""));

      expectWhole(run, `seed ${seed}`);
      failed += returns.filter(({ status }) => status === "NDIS_STATUS_FAILURE").length;
      expect(seed).toBeLessThan(40);
    }
  });
});

describe("a halt", () => {
  it("ends when the last AF of its adapter has ended, wherever that was", async () => {
    for (let seed = 1; seed <= SEEDS + 2; seed++) {
      const run = await playUntil(isBusy, { ...RACES, seed }, { lanes: 4 });

      expectWhole(run, `seed ${seed}`);
      expect(countCalls(run, "MiniportHaltEx", "return")).toBe(ADAPTERS / 2);
      expect(countCalls(run, "NdisCloseAdapterEx")).toBe(ADAPTERS / 2);
      expect(countCalls(run, "NdisCompleteUnbindAdapterEx", "return")).toBe(ADAPTERS / 2);
    }
  });

  it("does not end while a notification is never completed", async () => {
    const lost: ScenarioInput = {
      ...RACES,
      client: { hold: { constant: "60s" }, notify: { pend: 1 } },
      faults: [{ kind: "lost-notify-completion", rate: 1 }],
    };
    const isOpened = ({ execution }: LiveRun): boolean => execution.outcome.totals.opens > 0;
    const run = await playUntil(isOpened, lost);

    expect(countCalls(run, "MiniportHaltEx", "return")).toBeLessThan(ADAPTERS / 2);
  });
});

describe("a client that waits for the completion of its close", () => {
  it.each([1, 4])("is woken when it is told, and holds nobody up, on %i lanes", async (lanes) => {
    const run = await playUntil(isBusy, { ...RACES, client: { ...RACES.client, wait: 0.5 } }, { lanes });
    const acts = recordsOf(run).map(({ op }) => op);
    const count = (wanted: string): number => acts.filter((op) => op === wanted).length;

    expectWhole(run, "");
    expect(count("wait")).toBeGreaterThan(0);
    expect(count("wake")).toBe(count("wait"));
  });
});
