// The kernel's exports. Addresses and counts are u32; memory is laid out by the host (abi/layout.ts).
import { MACHINE_ADAPTERS } from "./abi/layout";
import { advance, advanceGeneral } from "./engine/loop";
import { General, Traced } from "./engine/mode";
import { advancePlain } from "./engine/plain";
import { judgeEnd, start } from "./engine/start";
import { bind, leaveFreeList, unbind } from "./ndis/bindings";
import { haltAdapter } from "./ndis/halt";
import { measureWindow } from "./measure/ordering";
import { beginSeries, recordMachine, recordMoment, repeatMoment, thinMoments } from "./measure/series";
import { callManagerOf } from "./table/handle-table";

export function startGeneral(machine: usize, from: u32, to: u32): void {
  start<General>(machine, from, to);
}

export function startTraced(machine: usize, from: u32, to: u32): void {
  start<Traced>(machine, from, to);
}

export function advanceTraced(machine: usize, until: u32, budget: u32): u32 {
  return advance<Traced>(machine, until, budget);
}

export function haltGeneral(machine: usize, adapter: u32): void {
  haltAdapter<General>(machine, adapter);
}

export function haltTraced(machine: usize, adapter: u32): void {
  haltAdapter<Traced>(machine, adapter);
}

export function unbindGeneral(machine: usize, adapter: u32, client: u32): void {
  unbind<General>(machine, adapter, client);
}

export function unbindTraced(machine: usize, adapter: u32, client: u32): void {
  unbind<Traced>(machine, adapter, client);
}

export function bindGeneral(machine: usize, adapter: u32, client: u32): void {
  bind<General>(machine, adapter, client);
}

export function bindTraced(machine: usize, adapter: u32, client: u32): void {
  bind<Traced>(machine, adapter, client);
}

/** Measures the windows that are not full, at the end of a warm-up or a run. */
export function measureWindows(machine: usize): void {
  const adapters = load<u32>(machine, MACHINE_ADAPTERS);
  for (let adapter: u32 = 0; adapter < adapters; adapter++) {
    measureWindow(callManagerOf(machine, adapter));
  }
}

export {
  advanceGeneral,
  advancePlain,
  beginSeries,
  judgeEnd,
  leaveFreeList,
  recordMachine,
  recordMoment,
  repeatMoment,
  thinMoments,
};
