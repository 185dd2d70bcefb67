/**
 * AFs as a fluid that flows between three pools: open, closing, vacant. It gives the expected numbers of opens, closes and
 * ended lifecycles of any stretch of virtual time, from the means of a scenario alone.
 */

/** What the fluid does, in nanoseconds and AFs. */
export interface FluidRates {
  /** Mean times in the pools; their sum is above 0. */
  readonly openNs: number;
  readonly closingNs: number;
  readonly vacantNs: number;
  /** Share of opens that fail; what fails is tried again after the time in the vacant pool, which is that until an open succeeds. */
  readonly failing: number;
  /** Share of closes that fail for good: those AFs stay where they are. */
  readonly stranding: number;
  /** Lifecycles that can end in a nanosecond at most; Infinity without limit. */
  readonly endsPerNs: number;
  /** What opens vacant AFs: their own pace, arrivals of so many a nanosecond, or nothing. */
  readonly reopening: "reopen" | "never" | { readonly perNs: number };
}

/** What flowed in a stretch of time. */
export interface Flow {
  readonly opens: number;
  readonly closes: number;
  readonly ends: number;
  /** For how long AFs were open, all together. */
  readonly openNs: number;
}

/**
 * The pools, step by step. A step is implicit (it uses the flows at its end): so it never takes more out of a pool than is in
 * it, however long it is, and what it does to a transient in the sum over all steps is exact.
 */
export class Fluid {
  #open = 0;
  #closing = 0;
  #vacant: number;

  constructor(
    afs: number,
    readonly rates: FluidRates,
  ) {
    this.#vacant = afs;
  }

  /** AFs in the pool of closing ones. */
  get closing(): number {
    return this.#closing;
  }

  /** Tries to open everything that is vacant. */
  openAll(): Flow {
    const opens = this.#vacant * (1 - this.rates.failing);
    this.#open += opens;
    this.#vacant -= opens;
    return { opens, closes: 0, ends: 0, openNs: 0 };
  }

  /** Closes everything that is open. */
  closeAll(): Flow {
    const closes = this.#open;
    this.#closing += closes * (1 - this.rates.stranding);
    this.#open = 0;
    return { opens: 0, closes, ends: 0, openNs: 0 };
  }

  /** Goes on by so many nanoseconds; nothing is opened unless `opening`. */
  advance(ns: number, opening: boolean): Flow {
    const { openNs, closingNs, vacantNs, stranding, endsPerNs, reopening } = this.rates;
    const leaveOpen = ns / (openNs + ns);
    const lasting = 1 - stranding;
    const leaveClosing = ns / (closingNs + ns);
    const leaveVacant = opening && reopening === "reopen" ? ns / (vacantNs + ns) : 0;
    const arriving = opening && typeof reopening === "object" ? Math.min(reopening.perNs * ns, this.#vacant) : 0;
    // What is opened ends, in part, in the same step, and what ends is opened again.
    const round = leaveOpen * lasting * leaveClosing * leaveVacant;
    const ending = leaveClosing * (this.#closing + leaveOpen * lasting * this.#open);
    let opens = arriving + (leaveVacant * (this.#vacant + ending)) / Math.max(1 - round, Number.MIN_VALUE);
    let closes = leaveOpen * (this.#open + opens);
    let ends = leaveClosing * (this.#closing + lasting * closes);
    if (ends > endsPerNs * ns) {
      ends = endsPerNs * ns;
      opens = arriving + leaveVacant * (this.#vacant + ends);
      closes = leaveOpen * (this.#open + opens);
      ends = Math.min(ends, this.#closing + lasting * closes);
    }
    this.#open += opens - closes;
    this.#closing += lasting * closes - ends;
    this.#vacant += ends - opens;
    return { opens, closes, ends, openNs: this.#open * ns };
  }
}
