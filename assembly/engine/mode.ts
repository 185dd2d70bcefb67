// The loop is written once and compiled twice. The mode is a type, so that what a mode does not need is gone at compile time.
// What needs neither of them runs in a loop of its own (plain.ts).

/** Everything but trace. */
export type General = u16;
/** Everything. */
export type Traced = u32;

/** The same on lanes, where other threads play the same AFs (assembly/live). */
export type Lane = i16;
export type TracedLane = i32;

/** Whether a mode is one of lanes; known when it is compiled. */
@inline
export function isLane<M>(): bool {
  return isSigned<M>();
}

/** Whether a mode writes trace records; known when it is compiled. */
@inline
export function isTraced<M>(): bool {
  return sizeof<M>() == 4;
}
