// Where SAPs, VCs and parties lie in a shard's memory, in scenarios that have them (src/contract/MODEL-OBJECTS.md): what all machines
// of the shard share, then in each machine a header and its tables. The host places them, as everything else (layout.ts).
//
//   shard:    | shared: counts, samplers, tables of transitions, operations and exchanges | a row for every profile |
//   machine:  | objects header | SAPs: S a slot | VCs: C + I a slot | notes of VCs | parties: P + 1 a VC |

// ---- shared by the machines of a shard ----
export const SHARED_COUNTS: u32 = 0; // u64 each: transitions so far, by number from CHANGE_FIRST on
export const SHARED_AT_END: u32 = SHARED_COUNTS + 8 * 28; // u64 each, by kind: objects that are not vacant at the end
export const SHARED_REMOTE: u32 = SHARED_AT_END + 8 * 3; // u64: probability as threshold of 32 bits
export const SHARED_REJECTS: u32 = SHARED_REMOTE + 8; // u64, likewise
export const SHARED_GAP: u32 = SHARED_REJECTS + 8; // sampler
export const SHARED_LASTS: u32 = SHARED_GAP + 4;
export const SHARED_CHANGES: u32 = SHARED_LASTS + 4; // u32 each: a bit for every state it starts from | to << 16 | status << 24
export const SHARED_OPERATIONS: u32 = SHARED_CHANGES + 4 * 28;
export const SHARED_EXCHANGES: u32 = SHARED_OPERATIONS + 8 * 9;
export const SHARED_BYTES: u32 = SHARED_EXCHANGES + 8 * 7;

// ---- operation, u8 each; a call of a call manager has two forms, of an MCM and of a stand-alone one ----
export const OPERATION_REQUEST: u32 = 0;
export const OPERATION_COMPLETION: u32 = OPERATION_REQUEST + 2;
export const OPERATION_ASK: u32 = OPERATION_COMPLETION + 2;
export const OPERATION_TELL: u32 = OPERATION_ASK + 1;
export const OPERATION_PROFILE: u32 = OPERATION_TELL + 1; // the part of a profile that says how it is served
export const OPERATION_BRINGS: u32 = OPERATION_PROFILE + 1; // the byte of a record's handles that the request's call lacks, + 1; 0: none
export const OPERATION_BYTES: u32 = OPERATION_BRINGS + 1;

// ---- exchange, u8 each ----
export const EXCHANGE_OUTER: u32 = 0; // in both forms
export const EXCHANGE_INNER: u32 = EXCHANGE_OUTER + 2;
export const EXCHANGE_OUTER_OP: u32 = EXCHANGE_INNER + 1; // of the trace
export const EXCHANGE_INNER_OP: u32 = EXCHANGE_OUTER_OP + 1;
export const EXCHANGE_BYTES: u32 = 8;

// ---- how the operations of a profile's call managers are served, and of their clients ----
export const SERVES_SAP: u32 = 0; // parts
export const SERVES_CALL: u32 = 1;
export const SERVES_VC: u32 = 2;
export const SERVES_PARTY: u32 = 3;
export const SERVES_ANSWER: u32 = 4;
export const SERVE_PENDS: u32 = 0; // u64 each, by part: probability as threshold of 32 bits
export const SERVE_FAILS: u32 = SERVE_PENDS + 8 * 5; // u64, likewise
export const SERVE_SAMPLERS: u32 = SERVE_FAILS + 8; // u32 each, by part
export const SERVE_BYTES: u32 = SERVE_SAMPLERS + 4 * 5 + 4;

// ---- header of a machine's objects ----
export const OBJECTS_TABLES: u32 = 0; // u32 each, by kind
export const OBJECTS_PER_SLOT: u32 = OBJECTS_TABLES + 4 * 3; // u32 each, by kind
export const OBJECTS_NOTES: u32 = OBJECTS_PER_SLOT + 4 * 3; // a byte a VC
export const OBJECTS_OUTGOING: u32 = OBJECTS_NOTES + 4; // VCs of a slot that are for outgoing calls: the first ones
export const OBJECTS_PARTIES: u32 = OBJECTS_OUTGOING + 4; // added to an outgoing call
export const OBJECTS_SHARED: u32 = OBJECTS_PARTIES + 4;
export const OBJECTS_FAULT_KINDS: u32 = OBJECTS_SHARED + 4; // u64: a bit for every kind from OBJECT_FAULT_FIRST on
export const OBJECTS_BYTES: u32 = OBJECTS_FAULT_KINDS + 8;

// ---- record of an object ----
//
//   31                              5 4     0
//   +--------------------------------+-------+
//   | generation                     | state |  OBJECT_WORD
//   +--------------------------------+-------+
//   | tick at which its operation began      |  OBJECT_SINCE
//   +----------------------------------------+
export const OBJECT_WORD: u32 = 0;
export const OBJECT_SINCE: u32 = OBJECT_WORD + 4;
export const OBJECT_SHIFT: u32 = 3;
export const OBJECT_RECORD_BYTES: u32 = 8;

// ---- handles of a trace record: a generation, then numbers + 1 within the slot or the VC, u8 each, 0 where it has none ----
export const HANDLES_VC_GENERATION: u32 = 0; // u32; a SAP has the generation of its AF, a party that of its VC
export const HANDLES_SAP: u32 = 4;
export const HANDLES_VC: u32 = HANDLES_SAP + 1;
export const HANDLES_PARTY: u32 = HANDLES_VC + 1;
export const HANDLES_ADDRESS: u32 = HANDLES_PARTY + 1; // the address of the SAP with that number
export const ADDRESS_NEIGHBOUR: u32 = 128; // added: of another client's
