import { SHARD_READINGS } from "../abi/layout";

/** Whether a scenario reads the contract in the second way, of the two that the documents leave (src/contract/MODEL-DRIVERS.md "Readings"). */
@inline
export function hasReading(reading: u32): bool {
  return (load<u32>(SHARD_READINGS) & reading) != 0;
}
