/** Numbers as people read them. All are plain ASCII and independent of the locale. */

/** A number and its unit, apart so that columns can align both. */
export interface Quantity {
  readonly number: string;
  readonly unit: string;
}

interface Scale {
  readonly unit: string;
  readonly size: number;
}

const DURATIONS: readonly [Scale, ...Scale[]] = [
  { unit: "ns", size: 1 },
  { unit: "us", size: 1e3 },
  { unit: "ms", size: 1e6 },
  { unit: "s", size: 1e9 },
];
const COUNTS: readonly [Scale, ...Scale[]] = [
  { unit: "", size: 1 },
  { unit: "thousand", size: 1e3 },
  { unit: "million", size: 1e6 },
  { unit: "billion", size: 1e9 },
];

/** Three significant digits, but never fewer than the integer part has. */
function threeDigits(value: number): string {
  const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return groupDigits(value.toFixed(decimals));
}

function groupDigits(digits: string): string {
  const [integer = "", fraction] = digits.split(".");
  const grouped = integer.replace(/(?<=\d)(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** The largest unit of which there is at least one, after rounding to three digits; else the smallest. */
function scaleOf(value: number, scales: readonly [Scale, ...Scale[]]): Scale {
  return scales.findLast(({ size }) => value / size >= 0.9995) ?? scales[0];
}

function scaled(value: number, scales: readonly [Scale, ...Scale[]]): Quantity {
  const { size, unit } = scaleOf(value, scales);
  const isWhole = size === 1 && Number.isInteger(value);
  return { number: isWhole ? groupDigits(value.toFixed(0)) : threeDigits(value / size), unit };
}

function join({ number, unit }: Quantity): string {
  return unit === "" ? number : `${number} ${unit}`;
}

/** A duration with three significant digits: 693 us, 1.00 ms. */
export function durationQuantity(ns: number): Quantity {
  return scaled(ns, DURATIONS);
}

/** As in a table, but without zeros at the end: 692 us, 1 ms. */
export function formatDuration(ns: number): string {
  const { number, unit } = durationQuantity(ns);
  return join({ number: number.includes(".") ? number.replace(/\.?0+$/, "") : number, unit });
}

/** A point in virtual time with all its digits: 120.4 us. */
export function formatTime(ns: number): string {
  const { size, unit } = scaleOf(ns, DURATIONS);
  return join({ number: groupDigits(String(ns / size)), unit });
}

/** A large count in words, with three significant digits: 48.3 million. */
export function formatLarge(count: number): string {
  return join(scaled(count, COUNTS));
}

/** A count for an axis: 1.2M. */
export function formatCompact(count: number): string {
  const { size } = scaleOf(count, COUNTS);
  return `${Number((count / size).toPrecision(3))}${{ 1: "", 1e3: "k", 1e6: "M", 1e9: "G" }[size] ?? ""}`;
}

/** All digits of an integer, in groups of three. */
export function formatCount(count: number): string {
  return groupDigits(count.toFixed(0));
}

/** Three significant digits without a unit. */
export function formatNumber(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : threeDigits(value);
}

/** `1 shard`, `2 shards`. */
export function formatPlural(count: number, noun: string, plural: string = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** A share from 0 to 1 in per cent; what is not quite nothing or everything does not look like it. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.05) return `${percent.toPrecision(1)} %`.replace(/^\de.*/, "<0.01 %");
  if (percent > 99.95 && percent < 100) return ">99.9 %";
  return `${percent === 0 || percent === 100 ? percent : percent.toFixed(1)} %`;
}
