// What lanes share of a call manager, in live runs whose call managers serve closes in turn, gather completions or have habits: a record an
// adapter, in cache lines of its own. What stands first is read and written only by the lane that holds the lock; the rest is changed by
// atomic operations, without it.
export const CONDUCT_BUSY: u32 = 0; // servers
export const CONDUCT_CHOICES: u32 = CONDUCT_BUSY + 4; // draws of a server's choice so far
export const CONDUCT_WAITING: u32 = CONDUCT_CHOICES + 4; // ring of entries
export const CONDUCT_WAITING_CAPACITY: u32 = CONDUCT_WAITING + 4;
export const CONDUCT_WAITING_HEAD: u32 = CONDUCT_WAITING_CAPACITY + 4; // index
export const CONDUCT_WAITING_COUNT: u32 = CONDUCT_WAITING_HEAD + 4;
export const CONDUCT_BATCH: u32 = CONDUCT_WAITING_COUNT + 4; // array of entries
export const CONDUCT_BATCH_CAPACITY: u32 = CONDUCT_BATCH + 4; // entries that make it full
export const CONDUCT_BATCH_COUNT: u32 = CONDUCT_BATCH_CAPACITY + 4;
export const CONDUCT_BATCH_NUMBER: u32 = CONDUCT_BATCH_COUNT + 4; // batches sent off so far
// Changed by one atomic operation each.
export const CONDUCT_SEQUENCE: u32 = CONDUCT_BATCH_NUMBER + 4; // of the next close
export const CONDUCT_NOTES: u32 = CONDUCT_SEQUENCE + 4; // NOTE_FLAG, NOTE_DEADLOCKED
export const CONDUCT_LAST: u32 = CONDUCT_NOTES + 4; // u64: whose close was completed last, slot + 1, 0: none, and its generation in the high half; for one fault only
export const CONDUCT_HANDLE: u32 = CONDUCT_LAST + 8; // the slot that was opened last, + 1; for one habit only
export const CONDUCT_LOCK: u32 = 128; // SHARED_LOCK: lane + 1 that holds it, 0: none
export const CONDUCT_BYTES: u32 = 256;

// ---- entry: a pended close ----
export const ENTRY_SLOT: u32 = 0;
export const ENTRY_WORD: u32 = ENTRY_SLOT + 4; // the state word with which it was pended
export const ENTRY_SEQUENCE: u32 = ENTRY_WORD + 4;
export const ENTRY_BYTES: u32 = 16;
