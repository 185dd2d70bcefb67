/** A whole number that a double may not hold; or a string, which is passed over. */
const LONG_NUMBER_OR_STRING = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;
const HAS_LONG_NUMBER = /\d{16}/;

/**
 * As JSON.parse, but whole numbers of 16 digits or more come as text: pointers and times of 64 bits, which a double rounds.
 *
 * @throws SyntaxError for what is no JSON
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!HAS_LONG_NUMBER.test(text)) return value;
  return JSON.parse(text.replace(LONG_NUMBER_OR_STRING, (part) => (part.startsWith('"') ? part : `"${part}"`)));
}
