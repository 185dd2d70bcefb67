/** What virtual time and the handle tables can hold; free of zod, so that a worker may load it. */

/** Virtual time counts ticks in 32 bits. */
export const TICKS_MAX = 2 ** 32 - 1;
export const TICK_NS_MIN = 10;
/** TICKS_MAX ticks of this length are still an exact number of nanoseconds below 2^53. */
export const TICK_NS_MAX = 1e6;
/** A slot number has 27 bits beside an event's kind and generation bits. */
export const AFS_PER_MACHINE_MAX = 2 ** 27;
export const MACHINES_MAX = 4096;
/** Of what may happen at all; a draw has 32 bits. */
export const PROBABILITY_MIN = 2 ** -32;
/** VCs, and SAPs, on an AF: each tears down with a draw of its own, and n has 5 bits (src/contract/MODEL.md "Draws"). */
export const OUTSTANDING_MAX = 31;
/** A Poisson number with this mean exceeds OUTSTANDING_MAX once in 10^10 AFs. */
export const OUTSTANDING_MEAN_MAX = 8;
/** SAPs, VCs for outgoing calls, VCs for incoming ones, and parties added to a call, each (src/contract/MODEL-OBJECTS.md). */
export const OBJECTS_PER_KIND_MAX = 31;
/** Entries of a machine's table of SAPs, of VCs and of parties: an index has as many bits as a slot number. */
export const OBJECTS_PER_TABLE_MAX = 2 ** 27;
