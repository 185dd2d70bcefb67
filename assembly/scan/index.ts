// Reads records from the bytes of their lines: fields in any order, texts of plain ASCII, whole numbers. It says nothing of others, which
// are read by JSON.parse (src/trace/record.ts), and would be found the same.
//
// Every line ends with a newline, on which no text, number or name goes on: nothing looks for the end of the bytes.
import {
  CACHES,
  CACHE_FIRST,
  CACHE_MASK,
  CACHE_ROW_LOG2,
  FIELD_ADAPTER,
  FIELD_CONTEXT,
  FIELD_COUNT,
  FIELD_TIME,
  FIELD_UNKNOWN,
  KEYS,
  KEY_BYTES,
  KEY_BYTES_LOG2,
  NAMES,
  NAME_FACTOR,
  NAME_FIELD,
  NAME_LENGTH,
  NAME_MASK,
  NAME_ROWS_LOG2,
  NAME_ROW_BYTES,
  NAME_TEXT,
  NEW_MAX,
  NUMBER_COUNT,
  RECORD_NEW,
  RECORD_NEW_COUNT,
  RECORD_NUMBERS,
  RECORD_TEXTS,
  RECORD_TIME,
} from "../abi/scan-layout";

const NEWLINE: u32 = 0x0a;
const RETURN: u32 = 0x0d;
const SPACE: u32 = 0x20;
const QUOTE: u32 = 0x22;
const COMMA: u32 = 0x2c;
const ZERO: u32 = 0x30;
const COLON: u32 = 0x3a;
const BACKSLASH: u32 = 0x5c;
const DEL: u8 = 0x7f;
const OPEN: u32 = 0x7b;
const CLOSE: u32 = 0x7d;
const NULL: u32 = 0x6c6c756e; // its bytes as a word

/** Digits that a double holds exactly, whatever they are. */
const DIGITS_MAX: usize = 15;
/** Bytes that are taken at once. */
const BLOCK: usize = 16;

/** A word of a table of words. */
@inline
function wordAt(table: u32, index: u32): usize {
  return (table + (index << 2)) as usize;
}

/** Where the text that begins here ends, at its quote; 0 for one that has anything but plain ASCII. */
@inline
function findEnd(start: usize): usize {
  let at = start;
  while (true) {
    const block = v128.load(at);
    // As signed bytes, what is beyond ASCII is below a space as well. DEL is a control character too.
    const odd = v128.or(
      v128.or(i8x16.eq(block, i8x16.splat(BACKSLASH as i8)), i8x16.eq(block, i8x16.splat(DEL as i8))),
      i8x16.lt_s(block, i8x16.splat(SPACE as i8)),
    );
    const ends = i8x16.bitmask(v128.or(odd, i8x16.eq(block, i8x16.splat(QUOTE as i8))));
    if (ends !== 0) {
      at += ctz(ends) as usize;
      return load<u8>(at) === QUOTE ? at : 0;
    }
    at += BLOCK;
  }
}

/** Sixteen bytes of a text, those from `length` on as zeros. */
@inline
function blockOf(at: usize, length: usize): v128 {
  const place = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return v128.and(v128.load(at), i8x16.lt_u(place, i8x16.splat(length as i8)));
}

@inline
function mix(hash: u64, block: v128): u64 {
  hash = (hash ^ i64x2.extract_lane(block, 0)) * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 32) ^ i64x2.extract_lane(block, 1)) * 0xc2b2ae3d27d4eb4f;
  return hash ^ (hash >> 29);
}

/** Whether a record has a text at a place. */
@inline
function isUsed(place: u32): bool {
  for (let field: u32 = 0; field < FIELD_COUNT; field++)
    if (load<u32>(wordAt(RECORD_TEXTS, field)) === place + 1) return true;
  return false;
}

/** Notes a text of a record; false if it cannot. */
@inline
function takeText(field: u32, start: usize, end: usize): bool {
  const length = end - start;
  if (length === 0 || length > KEY_BYTES) return false;
  let hash: u64 = 0;
  for (let at: usize = 0; at < length; at += BLOCK) hash = mix(hash, blockOf(start + at, min(length - at, BLOCK)));
  const cache: usize = (CACHES + (field << CACHE_ROW_LOG2)) as usize;
  const place = load<u32>(cache, CACHE_FIRST) + ((hash as u32) & load<u32>(cache, CACHE_MASK));
  const key: usize = (KEYS + (place << KEY_BYTES_LOG2)) as usize;
  let differs = false;
  // The block behind a shorter key is empty.
  for (let at: usize = 0; at < length; at += BLOCK)
    if (v128.any_true(v128.xor(blockOf(start + at, min(length - at, BLOCK)), v128.load(key + at)))) differs = true;
  if (length < KEY_BYTES && load<u8>(key + length) !== 0) differs = true;
  if (differs && !learn(place, start, length)) return false;
  store<u32>(wordAt(RECORD_TEXTS, field), place + 1);
  return true;
}

/** Puts a text at its place, instead of the one that was there; false if that is another of this record. */
function learn(place: u32, start: usize, length: usize): bool {
  const count = load<u32>(RECORD_NEW_COUNT);
  if (isUsed(place) || count === NEW_MAX) return false;
  const key: usize = (KEYS + (place << KEY_BYTES_LOG2)) as usize;
  for (let at: usize = 0; at < KEY_BYTES; at += BLOCK)
    v128.store(key + at, at < length ? blockOf(start + at, min(length - at, BLOCK)) : i64x2.splat(0));
  store<u32>(wordAt(RECORD_NEW, count), place + 1);
  store<u32>(RECORD_NEW_COUNT, count + 1);
  return true;
}

/** Scans the line that begins at `start`; the place behind its newline, or 0 when the line is another's to read. */
export function scan(start: usize): usize {
  store<f64>(RECORD_TIME, -1);
  for (let field: u32 = 0; field < NUMBER_COUNT; field++) store<i32>(wordAt(RECORD_NUMBERS, field), -1);
  for (let field: u32 = 0; field < FIELD_COUNT; field++) store<u32>(wordAt(RECORD_TEXTS, field), 0);
  store<u32>(RECORD_NEW_COUNT, 0);

  let at = start;
  if (load<u8>(at++) !== OPEN) return 0;
  while (true) {
    while (load<u8>(at) === SPACE) at++;
    if (load<u8>(at++) !== QUOTE) return 0;
    const hash = (load<u32>(at) * NAME_FACTOR) >> (32 - NAME_ROWS_LOG2);
    const row: usize = (NAMES + hash * NAME_ROW_BYTES) as usize;
    let field = FIELD_UNKNOWN;
    const isKnown = !v128.any_true(
      v128.xor(v128.and(v128.load(at), v128.load(row, NAME_MASK)), v128.load(row, NAME_TEXT)),
    );
    if (isKnown && load<u32>(row, NAME_LENGTH) !== 0) {
      field = load<u32>(row, NAME_FIELD);
      at += load<u32>(row, NAME_LENGTH);
    } else {
      const end = findEnd(at);
      if (end <= at || load<u8>(end, 1) !== COLON) return 0;
      at = end + 2;
    }
    while (load<u8>(at) === SPACE) at++;

    let byte: u32 = load<u8>(at);
    if (byte === QUOTE) {
      const from = at + 1;
      at = findEnd(from);
      if (at === 0) return 0;
      if (field !== FIELD_UNKNOWN) {
        if (field < FIELD_ADAPTER || !takeText(field, from, at)) return 0;
      }
      at++;
    } else if (byte - ZERO < 10) {
      const from = at;
      let whole: u64 = 0;
      do {
        whole = whole * 10 + (byte - ZERO);
        byte = load<u8>(++at);
      } while (byte - ZERO < 10);
      if (load<u8>(from) === ZERO && at > from + 1) return 0;
      if (field < NUMBER_COUNT) {
        if (at > from + DIGITS_MAX) return 0;
        if (field === FIELD_TIME) store<f64>(RECORD_TIME, whole as f64);
        else {
          if (whole > 0x7fffffff) return 0;
          store<i32>(wordAt(RECORD_NUMBERS, field), whole as i32);
          store<u32>(wordAt(RECORD_TEXTS, field), 0);
        }
      } else if (field !== FIELD_UNKNOWN && !takeText(field, from, at)) return 0;
    } else if (field === FIELD_CONTEXT && load<u32>(at) === NULL) {
      store<i32>(wordAt(RECORD_TEXTS, field), -1);
      at += 4;
    } else return 0;

    while (load<u8>(at) === SPACE) at++;
    byte = load<u8>(at++);
    if (byte === COMMA) continue;
    if (byte !== CLOSE) return 0;
    if (load<u8>(at) === RETURN) at++;
    return load<u8>(at) === NEWLINE ? at + 1 : 0;
  }
}
