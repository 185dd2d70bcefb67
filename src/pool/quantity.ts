import { formatCount } from "../scenario/units.js";

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** A number of bytes for a person, for example `3.4 GiB`. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${BYTE_UNITS[unit]}`;
}

/** A count rounded down to two digits, as one may type it: `480M`, `1.2k`. */
export function formatRoundedDown(count: number): string {
  if (count < 100) return String(Math.floor(count));
  const unit = 10 ** (String(Math.floor(count)).length - 2);
  return formatCount(Math.floor(count / unit) * unit);
}
