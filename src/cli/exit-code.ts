/** What the process answers; DESIGN.md section 4. */
export const EXIT_CODE = {
  done: 0,
  /** Violations found, or a threshold missed. */
  judged: 1,
  badInput: 2,
  internalError: 3,
  stopped: 130,
} as const;

export type ExitCode = (typeof EXIT_CODE)[keyof typeof EXIT_CODE];
