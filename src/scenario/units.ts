/**
 * Quantities as users write them and as messages show them: durations ("1.5ms"), counts ("10k", "1e6"), rates ("2M/s").
 * Decimal text is read digit by digit, so that 0.1us is exactly 100 ns. All functions throw InputError without a
 * position; who knows the position adds it.
 */
import { InputError } from "./input-error.js";
import { nearest } from "./suggest.js";

/** Powers of ten of a nanosecond; both signs for micro (U+00B5 and U+03BC) are read, "us" is written. */
const DURATION_UNITS: Readonly<Record<string, number>> = { ns: 0, us: 3, "\u00b5s": 3, "\u03bcs": 3, ms: 6, s: 9 };
const COUNT_SUFFIXES: Readonly<Record<string, number>> = { "": 0, k: 3, M: 6, G: 9 };

/** What people write for a unit, and what they mean by it. */
const USUAL_MISTAKES: Readonly<Record<string, string>> = {
  nsec: "ns",
  usec: "us",
  msec: "ms",
  sec: "s",
  seconds: "s",
  K: "k",
  m: "M",
  g: "G",
};

interface Quantity {
  readonly digits: string;
  /** The quantity is digits * 10^exponent units. */
  readonly exponent: number;
  readonly unit: string;
}

// Forty digits and two digits of exponent hold every quantity that can be meant, and keep the arithmetic small.
const QUANTITY = /^(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?\s*(\D*)$/;

function readQuantity(text: string): Quantity | null {
  const match = QUANTITY.exec(text.trim());
  if (match === null) return null;
  const [, whole = "", fraction = "", exponent = "0", unit = ""] = match;
  return { digits: whole + fraction, exponent: Number(exponent) - fraction.length, unit };
}

function writeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A value that holds itself, a bigint; only through the API.
    return typeof value === "bigint" ? String(value) : "a value that is no JSON";
  }
}

/** Shows a value of the user's in a message, shortened when it is long. */
export function quote(value: unknown): string {
  const text = typeof value === "number" ? String(value) : writeJson(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function wholeNumber(quantity: Quantity, unitExponent: number): bigint | null {
  const exponent = quantity.exponent + unitExponent;
  const digits = BigInt(quantity.digits);
  if (exponent >= 0) return digits * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  return digits % divisor === 0n ? digits / divisor : null;
}

function wrongUnit(
  value: string | number,
  quantity: Quantity | null,
  kind: string,
  units: readonly string[],
): InputError {
  const negative = String(value).trim().startsWith("-");
  const message = `${quote(value)} is not ${kind}`;
  if (negative) return new InputError(`${message}: it must not be negative`);
  if (quantity === null) return new InputError(message);
  const unit = [USUAL_MISTAKES[quantity.unit], nearest(quantity.unit, units)].find(
    (meant) => meant !== undefined && units.includes(meant),
  );
  if (unit === undefined) return new InputError(message);
  const text = String(value).trim();
  const number = text.slice(0, text.length - quantity.unit.length).trim();
  return new InputError(message, { suggestion: `${number}${unit}` });
}

function safe(value: string | number, number: bigint, kind: string): number {
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw new InputError(`${quote(value)} is too large for ${kind}`);
  return Number(number);
}

/**
 * Reads a duration: a decimal number with ns, us (or µs), ms or s; 0 needs no unit.
 * @returns nanoseconds, a whole number below 2^53.
 */
export function parseDuration(value: string | number): number {
  const quantity = readQuantity(String(value));
  if (quantity !== null && quantity.unit === "" && BigInt(quantity.digits) === 0n) return 0;
  if (quantity !== null && quantity.unit === "") {
    throw new InputError(`the duration ${quote(value)} needs a unit: ns, us, ms or s`, {
      suggestion: `${String(value).trim()}ms`,
    });
  }
  const unitExponent = quantity === null ? undefined : DURATION_UNITS[quantity.unit];
  if (quantity === null || unitExponent === undefined) {
    throw wrongUnit(value, quantity, "a duration such as 100ns, 20us, 1.5ms or 10s", ["ns", "us", "ms", "s"]);
  }
  const ns = wholeNumber(quantity, unitExponent);
  if (ns === null) throw new InputError(`${quote(value)} is not a whole number of nanoseconds`);
  return safe(value, ns, "a duration");
}

/** Reads a count: a decimal number that comes out whole, with k, M or G for thousands, millions and milliards (1e9). */
export function parseCount(value: string | number): number {
  const quantity = readQuantity(String(value));
  const suffixExponent = quantity === null ? undefined : COUNT_SUFFIXES[quantity.unit];
  if (quantity === null || suffixExponent === undefined) {
    throw wrongUnit(value, quantity, "a count such as 1000, 10k, 1M or 1e6", ["k", "M", "G"]);
  }
  const count = wholeNumber(quantity, suffixExponent);
  if (count === null) throw new InputError(`${quote(value)} is not a whole number`);
  return safe(value, count, "a count");
}

/** Reads a rate: a count (here also a fraction) a second, "2M/s" or "0.5/s". */
export function parseRate(value: string | number): number {
  const text = String(value).trim();
  const perSecond = /^(.*?)\s*\/\s*s$/.exec(text);
  const quantity = readQuantity(perSecond?.[1] ?? text);
  const suffixExponent = quantity === null ? undefined : COUNT_SUFFIXES[quantity.unit];
  if (perSecond !== null && quantity !== null && suffixExponent !== undefined) {
    return Number(`${quantity.digits}e${quantity.exponent + suffixExponent}`);
  }
  const message = `${quote(value)} is not a rate such as 2M/s or 500/s`;
  const onlyUnitMissing = perSecond === null && quantity !== null && suffixExponent !== undefined;
  throw new InputError(message, onlyUnitMissing ? { suggestion: `${text}/s` } : {});
}

function decimal(number: number, exponent: number): string {
  const divisor = 10 ** exponent;
  const fraction = String(number % divisor)
    .padStart(exponent, "0")
    .replace(/0+$/, "");
  const whole = String(Math.floor(number / divisor));
  return exponent === 0 || fraction === "" ? whole : `${whole}.${fraction}`;
}

/** Writes a duration of whole nanoseconds exactly, in the largest unit that leaves at least 1: 1500000 is "1.5ms". */
export function formatDuration(ns: number): string {
  const unit = ns >= 1e9 ? "s" : ns >= 1e6 ? "ms" : ns >= 1e3 ? "us" : "ns";
  return decimal(ns, DURATION_UNITS[unit] ?? 0) + unit;
}

/** Writes a count exactly, shortened by k, M or G where at most one decimal remains: 1500 is "1.5k", 1024 is "1024". */
export function formatCount(count: number): string {
  for (const [suffix, exponent] of [
    ["G", 9],
    ["M", 6],
    ["k", 3],
  ] as const) {
    if (count >= 10 ** exponent && count % 10 ** (exponent - 1) === 0) return decimal(count, exponent) + suffix;
  }
  return String(count);
}

/** Writes a rate a second exactly. */
export function formatRate(perSecond: number): string {
  return Number.isInteger(perSecond) ? `${formatCount(perSecond)}/s` : `${perSecond}/s`;
}

/** Writes a count rounded down to two digits, as one may type it: `480M`, `1.2k`. */
export function formatRoundedDown(count: number): string {
  if (count < 100) return String(Math.floor(count));
  const unit = 10 ** (String(Math.floor(count)).length - 2);
  return formatCount(Math.floor(count / unit) * unit);
}

const BYTE_UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** Writes a number of bytes in three digits: `36.3 MiB`, `512 bytes`. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  for (; value >= 1023.5 && unit < BYTE_UNITS.length - 1; unit++) value /= 1024;
  const decimals = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(decimals)} ${BYTE_UNITS[unit]}`;
}
