import process from "node:process";
import { faults } from "../contract/faults.js";
import { RULES } from "../contract/rules.js";
import { JUDGED_RULE_NUMBERS } from "../kernel/judged-rules.js";
import { wrap } from "../report/layout.js";
import { catalogueNames, catalogueScenario } from "../scenario/catalogue.js";
import { InputError } from "../scenario/input-error.js";
import { nearest } from "../scenario/suggest.js";
import { quote } from "../scenario/units.js";
import type { Invocation } from "./commands.js";
import { EXIT_CODE, type ExitCode } from "./exit-code.js";
import { readTerminal } from "./terminal.js";

interface Row {
  readonly id: string;
  readonly text: string;
  /** Of a fault: whose mistake it is, and the rule that it breaks. */
  readonly of?: string;
  readonly rule?: string;
  /** Of a rule: whether a run judges it. */
  readonly judged?: boolean;
}

/** Rows for a table, or a document that is JSON in any case. */
type Listing = readonly Row[] | Readonly<Record<string, unknown>>;

const LISTINGS: Readonly<Record<string, () => Listing | Promise<Listing>>> = {
  scenarios: () => catalogueNames.map((name) => ({ id: name, text: catalogueScenario(name).description ?? "" })),
  rules: () => RULES.map((rule) => ({ ...rule, judged: JUDGED_RULE_NUMBERS.has(rule.number) })),
  faults: () => faults,
  schema: async () => (await import("../scenario/schema.js")).scenarioJsonSchema(),
};

/** `condis-sim list [what]`: a table, or an array of objects with `--json`; the schema is JSON in any case. */
export async function executeList({ arguments: [what = "scenarios"], flags }: Invocation): Promise<ExitCode> {
  const read = Object.hasOwn(LISTINGS, what) ? LISTINGS[what] : undefined;
  if (!read) {
    const suggestion = nearest(what, Object.keys(LISTINGS));
    throw new InputError(
      `list knows ${Object.keys(LISTINGS).join(", ")}, not ${quote(what)}`,
      suggestion === undefined ? {} : { suggestion },
    );
  }
  const listed = await read();
  const asTable = isRows(listed) && flags.json !== true;
  process.stdout.write(asTable ? formatRows(listed, what) : `${JSON.stringify(listed, null, 2)}\n`);
  return EXIT_CODE.done;
}

function isRows(listed: Listing): listed is readonly Row[] {
  return Array.isArray(listed);
}

/** Two columns, the second wrapped to the terminal's width. */
function formatRows(rows: readonly Row[], what: string): string {
  if (rows.length === 0) return `There are no ${what} in this version.\n`;
  const indent = Math.max(...rows.map(({ id }) => id.length)) + 2;
  const width = Math.max(30, readTerminal(process.stdout).width - indent);
  const lines = rows.flatMap((row) =>
    wrap(describeRow(row), width).map((part, index) => `${(index === 0 ? row.id : "").padEnd(indent)}${part}`),
  );
  return `${lines.join("\n")}\n`;
}

function describeRow({ text, of, rule, judged }: Row): string {
  if (of !== undefined) return `${of}, ${rule}: ${text}`;
  return judged === false ? `${text} (Judged by check, not by run.)` : text;
}
