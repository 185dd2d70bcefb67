import { SAMPLER_CELLS, SAMPLER_OCTAVES } from "../abi/layout";

/** Bits of a draw below the smallest octave: the last octave stands for all that is rarer. */
const LAST_OCTAVE: u64 = 1 << 24;

/** The sample of a draw, in ticks with 16 binary places; see src/contract/MODEL.md "Samples". */
@inline
export function sampleValue(sampler: usize, u: u64): u64 {
  const survival = u | LAST_OCTAVE;
  const octave = clz(survival);
  const rest = survival << (octave + 1);
  const cell = sampler + ((((SAMPLER_OCTAVES - 1 - octave) << 6) | (rest >>> 58)) << 3) as usize;
  const low = load<u64>(cell, SAMPLER_CELLS);
  return low - (((low - load<u64>(cell, SAMPLER_CELLS + 8)) * ((rest >>> 42) & 0xffff)) >>> 16);
}

/** The sample in whole ticks, rounded without bias by bits of the draw that chose no cell. */
@inline
export function sampleTicks(sampler: usize, u: u64): u64 {
  return (sampleValue(sampler, u) + (u & 0xffff)) >>> 16;
}
