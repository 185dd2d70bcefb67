import type { RunPlan } from "../../src/run/plan.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { PLAIN_SCENARIO } from "./plain-scenario.js";

const PAGE_BYTES = 65_536;

/** A scenario of which only the name and the topology count. */
export function fakeScenario(name: string, machines = 2): Scenario {
  return { ...PLAIN_SCENARIO, name, topology: { ...PLAIN_SCENARIO.topology, machines, afs: 1000 * machines } };
}

/** A plan with one machine a shard and one page of memory each. */
export function fakePlan(name: string, shardCount = 2): RunPlan {
  const scenario = fakeScenario(name, shardCount);
  return {
    scenario,
    shards: Array.from({ length: shardCount }, (_, shard) => ({
      shard,
      scenario,
      firstMachine: shard,
      machineCount: 1,
      memoryBytes: PAGE_BYTES,
      trace: null,
    })),
    memoryBytes: shardCount * PAGE_BYTES,
    horizonTicks: 10_000,
    expectedEvents: 20,
    expectedTraceRecords: 100,
  };
}
