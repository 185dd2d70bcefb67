/** From what a user gives (a name, a text, overrides) to a checked Scenario, or one clear error. */
import type * as z from "./zod.js";
import { catalogueScenario } from "./catalogue.js";
import type { Check, Problem } from "./check.js";
import { findProblems } from "./checks.js";
import type { IssueParams } from "./fields.js";
import { InputError, type InputPosition } from "./input-error.js";
import { type LoadedText, parseScenario, type Path } from "./load.js";
import { applyOverrides, type Override, readOverrides, scaleRunPhases, type ScenarioOverrides } from "./override.js";
import type { CallManagerProfile, Fault, NumberRange, Phase, Scenario } from "./scenario.js";
import { type ScenarioDraft, scenarioSchema } from "./schema.js";
import { nearest } from "./suggest.js";
import { parseThreshold } from "./thresholds.js";
import { quote } from "./units.js";

/** A built-in scenario's name, a scenario file's text, or a scenario as a plain value in the user's shape. */
export type ScenarioSource =
  | { readonly name: string }
  | { readonly text: string; readonly file: string }
  | { readonly value: unknown };

/** What a scenario may name that lies outside of it. */
export interface KnownNames {
  /** The ids of the fault catalogue (src/contract/faults.ts). */
  readonly faultIds: readonly string[];
  /** Paths of a result that thresholds may judge (src/result/thresholds.ts). */
  readonly resultPaths: readonly string[];
  /** Of the way in which it is to be played, beside what holds for every scenario. */
  readonly limits?: readonly Check<Scenario>[];
}

/**
 * Reads, overrides, completes and checks a scenario.
 * @throws InputError with the first problem: its field, value, and position in the text or the flag that caused it.
 */
export async function resolveScenario(
  source: ScenarioSource,
  overrides: ScenarioOverrides,
  { faultIds, resultPaths, limits = [] }: KnownNames,
): Promise<Scenario> {
  const loaded = await load(source);
  const fields = await readOverrides(overrides);
  const input = applyOverrides(loaded.value, fields);
  const places: Places = { overrides: fields, positionOf: loaded.positionOf };
  // Compiling the schema to code pays off after thousands of scenarios, and a page's policy may forbid it.
  const parsed = scenarioSchema.safeParse(input, { jitless: true, reportInput: true });
  if (!parsed.success) throw errorOf(problemOf(parsed.error.issues), places);
  const draft = parsed.data;
  const scenario = toScenario(draft, places, resultPaths);
  const scaled =
    overrides.duration === undefined
      ? scenario
      : { ...scenario, phases: scaleRunPhases(scenario.phases, overrides.duration, scenario.tickNs) };
  const profilePath = (index: number): Path =>
    Array.isArray(draft.callManager) ? ["callManager", index] : ["callManager"];
  const problem = findProblems(scaled, profilePath, faultIds, limits)[0];
  if (problem === undefined) return scaled;
  // What is wrong at any duration is not --duration's fault.
  const isOwn = findProblems(scenario, profilePath, faultIds, limits).some(
    ({ message }) => message === problem.message,
  );
  const scaling: Override = { flag: `--duration ${overrides.duration}`, path: ["phases"], value: null };
  throw errorOf(problem, isOwn ? places : { ...places, overrides: [...fields, scaling] });
}

async function load(source: ScenarioSource): Promise<{ value: unknown; positionOf: LoadedText["positionOf"] | null }> {
  if ("text" in source) return parseScenario(source.text, source.file);
  return { value: "name" in source ? catalogueScenario(source.name) : source.value, positionOf: null };
}

/** Where the parts of an input came from. */
interface Places {
  readonly overrides: readonly Override[];
  readonly positionOf: LoadedText["positionOf"] | null;
}

interface FieldProblem extends Problem {
  /** The name of the field is wrong, not its value. */
  readonly unknownField?: boolean;
}

const isPrefix = (prefix: Path, path: Path) => prefix.every((name, index) => String(name) === String(path[index]));

function errorOf(
  { at, message, suggestion, unknownField = false }: FieldProblem,
  { overrides, positionOf }: Places,
): InputError {
  const path = at[0] ?? [];
  const text = path.length === 0 ? message : `${path.join(".")}: ${message}`;
  const override = at
    .map((one) => overrides.findLast(({ path: set }) => isPrefix(set, one) || (one.length > 0 && isPrefix(one, set))))
    .find((one) => one !== undefined);
  if (override !== undefined) {
    // The part of the flag's path that lies beyond the misspelt name is meant as it stands.
    const rest = unknownField ? override.path.slice(path.length) : [];
    const details = suggestion === undefined ? {} : { suggestion: [suggestion, ...rest].join(".") };
    return new InputError(`${override.flag}: ${text}`, details);
  }
  const position: InputPosition | undefined = positionOf?.(path, unknownField ? "name" : "value");
  return new InputError(text, {
    ...(position === undefined ? {} : { position }),
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

type Issue = z.core.$ZodIssue;

const isPath = (path: readonly PropertyKey[]): path is (string | number)[] =>
  path.every((name) => typeof name !== "symbol");

/** The first issue, as a problem of ours. */
function problemOf(issues: readonly Issue[], base: Path = []): FieldProblem {
  // A field that is missing may be the one whose name is misspelt.
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  if (issue === undefined || !isPath(issue.path)) return { at: [base], message: "it is not a scenario" };
  const path = [...base, ...issue.path];
  if (MISFITS.has(issue.code) && issue.input === undefined) {
    return { at: [path, path.slice(0, -1)], message: "this field is required" };
  }
  switch (issue.code) {
    case "invalid_union": {
      // The alternative whose type fits is the one that was meant.
      const meant = issue.errors.find(
        (errors) => !errors.some((error) => error.path.length === 0 && MISFITS.has(error.code)),
      );
      return meant === undefined ? { at: [path], message: describeMisfit(issue, path) } : problemOf(meant, path);
    }
    case "unrecognized_keys":
      return unknownField(path, issue.keys[0] ?? "");
    case "custom": {
      const { suggestion }: IssueParams = issue.params ?? {};
      return { at: [path], message: issue.message, suggestion };
    }
    default:
      return { at: [path], message: describeMisfit(issue, path), suggestion: meantBoolean(issue) };
  }
}

/** What YAML 1.1 and people call true and false. */
const MEANT_BOOLEANS: Readonly<Record<string, string>> = {
  yes: "true",
  on: "true",
  y: "true",
  no: "false",
  off: "false",
  n: "false",
};

function meantBoolean(issue: Issue): string | undefined {
  const isBoolean = issue.code === "invalid_type" && issue.expected === "boolean";
  if (!isBoolean || typeof issue.input !== "string") return undefined;
  return MEANT_BOOLEANS[issue.input.toLowerCase()] ?? nearest(issue.input, ["true", "false"]);
}

const MISFITS = new Set(["invalid_type", "invalid_value", "invalid_union"]);

const KINDS: Readonly<Record<string, string>> = {
  object: "a mapping",
  array: "a list",
  string: "text",
  number: "a number",
  boolean: "true or false",
};

function describeMisfit(issue: Issue, path: Path): string {
  const fields = issue.code === "invalid_type" && issue.expected === "object" ? fieldsOf(path) : [];
  const listed = fields.length === 0 ? "" : ` (fields: ${fields.join(", ")})`;
  const expected =
    issue.code === "invalid_type" ? `expected ${KINDS[issue.expected] ?? issue.expected}${listed}` : issue.message;
  // Messages of fields.ts that show the value themselves begin the same way.
  const own = issue.message.startsWith("expected") ? issue.message : expected;
  const found = issue.input === null ? "nothing" : quote(issue.input);
  return own.includes(", not ") ? own : `${own}, not ${found}`;
}

function unknownField(parent: Path, name: string): FieldProblem {
  const siblings = fieldsOf(parent);
  const near = nearest(name, siblings);
  // A field that stands elsewhere in a scenario was probably put in the wrong place.
  const elsewhere = near === undefined ? knownFields().find((path) => path.at(-1) === name) : undefined;
  const suggestion = near === undefined ? elsewhere?.join(".") : [...parent, near].join(".");
  const listed = suggestion === undefined && siblings.length > 0;
  const message = listed ? `unknown field; known here: ${siblings.join(", ")}` : "unknown field";
  return { at: [[...parent, name]], message, suggestion, unknownField: true };
}

/** Names of the fields that a mapping at a path may have. */
function fieldsOf(parent: Path): string[] {
  const generic = parent.map((part) => (typeof part === "number" ? "*" : part));
  const children = knownFields().filter((path) => path.length === generic.length + 1 && isPrefix(generic, path));
  return [...new Set(children.map((path) => path.at(-1) ?? ""))].filter((name) => name !== "*");
}

/** Paths of all fields of the schema; lists count as `*`. */
function knownFields(): string[][] {
  const paths: string[][] = [];
  const visit = (schema: z.core.$ZodType, path: string[]): void => {
    const def = (schema as z.core.$ZodTypes)._zod.def;
    if (def.type === "object") {
      for (const [name, field] of Object.entries(def.shape)) {
        paths.push([...path, name]);
        visit(field, [...path, name]);
      }
    } else if (def.type === "array") visit(def.element, [...path, "*"]);
    else if (def.type === "union") for (const option of def.options) visit(option, path);
    else if (def.type === "pipe") visit(def.in, path);
    else if ("innerType" in def) visit(def.innerType, path);
  };
  visit(scenarioSchema, []);
  return paths;
}

function toScenario(draft: ScenarioDraft, places: Places, resultPaths: readonly string[]): Scenario {
  const { topology, client } = draft;
  if (client.arrivals !== null && client.reopen === true) {
    throw errorOf(
      {
        at: [
          ["client", "reopen"],
          ["client", "arrivals"],
        ],
        message: "with arrivals AFs are not reopened: leave one of them out",
      },
      places,
    );
  }
  return {
    name: draft.name,
    description: draft.description,
    seed: draft.seed,
    tickNs: draft.tick,
    topology,
    processors: {
      count: draft.processors.count,
      dpcBudget: draft.processors.dpcBudget,
      completionCostNs: draft.processors.completionCost,
    },
    callManagers: [draft.callManager].flat().map(toProfile),
    client: {
      hold: client.hold,
      think: client.think,
      reopen: client.reopen ?? client.arrivals === null,
      wait: client.wait,
      notify: client.notify,
      habit: client.habit,
      outstanding: client.outstanding,
      objects: hasObjects(client.objects) ? client.objects : null,
    },
    arrivals: client.arrivals,
    contract: draft.contract,
    deadlines: { openNs: draft.deadlines.open, closeNs: draft.deadlines.close },
    phases: draft.phases.map((phase) => toPhase(phase, topology)),
    faults: draft.faults.map(toFault),
    thresholds: draft.thresholds.map((text, index) => {
      try {
        return parseThreshold(text, resultPaths);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        throw errorOf(
          { at: [["thresholds", index]], message: error.message, suggestion: error.details.suggestion },
          places,
        );
      }
    }),
  };
}

/** Of nothing there are no objects. */
function hasObjects(objects: ScenarioDraft["client"]["objects"]): boolean {
  return objects !== null && objects.saps + objects.calls + objects.incoming > 0;
}

type One<T> = T extends readonly (infer Item)[] ? Item : T;

function toProfile({ close, ...profile }: One<ScenarioDraft["callManager"]>): CallManagerProfile {
  const coalesce = close.coalesce === null ? null : { count: close.coalesce.count, timerNs: close.coalesce.timer };
  return { ...profile, close: { ...close, coalesce } };
}

function toPhase(phase: ScenarioDraft["phases"][number], topology: Scenario["topology"]): Phase {
  if ("ns" in phase) return phase;
  const adapters = toRanges(phase.adapters, topology.machines * topology.adaptersPerMachine);
  if (phase.kind === "halt") return { kind: "halt", adapters };
  return { kind: phase.kind, adapters, clients: toRanges(phase.clients, topology.clientsPerAdapter) };
}

/** Ranges in order, those that overlap or touch joined. */
function toRanges(given: "all" | NumberRange | readonly NumberRange[], count: number): NumberRange[] {
  const ranges = given === "all" ? [{ from: 0, to: count - 1 }] : [given].flat();
  const joined: NumberRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last !== undefined && range.from <= last.to + 1)
      joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    else joined.push(range);
  }
  return joined;
}

function toFault({ kind, rate, at, of }: ScenarioDraft["faults"][number]): Fault {
  return { kind, rate: rate ?? null, at: at ?? null, ...(of === undefined ? {} : { of }) };
}
