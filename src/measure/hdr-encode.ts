/**
 * The HdrHistogram V2 encoding, uncompressed, in base64: what histogram tools of many languages read. All numbers are
 * big endian; the payload is a run of ZigZag LEB128 numbers, a positive one a bucket's count, a negative one a run of empty buckets.
 *
 *     offset  bytes
 *        0      4    cookie 0x1c849303 + 0x10 (counts are LEB128 of up to 9 bytes)
 *        4      4    length of the payload
 *        8      4    normalizing index offset, 0
 *       12      4    significant decimal digits
 *       16      8    lowest discernible value, 1
 *       24      8    highest trackable value
 *       32      8    conversion ratio from integers to doubles, 1.0
 *       40           payload
 */

import { SIGNIFICANT_DIGITS, highestNs } from "./histogram.js";

export const COOKIE = 0x1c849313;
export const HEADER_BYTES = 40;
/** Readers refuse less than twice the lowest discernible value. */
const SMALLEST_HIGHEST_VALUE = 2;
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The bytes in base64, without Node's Buffer. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let digit = 0; digit < 4; digit++) {
      text += at + digit > bytes.length ? "=" : BASE64[(group >>> (18 - 6 * digit)) & 63];
    }
  }
  return text;
}

/** Appends a non-negative ZigZagged number of at most 2^54, 7 bits a byte, lowest first. */
function appendLeb128(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

function encodeCounts(counts: ArrayLike<number>, length: number): number[] {
  const bytes: number[] = [];
  for (let bucket = 0; bucket < length;) {
    const start = bucket;
    while (bucket < length && counts[bucket] === 0) bucket += 1;
    const emptyCount = bucket - start;
    if (emptyCount > 0) {
      appendLeb128(bytes, emptyCount === 1 ? 0 : 2 * emptyCount - 1);
    } else {
      appendLeb128(bytes, 2 * (counts[bucket] ?? 0));
      bucket += 1;
    }
  }
  return bytes;
}

/**
 * Encodes the counts of HdrHistogram buckets (histogram.ts) as an HdrHistogram V2 histogram in base64. Trailing empty buckets
 * change nothing.
 * @param counts exact integers up to 2^53 - 1
 */
export function encodeHdr(counts: ArrayLike<number>): string {
  let length = counts.length;
  while (length > 0 && counts[length - 1] === 0) length -= 1;
  const payload = encodeCounts(counts, length);
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  const header = new DataView(bytes.buffer);
  const highestValue = length === 0 ? SMALLEST_HIGHEST_VALUE : Math.max(SMALLEST_HIGHEST_VALUE, highestNs(length - 1));
  header.setUint32(0, COOKIE);
  header.setUint32(4, payload.length);
  header.setUint32(8, 0);
  header.setUint32(12, SIGNIFICANT_DIGITS);
  header.setBigUint64(16, 1n);
  header.setBigUint64(24, BigInt(highestValue));
  header.setFloat64(32, 1);
  bytes.set(payload, HEADER_BYTES);
  return toBase64(bytes);
}
