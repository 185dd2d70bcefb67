/**
 * Randomness without a stream: a draw is a pure function of what it is for (MODEL.md, "Draws"). This is the plain BigInt
 * form, which the reference model uses; the kernel has its own.
 */

const MASK_64 = (1n << 64n) - 1n;

/** 2^64 / golden ratio, odd: consecutive multiples are far apart. */
const GOLDEN_GAMMA = 0x9e3779b97f4a7c15n;

/** What a draw is for. */
export const PURPOSE = {
  hold: 1,
  think: 2,
  openPends: 3,
  openService: 4,
  closePends: 5,
  inline: 6,
  closeService: 7,
  arrival: 8,
  serverChoice: 9,
  openFails: 10,
  vcs: 11,
  saps: 12,
  vcTeardown: 13,
  sapTeardown: 14,
  clientWaits: 15,
  notifyPends: 16,
  closeRefused: 17,
  operationPends: 18,
  operationService: 19,
  callFails: 20,
  callLasts: 21,
  remote: 22,
  gap: 23,
} as const;

/** The purpose of the scenario's fault with this index in `scenario.faults`. */
export function faultPurpose(fault: number): number {
  return 32 + fault;
}

/** Generations occupy 27 bits of a draw's argument; a slot with this generation is not opened again. */
export const GENERATION_MAX = 2 ** 27 - 1;

function rotateRight(x: bigint, bits: bigint): bigint {
  return ((x >> bits) | (x << (64n - bits))) & MASK_64;
}

/** The bijection of 64-bit numbers named NASAM (Pelle Evensen, 2019). */
export function mix(x: bigint): bigint {
  x ^= rotateRight(x, 25n) ^ rotateRight(x, 47n);
  x = (x * 0x9e6c63d0676a9a99n) & MASK_64;
  x ^= (x >> 23n) ^ (x >> 51n);
  x = (x * 0x9e6d62d06f6a9a9bn) & MASK_64;
  return x ^ (x >> 23n) ^ (x >> 51n);
}

/** The key of all draws for one purpose on one machine. `seed` is 0 to 2^53 - 1. */
export function machineKey(seed: number, machine: number, purpose: number): bigint {
  const ofSeed = mix((BigInt(seed) + GOLDEN_GAMMA) & MASK_64);
  const ofMachine = mix((ofSeed + BigInt(machine + 1) * GOLDEN_GAMMA) & MASK_64);
  return mix((ofMachine + BigInt(purpose) * GOLDEN_GAMMA) & MASK_64);
}

/** Draws 64 bits for a number below 2^64 counted under the key, such as an arrival. */
export function drawNumbered(key: bigint, number: bigint): bigint {
  return mix(key ^ number);
}

/**
 * Draws 64 bits for a generation of an object.
 * @param object below 2^32: a slot, or an adapter for a server's choice
 * @param generation below 2^27
 * @param n 0 to 31: tells apart several draws for one purpose
 */
export function draw(key: bigint, object: number, generation: number, n: number): bigint {
  return drawNumbered(key, (BigInt(object) << 32n) | (BigInt(n) << 27n) | BigInt(generation));
}

/** A probability as the threshold that the upper half of a draw is compared with: 0 never, 2^32 always. */
export function probabilityThreshold(probability: number): number {
  return Math.floor(probability * 2 ** 32);
}

/** Whether a draw says yes to something of this probability threshold. */
export function saysYes(u: bigint, threshold: number): boolean {
  return u >> 32n < BigInt(threshold);
}
