import { InputError } from "../scenario/input-error.js";
import { parseCount, quote } from "../scenario/units.js";

/** Values on an axis; every pair of values of two axes is a point to measure. */
const VALUES_MAX = 64;
const REST = /^(?:\.\.\.|…)$/;

/**
 * Reads an axis as one writes it, `1k,10k,100k`, or `1k,10k,...,100M` where each value is as many times the one before it as the second is of the first.
 *
 * @returns whole numbers of at least 1, in rising order
 * @throws InputError when they are not
 */
export function parseAxis(text: string): number[] {
  const words = text.split(",").map((word) => word.trim());
  const rest = words.findIndex((word) => REST.test(word));
  const values = rest < 0 ? words.map(readValue) : readProgression(text, words, rest);
  if (values.length > VALUES_MAX) throw new InputError(`${values.length} values are more than ${VALUES_MAX}`);
  values.forEach((value, index) => {
    const before = values[index - 1] ?? 0;
    if (value === before) throw new InputError(`${quote(words[index] ?? value)} is there twice`);
    if (value < before) throw new InputError(`${quote(words[index] ?? value)} is less than what comes before it`);
  });
  return values;
}

function readValue(word: string): number {
  if (word === "") throw new InputError("a number is missing between commas");
  const value = parseCount(word);
  if (value < 1 || !Number.isSafeInteger(value))
    throw new InputError(`${quote(word)} is not a whole number of at least 1`);
  return value;
}

function readProgression(text: string, words: readonly string[], rest: number): number[] {
  const [first, second, ...others] = words.slice(0, rest).map(readValue);
  const [last, ...beyond] = words.slice(rest + 1).map(readValue);
  if (first === undefined || second === undefined || others.length > 0 || last === undefined || beyond.length > 0) {
    throw new InputError(`${quote(text)}: two numbers come before the dots, and one after them, as in 1k,10k,...,100M`);
  }
  const values = [first];
  for (
    let value = second;
    value <= last && value > values.at(-1)! && values.length <= VALUES_MAX;
    value = (value * second) / first
  )
    values.push(value);
  if (values.at(-1) === last && values.every(Number.isSafeInteger)) return values;
  throw new InputError(`${quote(text)}: the numbers from ${first} and ${second} on do not come to ${last}`);
}
