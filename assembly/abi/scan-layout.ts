// Where everything lies in the memory of the scanner of traces (assembly/scan/):
//
//   +--------+-------------+----------------------------------+--------------------------+
//   | record | field names | texts that were met, by their    | lines of the trace, each |
//   |        |             | hash: a cache for each FIELD_... | with its newline         |
//   +--------+-------------+----------------------------------+--------------------------+
//
// A record is scanned at a time. Its texts are told as places in the caches, so that whoever reads it makes a text only once.

// ---- fields of a record; those that are numbers come first ----
export const FIELD_TIME: u32 = 0;
export const FIELD_MACHINE: u32 = 1;
export const FIELD_SEQ: u32 = 2;
export const FIELD_PROCESSOR: u32 = 3;
export const FIELD_FRAME: u32 = 4;
export const FIELD_PARENT: u32 = 5;
export const FIELD_ADAPTER: u32 = 6; // a number or a text
export const NUMBER_COUNT: u32 = 7;
export const FIELD_OP: u32 = 7;
export const FIELD_CALL: u32 = 8;
export const FIELD_IRQL: u32 = 9;
export const FIELD_STATUS: u32 = 10;
export const FIELD_FROM: u32 = 11;
export const FIELD_TO: u32 = 12;
export const FIELD_CONTEXT: u32 = 13;
export const FIELD_AF: u32 = 14;
export const FIELD_SAP: u32 = 15;
export const FIELD_VC: u32 = 16;
export const FIELD_PARTY: u32 = 17;
export const FIELD_ADDRESS: u32 = 18;
export const FIELD_COUNT: u32 = 19;
export const FIELD_UNKNOWN: u32 = 19;

// ---- the record ----
export const RECORD_TIME: u32 = 0; // f64; negative: there is none
export const RECORD_NUMBERS: u32 = 8; // i32 by field; negative: there is none
// i32 by field: the place of the text + 1; 0: there is none, -1: null
export const RECORD_TEXTS: u32 = RECORD_NUMBERS + NUMBER_COUNT * 4;
export const RECORD_NEW_COUNT: u32 = RECORD_TEXTS + FIELD_COUNT * 4; // texts that were not met before
export const RECORD_NEW: u32 = RECORD_NEW_COUNT + 4; // i32 each: their places + 1
export const NEW_MAX: u32 = 32; // with more than that, fields stand several times
export const RECORD_END: u32 = RECORD_NEW + NEW_MAX * 4;

// ---- field names, by a hash of the first four bytes behind the quote ----
export const NAME_BYTES: u32 = 16; // with quote and colon
export const NAME_TEXT: u32 = 0;
export const NAME_MASK: u32 = NAME_BYTES; // which bytes of the text count
export const NAME_FIELD: u32 = 2 * NAME_BYTES; // i32
export const NAME_LENGTH: u32 = NAME_FIELD + 4; // i32
export const NAME_ROW_BYTES: u32 = 3 * NAME_BYTES;
export const NAME_ROWS_LOG2: u32 = 7;
export const NAME_FACTOR: u32 = 0x9e3779b3; // with which no two names have the same hash
export const NAMES: u32 = 512;

// ---- caches of texts: keys padded with zeros, a size of each field's ----
export const KEY_BYTES_LOG2: u32 = 6;
export const KEY_BYTES: u32 = 1 << KEY_BYTES_LOG2;
export const CACHES: u32 = NAMES + (NAME_ROW_BYTES << NAME_ROWS_LOG2); // by field: its first place, its mask
export const CACHE_FIRST: u32 = 0; // i32
export const CACHE_MASK: u32 = 4; // i32
export const CACHE_ROW_LOG2: u32 = 3;
export const KEYS: u32 = (CACHES + (FIELD_COUNT << CACHE_ROW_LOG2) + KEY_BYTES - 1) & ~(KEY_BYTES - 1);

// Lines follow the keys, and bytes that are read with a last one.
export const INPUT_BYTES: u32 = 1 << 21;
export const INPUT_SLACK: u32 = 64;
