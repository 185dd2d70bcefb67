import { MACHINE_OPEN, MACHINE_PEAK_OPEN, MACHINE_PEAK_PENDED, MACHINE_PENDED } from "../abi/layout";

/** Adds to one of the shard's totals. */
@inline
export function addTotal(total: usize, n: u64): void {
  store<u64>(total, load<u64>(total) + n);
}

/** One more AF of the machine is open. */
@inline
export function countOpen(machine: usize): void {
  const open = load<u32>(machine, MACHINE_OPEN) + 1;
  store<u32>(machine, open, MACHINE_OPEN);
  store<u32>(machine, max(open, load<u32>(machine, MACHINE_PEAK_OPEN)), MACHINE_PEAK_OPEN);
}

/** One more close of the machine is pended. */
@inline
export function countPended(machine: usize): void {
  const pended = load<u32>(machine, MACHINE_PENDED) + 1;
  store<u32>(machine, pended, MACHINE_PENDED);
  store<u32>(machine, max(pended, load<u32>(machine, MACHINE_PEAK_PENDED)), MACHINE_PEAK_PENDED);
}
