// The loop is written once and compiled three times. The mode is a type, so that what a mode does not need is gone
// at compile time.

/**
 * The hot path: every close is pended, served at once without limit, completed at no cost; opens are synchronous, think is 0;
 * no arrivals, faults or trace. src/run/shard.ts decides who gets it.
 */
export type Plain = u8;
/** Everything but trace. */
export type General = u16;
/** Everything. */
export type Traced = u32;

@inline
export function isPlain<M>(): bool {
  return sizeof<M>() == 1;
}

@inline
export function isTraced<M>(): bool {
  return sizeof<M>() == 4;
}
