import * as codes from "../../assembly/abi/codes.js";
import * as objectCodes from "../../assembly/abi/object-codes.js";

/** Numbers of the rules that the kernel judges: its RULE_ constants. */
export const JUDGED_RULE_NUMBERS: ReadonlySet<number> = new Set(
  Object.entries({ ...codes, ...objectCodes })
    .filter(([name]) => name.startsWith("RULE_"))
    .map(([, number]) => number),
);
