import fs from "node:fs";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { STATE_VACANT } from "../../assembly/abi/codes.js";
import { LANE_FREE } from "../../assembly/abi/lane-layout.js";
import { AF_BYTES, AF_LINK } from "../../assembly/abi/layout.js";
import type { LiveOptions } from "../../src/run/live-plan.js";
import type { ScenarioInput } from "../../src/scenario/schema.js";
import { useFolder } from "../support/cli.js";
import { brokenIn, checkTrace, playLive, RACES, readAfs, type LiveRun } from "../support/live-run.js";
import { compileKernel, type PlantedMistake } from "../support/wrong-kernel.js";

const inFolder = useFolder();

/** Small, and at its end nothing is open. */
const SCENARIOS = {
  races: RACES,
  /** Slots are given and taken by arrivals. */
  arrivals: {
    ...RACES,
    topology: { machines: 1, adaptersPerMachine: 2, clientsPerAdapter: 1, afs: 24 },
    callManager: { close: { pend: 0.8, service: { exponential: "20us" } } },
    client: { hold: { exponential: "10us" }, arrivals: { poisson: "1M/s" } },
    phases: [{ run: "5ms" }, { drain: "5s" }],
  },
  /** Twice as many closes as a ring has room for. */
  burst: {
    name: "burst",
    topology: { machines: 1, adaptersPerMachine: 2, clientsPerAdapter: 1, afs: 65_536 },
    callManager: { close: { pend: 1, service: { exponential: "20us" } } },
    client: { hold: { constant: "1us" }, reopen: false },
    phases: [{ run: "200ms" }, { drain: "5s" }],
  },
  /** Latencies are counted from the end of a warm-up on. */
  warmed: { ...RACES, phases: [{ warmup: "5ms" }, { run: "10ms" }, { halt: { adapters: "all" } }, { drain: "5s" }] },
  /** Lanes sleep while completions are not due. */
  slow: {
    ...RACES,
    callManager: { close: { pend: 1, service: { constant: "30ms" } } },
    client: { hold: { constant: "1ms" }, reopen: false },
    phases: [{ run: "10ms" }, { drain: "5s" }],
  },
  doubled: { ...RACES, faults: [{ kind: "double-complete", rate: 0.2 }] },
} as const satisfies Readonly<Record<string, ScenarioInput>>;

interface WrongLanes extends PlantedMistake {
  readonly mistake: string;
  /** In which it shows. */
  readonly scenario: keyof typeof SCENARIOS;
  readonly ways?: Partial<LiveOptions>;
}

/** Mistakes that show whenever they are made: one that needs two threads within a few nanoseconds of each other would be found one day and not the next. */
const WRONG_LANES: readonly WrongLanes[] = [
  {
    mistake: "a reader that takes what is not published",
    file: "live/rings.ts",
    right: "atomic.load<u32>(ring, RING_TAIL) - taken, limit)",
    wrong: "atomic.load<u32>(ring, RING_TAIL) + 1 - taken, limit)",
    scenario: "races",
  },
  {
    mistake: "a lock that is given back before the list is changed",
    file: "live/rings.ts",
    right: "store<u32>(shared, tail + 1, SHARED_LIST_TAIL);\n  atomic.store<u32>(shared, 0, SHARED_LOCK);",
    wrong: "atomic.store<u32>(shared, 0, SHARED_LOCK);\n  store<u32>(shared, tail + 1, SHARED_LIST_TAIL);",
    scenario: "burst",
    ways: {
      dispatch: "lock",
    },
  },
  {
    mistake: "a lock that is not taken",
    file: "live/rings.ts",
    right: "if (atomic.cmpxchg<u32>(shared, 0, own, SHARED_LOCK) == 0) return true;",
    wrong: "if (own) return true;",
    scenario: "burst",
    ways: {
      dispatch: "lock",
    },
  },
  {
    mistake: "a generation that is not counted",
    file: "live/opens.ts",
    right: "const generation = generationOf(vacant) + 1;",
    wrong: "const generation = max<u32>(1, generationOf(vacant));",
    scenario: "races",
  },
  {
    mistake: "a completion of which the client is told twice",
    file: "live/completions.ts",
    right: "  if (!hangs) traceReturn<M>(lane, call, slot, word, STATUS_NONE, frame, irql);",
    wrong:
      "  traceTold<M>(lane, OP_CALL, slot, word, frame, irql, isInline);\n  if (!hangs) traceReturn<M>(lane, call, slot, word, STATUS_NONE, frame, irql);",
    scenario: "races",
  },
  {
    mistake: "a completion that is counted twice",
    file: "live/completions.ts",
    right: "  count(lane, TOTAL_CLOSE_TOLD, 1);\n  addPended",
    wrong: "  count(lane, TOTAL_CLOSE_TOLD, 2);\n  addPended",
    scenario: "races",
  },
  {
    mistake: "a latency that is counted twice",
    file: "live/completions.ts",
    right: "  countLatency(load<u32>(lane, LANE_CLOSE_COUNTS), latency);",
    wrong:
      "  countLatency(load<u32>(lane, LANE_CLOSE_COUNTS), latency);\n  countLatency(load<u32>(lane, LANE_CLOSE_COUNTS), latency);",
    scenario: "races",
  },
  {
    mistake: "a completion inside of the close of which nobody tells after its return",
    file: "live/closes.ts",
    right: "  swap(lane, slot, early, vacant);",
    wrong: "",
    scenario: "races",
  },
  {
    mistake: "a free list that loses a slot on stealing",
    file: "live/free-list.ts",
    right: "    if (slot == NO_SLOT) continue;\n    countOwn(lane, LANE_TOTAL_STOLEN, 1);",
    wrong:
      "    if (slot == NO_SLOT) continue;\n    takeFrom(lane, load<u32>(shared, SHARED_FIRST_LANE) + victim * load<u32>(shared, SHARED_LANE_BYTES));\n    countOwn(lane, LANE_TOTAL_STOLEN, 1);",
    scenario: "arrivals",
  },
  {
    mistake: "a drain that ends while items are under way",
    file: "live/idle.ts",
    right: "return under == 0 ? (all as i64) : -1;",
    wrong: "return all as i64;",
    scenario: "races",
  },
  {
    mistake: "a drain that ends while another lane has events",
    file: "live/idle.ts",
    right:
      "if (atomic.load<u32>(other, MACHINE_QUEUED) != 0 || atomic.load<u32>(other, MACHINE_DRAINING) == 0) return -1;",
    wrong: "if (atomic.load<u32>(other, MACHINE_DRAINING) == 0) return -1;",
    scenario: "slow",
    ways: {
      pace: "wall",
    },
  },
  {
    mistake: "events of which a batch loses the last one",
    file: "live/lane-queue.ts",
    right: "    if (first == end) {\n      first",
    wrong: "    if (first == end) {\n      if (to == limit) to -= LANE_EVENT_BYTES;\n      first",
    scenario: "burst",
  },
  {
    mistake: "a warm-up whose latencies are kept",
    file: "live/measures.ts",
    right: "  memory.fill(counts, 0, load<u32>(lane, LANE_COUNTS_BYTES));",
    wrong: "",
    scenario: "warmed",
  },
  {
    mistake: "a time series that begins with what a warm-up counted",
    file: "live/measures.ts",
    right: "  beginMoments(lane);",
    wrong: "",
    scenario: "warmed",
  },
  {
    mistake: "a time series without its last step",
    file: "live/moments.ts",
    right:
      "  if (hasChanged(lane)) record(lane, load<u64>(lane, LANE_MOMENT_NEXT) - (load<u32>(lane, LANE_MOMENT_FROM) as u64), true);",
    wrong: "",
    scenario: "races",
  },
  {
    mistake: "a close that is handed to the client's lane instead of the call manager's",
    file: "live/closes.ts",
    right: "  send(lane, laneOfAdapter(lane, adapterOf(placeOf(lane, slot))), itemOf(slot, ITEM_CLOSE, word));",
    wrong: "  send(lane, laneOfClient(lane, clientOf(lane, placeOf(lane, slot))), itemOf(slot, ITEM_CLOSE, word));",
    scenario: "races",
  },
];

/** Slots on the lanes' free lists. */
function countFree({ plan: { map }, execution }: LiveRun): number {
  const view = new DataView(execution.memory.buffer);
  let count = 0;
  for (const { header } of map.lanes) {
    let next = view.getUint32(header + LANE_FREE, true);
    for (; next !== 0; next = view.getUint32(map.machine.table + (next - 1) * AF_BYTES + AF_LINK, true)) count++;
  }
  return count;
}

/** What is wrong with a run at whose end nothing is open; empty when nothing is. */
function faultsOf(run: LiveRun, expected: readonly string[]): string[] {
  const { totals, machines, series, ordering, close, open } = run.execution.outcome;
  const afs = readAfs(run);
  const wrong: string[] = [];
  const say = (holds: boolean, text: string): void => void (holds || wrong.push(text));
  const broken = brokenIn(run);
  say(
    Object.keys(broken).every((rule) => expected.includes(rule)),
    `rules broken: ${Object.keys(broken).join()}`,
  );
  say(run.execution.complete, "not complete");
  say(machines[0]?.openAtEnd === 0 && machines[0]?.pendedAtEnd === 0, "something is left open");
  say(
    afs.every(({ state }) => state === STATE_VACANT),
    "an AF is not vacant",
  );
  const generations = afs.reduce((sum, { generation }) => sum + generation, 0);
  say(generations === totals.lifecycles + totals.failedOpens, "generations and lifecycles differ");
  say(totals.lifecycles === totals.opens, "opens and lifecycles differ");
  say(totals.completions === totals.pendedCloses, "completions and pended closes differ");
  say(ordering.completions === close.total.count, "order and latency count different completions");
  const measured = series?.steps.reduce((sum, { completions }) => sum + completions, 0);
  say(measured === close.total.count, "series and latency count different completions");
  say(
    series?.steps.at(-1)?.pendedAtEnd === 0 && series.steps.at(-1)?.openAtEnd === 0,
    "the series ends with something open",
  );
  if (run.plan.scenario.arrivals !== null) say(countFree(run) === afs.length, "a free slot is on no list");
  say(open.total.count <= totals.opens, "more open latencies than opens");
  if (run.plan.traced) {
    const verdict = checkTrace(run);
    say(JSON.stringify(verdict.byRule) === JSON.stringify(broken), `the trace says ${JSON.stringify(verdict.byRule)}`);
    say(verdict.undecided === 0, "the trace leaves something undecided");
  }
  return wrong;
}

async function play({ scenario, ways }: WrongLanes, kernelFile: URL): Promise<string[]> {
  const value = SCENARIOS[scenario];
  const expected = scenario === "doubled" ? ["close/double-complete"] : [];
  try {
    const traced = scenario !== "burst";
    return faultsOf(await playLive(value, { lanes: 3, traced, ...ways }, { kernelFile, stuckMs: 2000 }), expected);
  } catch (error) {
    return [String(error)];
  }
}

describe("a mistake in the kernel of lanes", () => {
  it.each(WRONG_LANES.map((wrong) => [wrong.mistake, wrong] as const))("is found: %s", async (_, wrong) => {
    const file = inFolder("wrong.wasm");
    fs.writeFileSync(file, await compileKernel(wrong, "assembly/live/asconfig.json"));
    let found: string[] = [];
    for (let time = 0; time < 5 && found.length === 0; time++) found = await play(wrong, pathToFileURL(file));

    expect(found).not.toEqual([]);
  });

  it.each(Object.keys(SCENARIOS))("is not found in %s where there is none", async (scenario) => {
    const file = inFolder("right.wasm");
    fs.writeFileSync(file, await compileKernel(null, "assembly/live/asconfig.json"));
    const found = await play({ scenario } as WrongLanes, pathToFileURL(file));

    expect(found).toEqual([]);
  });
});
