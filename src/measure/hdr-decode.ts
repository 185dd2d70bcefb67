/** Reads what hdr-encode.ts writes: results are kept in files, which people edit and other programs write. */

import { bucketCountFor, SIGNIFICANT_DIGITS } from "./histogram.js";
import { COOKIE, HEADER_BYTES } from "./hdr-encode.js";

/** Numbers in the payload have at most 9 bytes; counts of ours are below 2^53. */
const LEB128_BYTES_MAX = 9;
const BUCKETS_MAX = bucketCountFor(Number.MAX_SAFE_INTEGER);
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A text that is no histogram of this program. */
export class HdrFailure extends Error {
  override readonly name = "HdrFailure";
}

/**
 * The counts of HdrHistogram buckets (histogram.ts) in an uncompressed HdrHistogram V2 histogram of 2 significant digits.
 *
 * @param text base64
 * @returns as many buckets as are needed for the last one that counts anything
 * @throws HdrFailure when it is something else, or damaged
 */
export function decodeHdr(text: string): Float64Array {
  if (!BASE64.test(text)) throw new HdrFailure("it is not base64");
  const bytes = fromBase64(text);
  if (bytes.length < HEADER_BYTES) throw new HdrFailure(`it has ${bytes.length} bytes, less than a header`);
  const header = new DataView(bytes.buffer);
  if (header.getUint32(0) !== COOKIE) throw new HdrFailure("it is no uncompressed HdrHistogram V2 encoding");
  if (header.getUint32(12) !== SIGNIFICANT_DIGITS || header.getBigUint64(16) !== 1n)
    throw new HdrFailure(`it does not keep ${SIGNIFICANT_DIGITS} significant digits from 1 on`);
  if (header.getUint32(4) !== bytes.length - HEADER_BYTES) throw new HdrFailure("its length is not what it says");
  return decodeCounts(bytes.subarray(HEADER_BYTES));
}

function decodeCounts(payload: Uint8Array): Float64Array {
  const counts: number[] = [];
  const reader = new Leb128Reader(payload);
  let bucket = 0;
  while (!reader.ended) {
    const value = reader.next();
    // ZigZag: even numbers are counts, odd ones runs of empty buckets; a single empty bucket is a count of 0.
    if (value % 2n === 0n) counts[bucket] = toCount(value / 2n);
    const skipped = value % 2n === 0n ? 1n : (value + 1n) / 2n;
    if (skipped > BigInt(BUCKETS_MAX - bucket)) throw new HdrFailure("it counts values of 2^53 and more");
    bucket += Number(skipped);
  }
  return Float64Array.from(counts, (count: number | undefined) => count ?? 0);
}

function toCount(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new HdrFailure("a count is 2^53 or more");
  return Number(value);
}

class Leb128Reader {
  #at = 0;

  constructor(readonly bytes: Uint8Array) {}

  get ended(): boolean {
    return this.#at >= this.bytes.length;
  }

  next(): bigint {
    let value = 0n;
    for (let digit = 0; digit < LEB128_BYTES_MAX; digit++) {
      const byte = this.bytes[this.#at++];
      if (byte === undefined) throw new HdrFailure("it ends within a number");
      // The ninth byte has no continuation bit.
      const isLast = byte < 128 || digit === LEB128_BYTES_MAX - 1;
      value |= BigInt(digit === LEB128_BYTES_MAX - 1 ? byte : byte & 127) << BigInt(7 * digit);
      if (isLast) break;
    }
    return value;
  }
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
