/** Scenario text, YAML or JSON (which is YAML too), to plain values, with the position of every field. */
import type * as Yaml from "yaml";
import { InputError, type InputPosition } from "./input-error.js";
import { findDeepNesting, NESTING_MAX } from "./nesting.js";

/** Fields and list indices from the root. */
export type Path = readonly (string | number)[];

/** Characters; a scenario is a page of text, and what is larger is some other file. */
export const TEXT_LENGTH_MAX = 2 ** 20;
/** References to anchors that a text may make when all are followed; against texts that grow exponentially. */
const ALIAS_COUNT_MAX = 100;

export interface LoadedText {
  /** Mappings, lists and scalars. */
  readonly value: unknown;
  /** Position of a field's value, or of its name; where the path leaves the text, of the last part that exists. */
  readonly positionOf: (path: Path, part: "value" | "name") => InputPosition;
}

/**
 * Parses a scenario's text as far as YAML goes; the fields are not looked at.
 * @param file name of the file, for messages.
 * @throws InputError for text that is too long, empty, malformed, several documents, or no mapping; with its position.
 */
export async function parseScenario(text: string, file: string): Promise<LoadedText> {
  const loaded = await parseText(text, file);
  if (loaded.value === null) {
    throw new InputError("the file is empty: a scenario has at least a name", {
      position: { file, line: 1, column: 1 },
    });
  }
  if (typeof loaded.value !== "object" || Array.isArray(loaded.value)) {
    throw new InputError("a scenario is a mapping of fields, such as name: my-scenario", {
      position: loaded.positionOf([], "value"),
    });
  }
  return loaded;
}

/**
 * Parses any YAML text to a plain value; null when there is nothing in it. Throws InputError.
 * @param what the text is to be, for messages.
 */
export async function parseText(text: string, file: string, what = "scenario"): Promise<LoadedText> {
  if (text.length > TEXT_LENGTH_MAX) {
    throw new InputError(`the text is too long for a ${what}: ${text.length} characters, at most ${TEXT_LENGTH_MAX}`, {
      position: { file, line: 1, column: 1 },
    });
  }
  // Loaded here because a run of a built-in scenario does without it.
  const yaml = await import("yaml");
  const lines = new yaml.LineCounter();
  const at = (offset: number): InputPosition => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const deep = findDeepNesting(yaml, text);
  if (deep !== null) {
    const before = text.slice(0, deep);
    const position = { file, line: before.split("\n").length, column: deep - before.lastIndexOf("\n") };
    throw new InputError(`the text is nested too deeply: a ${what} needs less than ${NESTING_MAX} levels`, {
      position,
    });
  }
  try {
    const document = yaml.parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      logLevel: "error",
    });
    // A tag that YAML does not know is only a warning there; no scenario has one.
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) {
      throw new InputError(YAML_PROBLEMS[problem.code] ?? `malformed YAML: ${problem.message}`, {
        position: at(problem.pos[0]),
      });
    }
    const value: unknown = document.toJS({ maxAliasCount: ALIAS_COUNT_MAX });
    // An anchor may hold a reference to itself; what follows walks the value as a tree.
    JSON.stringify(value);
    return { value: value ?? null, positionOf: (path, part) => at(offsetOf(yaml, document, path, part)) };
  } catch (error) {
    if (error instanceof InputError) throw error;
    // Aliases beyond the limit or without an anchor are a ReferenceError, JSON.stringify throws a TypeError for a cycle.
    const isCycle = error instanceof TypeError;
    const reason = isCycle
      ? "an anchor holds a reference to itself"
      : error instanceof Error
        ? error.message
        : String(error);
    throw new InputError(`the text cannot be read: ${reason}`, { position: { file, line: 1, column: 1 } });
  }
}

/** Messages of our own where YAML's speak of YAML. */
const YAML_PROBLEMS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this field is given twice",
  MULTIPLE_DOCS: "a scenario file holds one document, and here a second one begins",
  NON_STRING_KEY: "the name of a field must be a word",
};

function offsetOf(yaml: typeof Yaml, document: Yaml.Document.Parsed, path: Path, part: "value" | "name"): number {
  const follow = (node: unknown): unknown => (yaml.isAlias(node) ? node.resolve(document) : node);
  const start = (node: unknown): number | undefined => (yaml.isNode(node) ? node.range?.[0] : undefined);
  let node: unknown = document.contents;
  let offset = start(node) ?? 0;
  for (const [depth, name] of path.entries()) {
    const container = follow(node);
    let child: unknown;
    if (yaml.isMap(container)) {
      const pair: Yaml.Pair | undefined = container.items.find(
        (item) => yaml.isScalar(item.key) && String(item.key.value) === String(name),
      );
      if (pair === undefined) return offset;
      const nameWanted = part === "name" && depth === path.length - 1;
      offset = (nameWanted ? undefined : start(pair.value)) ?? start(pair.key) ?? offset;
      child = pair.value;
    } else if (yaml.isSeq(container)) {
      child = container.items[Number(name)];
      offset = start(child) ?? offset;
    }
    if (child === undefined) return offset;
    node = child;
  }
  return offset;
}
