/** Times of foreign logs, exactly: a count of nanoseconds since 1601 has 20 digits, of which a double holds 16. */

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))?$/;

/** Reads a decimal number of units as nanoseconds; undefined when it is none. What is finer than a nanosecond is cut off. */
export function readTicks(text: string, unitNs: number): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = ""] = match;
  const ns = (BigInt(whole + fraction) * BigInt(unitNs)) / 10n ** BigInt(fraction.length);
  return sign === "" ? ns : -ns;
}

/** Reads a date and time as ISO 8601 has it, as nanoseconds since 1970; without a zone it is UTC. Undefined when it is none. */
export function readDate(text: string): bigint | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  const [, , , , , , , fraction = "", sign, zoneHours = "0", zoneMinutes = "0"] = match;
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === "-" ? -1 : 1);
  const seconds = ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute - zone) * 60 + second;
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** Days from 1970-01-01; the year is taken to begin in March, so that a leap day comes last. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const daysOfMonths = Math.floor((153 * ((month + 9) % 12) + 2) / 5);
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  // 719468 days lie between the first of March of the year 0 and 1970.
  return y * 365 + leapDays + daysOfMonths + day - 1 - 719_468;
}
