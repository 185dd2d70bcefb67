import { STATUS_VALUES } from "../contract/statuses.js";

const NAMES: ReadonlyMap<number, string> = new Map([...STATUS_VALUES].map(([name, value]) => [value, name]));

/** Every name that a trace may use. */
export const STATUS_NAMES: readonly string[] = [...STATUS_VALUES.keys()];

const HEX = /^0[xX]0*([0-9a-fA-F]{1,8})$/;
/** A status is 32 bits; logs show it with and without sign. */
const DECIMAL = /^-?\d{1,10}$/;

/**
 * The name of a status, from its name or from its number in hex or decimal; a number without a name stays, as `0xc0010099`.
 *
 * @returns undefined for what is no status
 */
export function nameStatus(text: string): string | undefined {
  if (STATUS_VALUES.has(text)) return text;
  const value = readValue(text);
  return value === undefined ? undefined : (NAMES.get(value) ?? `0x${value.toString(16).padStart(8, "0")}`);
}

function readValue(text: string): number | undefined {
  const hex = HEX.exec(text)?.[1];
  if (hex !== undefined) return Number.parseInt(hex, 16);
  const decimal = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return decimal >= -(2 ** 31) && decimal < 2 ** 32 ? decimal >>> 0 : undefined;
}
