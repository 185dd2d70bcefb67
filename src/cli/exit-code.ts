/** What the process answers (README.md "Commands"). Scripts rely on these numbers. */
export const EXIT_CODE = {
  done: 0,
  /** Violations found, a threshold missed, or results that differ or are slower. */
  judged: 1,
  /** Or results that cannot be compared. */
  badInput: 2,
  internalError: 3,
  stopped: 130,
} as const;

export type ExitCode = (typeof EXIT_CODE)[keyof typeof EXIT_CODE];
