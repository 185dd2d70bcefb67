import { MEMORY_BYTES_MAX } from "../kernel/memory-map.js";
import { firstAfOf, slotCountOf } from "../kernel/topology.js";
import type { MachineOutcome, Violation } from "../measure/outcome.js";
import { planMachineAgain, type RunPlan, type ShardPlan } from "./plan.js";

/**
 * Plans which machines are run again for the histories of violations: each once, and each as a shard of its own.
 *
 * @param violations the first of each rule
 * @param machines of the run that is over
 */
export function planHistories(
  plan: RunPlan,
  violations: readonly Violation[],
  machines: readonly MachineOutcome[],
): RunPlan {
  const { topology } = plan.scenario;
  const ends = new Map(machines.map(({ machine, endTick }) => [machine, endTick]));
  const byMachine = new Map<number, Violation[]>();
  for (const violation of violations) {
    const { machine, slot } = violation;
    // The slot of an adapter without AFs belongs to another.
    if (slot >= slotCountOf(topology, machine)) continue;
    byMachine.set(machine, [...(byMachine.get(machine) ?? []), violation]);
  }
  const shards = [...byMachine]
    .map(([machine, ofMachine]) => planMachine(plan, machine, ofMachine, ends.get(machine) ?? 0))
    .filter(({ memoryBytes }) => memoryBytes <= MEMORY_BYTES_MAX)
    .map((shard, index) => ({ ...shard, shard: index }));
  return {
    ...plan,
    shards,
    memoryBytes: shards.reduce((bytes, shard) => bytes + shard.memoryBytes, 0),
    horizonTicks: Math.max(0, ...shards.map(({ history }) => history?.lastTick ?? plan.horizonTicks)),
  };
}

function planMachine(
  { scenario }: RunPlan,
  machine: number,
  violations: readonly Violation[],
  endTick: number,
): ShardPlan {
  const firstAf = firstAfOf(scenario.topology, machine);
  const afs = violations.map(({ slot }) => ({ from: firstAf + slot, to: firstAf + slot }));
  const lastTick = Math.max(...violations.map(({ tick }) => tick));
  const history = { violations, lastTick: lastTick < endTick ? lastTick : null };
  return planMachineAgain(scenario, machine, { afs, timeNs: null }, history);
}
