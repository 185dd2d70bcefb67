import { SHARD_TRAP, SHARD_TRAP_DETAIL } from "../abi/layout";

/** Stores why the kernel cannot go on, then traps; src/kernel/trap.ts has the texts. */
export function trap(code: u32, detail: u32): void {
  store<u32>(SHARD_TRAP, code);
  store<u32>(SHARD_TRAP_DETAIL, detail);
  unreachable();
}
