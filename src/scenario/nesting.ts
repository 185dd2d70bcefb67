/** How deep a YAML text nests, found without recursion, so that only a text which a recursive parser can take gets to it. */
import type * as Yaml from "yaml";

/** Levels of brackets, columns of indentation and indicators in one line; a scenario has seven levels. */
export const NESTING_MAX = 100;

/** What each kind of token does to the nesting. */
const EFFECTS: Readonly<Record<string, "open" | "close" | "indicator" | "newline" | "space" | undefined>> = {
  "flow-map-start": "open",
  "flow-seq-start": "open",
  "flow-map-end": "close",
  "flow-seq-end": "close",
  "seq-item-ind": "indicator",
  "explicit-key-ind": "indicator",
  "map-value-ind": "indicator",
  newline: "newline",
  space: "space",
};

/**
 * The offset at which a text nests deeper than NESTING_MAX, by brackets, indentation or indicators (`- - -`) in one
 * line; null when it does not.
 *
 * Deep recursion cannot be left to the parser and a RangeError: where the stack is nearly used up V8 ends the whole
 * process when it has to compile a regular expression.
 */
export function findDeepNesting(yaml: typeof Yaml, text: string): number | null {
  let offset = 0;
  let brackets = 0;
  let indicators = 0;
  let lineStart = true;
  let isScalar = false;
  for (const token of new yaml.Lexer().lex(text)) {
    const type: string | null = isScalar ? "text" : yaml.CST.tokenType(token);
    isScalar = type === "scalar";
    // Marks of the lexer that are not in the text.
    if (isScalar || type === "doc-mode" || type === "flow-error-end") continue;
    const effect = type === null ? undefined : EFFECTS[type];
    if (effect === "open") brackets++;
    else if (effect === "close") brackets = Math.max(0, brackets - 1);
    else if (effect === "indicator" && brackets === 0) indicators++;
    else if (effect === "newline") indicators = 0;
    const indented = effect === "space" && lineStart && brackets === 0 ? token.length : 0;
    if (Math.max(brackets, indicators, indented) > NESTING_MAX) return offset;
    lineStart = effect === "newline";
    offset += token.length;
  }
  return null;
}
