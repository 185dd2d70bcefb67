/** Results for tests of reports: real ones, with what a person or another program may have put into them. */

import { runJson } from "./cli.js";
import type { Result } from "../../src/result/schema.js";
import { broken } from "../golden/results.js";

/** A small run in which every kind of picture has something to show. */
export function runSmall(): Promise<Result> {
  return runJson(["run", "slow-call-manager", "--afs", "400", "--machines", "2", "--set", "callManager.open.pend=0.5"]);
}

export const HOSTILE = `</style><script>alert(1)</script><img src=x onerror=alert(2)>"'&\u202e\u0000`;

/** Wherever a text of a scenario or of another program can stand, there is markup. */
export function hostile(real: Result): Result {
  const [violation] = broken.violations.first;
  if (violation === undefined) throw new Error("the golden result has no violation");
  const record = violation.history?.[0];
  if (record === undefined) throw new Error("the golden violation has no history");
  return {
    ...real,
    tool: { name: HOSTILE, version: HOSTILE },
    scenario: { name: HOSTILE, description: HOSTILE } as Result["scenario"],
    command: HOSTILE,
    violations: {
      total: 1,
      byRule: { [HOSTILE]: 1 },
      first: [
        {
          ...violation,
          rule: HOSTILE,
          af: HOSTILE,
          text: HOSTILE,
          source: [HOSTILE, "javascript:alert(3)"],
          reproduce: HOSTILE,
          history: [{ ...record, irql: HOSTILE, call: HOSTILE, from: HOSTILE, to: `b${HOSTILE}`, status: HOSTILE }],
        },
      ],
    },
    thresholds: [{ text: HOSTILE, value: 1, pass: false }],
    host: { ...real.host, node: HOSTILE, cpu: HOSTILE },
  };
}
