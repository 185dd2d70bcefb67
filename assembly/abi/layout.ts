// Where everything lies in a shard's memory: offsets in bytes, each field derived from its neighbour. Both sides use
// these same constants, so they cannot drift apart. Regions of variable size are placed by the host (src/kernel/
// memory-map.ts), which writes their addresses into the shard and machine headers.
//
//   0        1024
//   +--------+----------+--------+-----------+---------+---------+---------------------------------------+---
//   | unused | shard    | batch, | profiles, | latency | order   | machine 0: header, call managers,     | machine 1 …
//   |        | header   | places | samplers  | counts  | counts, | processors, clients, windows, AF      |
//   |        |          |        |           |         | scratch | table, event wheel, run, chunks       |
//   +--------+----------+--------+-----------+---------+---------+---------------------------------------+---

// ---- shard header ----
export const SHARD: u32 = 1024;
export const SHARD_STOP: u32 = SHARD; // another thread stores 1 to stop the kernel
export const SHARD_TRAP: u32 = SHARD_STOP + 4;
export const SHARD_TRAP_DETAIL: u32 = SHARD_TRAP + 4;
export const SHARD_PROGRESS_TICK: u32 = SHARD_TRAP_DETAIL + 4;
export const SHARD_TICK_NS: u32 = SHARD_PROGRESS_TICK + 4; // u64
export const SHARD_CLOSE_DEADLINE: u32 = SHARD_TICK_NS + 8; // ticks
export const SHARD_OPEN_DEADLINE: u32 = SHARD_CLOSE_DEADLINE + 4;
export const SHARD_TOUCHED: u32 = SHARD_OPEN_DEADLINE + 4; // written and never read
export const SHARD_HOLD_SAMPLER: u32 = SHARD_TOUCHED + 4;
export const SHARD_THINK_SAMPLER: u32 = SHARD_HOLD_SAMPLER + 4;
export const SHARD_ARRIVAL_SAMPLER: u32 = SHARD_THINK_SAMPLER + 4; // 0: closed population
export const SHARD_REOPEN: u32 = SHARD_ARRIVAL_SAMPLER + 4;
export const SHARD_AGENDA: u32 = SHARD_REOPEN + 4;
export const SHARD_AGENDA_END: u32 = SHARD_AGENDA + 4; // address after the last entry in use
export const SHARD_SCRATCH: u32 = SHARD_AGENDA_END + 4; // of the ordering windows
export const SHARD_ORDER: u32 = SHARD_SCRATCH + 4;
export const SHARD_CLOSE_TOTAL: u32 = SHARD_ORDER + 4; // latency counts
export const SHARD_CLOSE_FIRST: u32 = SHARD_CLOSE_TOTAL + 4;
export const SHARD_OPEN_TOTAL: u32 = SHARD_CLOSE_FIRST + 4;
export const SHARD_OPEN_FIRST: u32 = SHARD_OPEN_TOTAL + 4;
export const SHARD_SERIES: u32 = SHARD_OPEN_FIRST + 4; // moments of the time series, the first one where measuring began
export const SHARD_MOMENT_BYTES: u32 = SHARD_SERIES + 4;
export const SHARD_MOMENTS: u32 = SHARD_MOMENT_BYTES + 4; // after the first one
export const SHARD_VIOLATIONS: u32 = SHARD_MOMENTS + 4;
export const SHARD_VIOLATION_COUNT: u32 = SHARD_VIOLATIONS + 4; // kept, at most FIRST_VIOLATIONS a machine
export const SHARD_TRACE: u32 = SHARD_VIOLATION_COUNT + 4;
export const SHARD_TRACE_END: u32 = SHARD_TRACE + 4;
export const SHARD_TRACE_LIMIT: u32 = SHARD_TRACE_END + 4;
export const SHARD_TRACE_FROM: u32 = SHARD_TRACE_LIMIT + 4; // tick
export const SHARD_TRACE_LAST: u32 = SHARD_TRACE_FROM + 4; // the last one that is traced
export const SHARD_GENERATION_MAX: u32 = SHARD_TRACE_LAST + 4; // 2^27 - 1; tests lower it
// Totals, u64 each.
export const SHARD_TOTALS: u32 = SHARD_GENERATION_MAX + 4;
export const TOTAL_OPENED: u32 = SHARD_TOTALS; // synchronously
export const TOTAL_OPEN_PENDED: u32 = TOTAL_OPENED + 8;
export const TOTAL_OPEN_COMPLETED: u32 = TOTAL_OPEN_PENDED + 8; // completion calls
export const TOTAL_OPEN_TOLD: u32 = TOTAL_OPEN_COMPLETED + 8;
export const TOTAL_CLOSED: u32 = TOTAL_OPEN_TOLD + 8; // synchronously
export const TOTAL_CLOSE_PENDED: u32 = TOTAL_CLOSED + 8; // inline ones included
export const TOTAL_INLINE: u32 = TOTAL_CLOSE_PENDED + 8;
export const TOTAL_CLOSE_COMPLETED: u32 = TOTAL_INLINE + 8; // completion calls but those that are made by mistake
export const TOTAL_CLOSE_TOLD: u32 = TOTAL_CLOSE_COMPLETED + 8;
export const TOTAL_OPEN_FAILED: u32 = TOTAL_CLOSE_TOLD + 8; // failed opens of which the client was told
export const TOTAL_OTHER_CALLS: u32 = TOTAL_OPEN_FAILED + 8; // that do not follow from the other totals (src/run/collect.ts)
export const TOTAL_TURNED_AWAY: u32 = TOTAL_OTHER_CALLS + 8;
export const TOTAL_UNDECIDED: u32 = TOTAL_TURNED_AWAY + 8;
export const SHARD_WAIT: u32 = TOTAL_UNDECIDED + 8; // u64: probability as threshold of 32 bits
export const SHARD_NOTIFY_PENDS: u32 = SHARD_WAIT + 8; // u64, likewise
export const SHARD_READINGS: u32 = SHARD_NOTIFY_PENDS + 8; // u64: a bit for every second reading of the contract
export const SHARD_RULES: u32 = SHARD_READINGS + 8; // u64 violations per rule number
export const RULE_LIMIT: u32 = 64;
export const SHARD_WARNINGS: u32 = SHARD_RULES + 8 * 64; // u64: a bit for every rule that is a warning
export const SHARD_FIRST: u32 = SHARD_WARNINGS + 8; // the first violation of each rule
export const SHARD_TRANSITIONS: u32 = SHARD_FIRST + 20 * 64; // u32 each: from | to << 8 | status << 16 | code << 24
export const SHARD_CALL_IRQL: u32 = SHARD_TRANSITIONS + 4 * 32; // u32 each: the highest IRQL that the call's page allows
export const SHARD_CALL_RULES: u32 = SHARD_CALL_IRQL + 4 * 128; // u8 each: by judged call and state, the rule that it breaks
export const SHARD_VCS: u32 = SHARD_CALL_RULES + 3 * 16; // a count table: how many thresholds, then these
export const SHARD_SAPS: u32 = SHARD_VCS + 4 * 32;
export const SHARD_END: u32 = SHARD_SAPS + 4 * 32;

// ---- batch of the plain loop: here, so that its addresses are constants ----
export const BATCH_EVENTS: u32 = (SHARD_END + 63) & ~63; // as in a chunk; in order of due ticks
export const BATCH_LIMIT: u32 = 128; // events; a step applies half of them
export const BATCH_EVENTS_END: u32 = BATCH_EVENTS + 8 * 130; // room for one more that is moved along
export const BATCH_NEXT: u32 = BATCH_EVENTS_END; // for each of them, the next event of its AF
export const BATCH_TOLD: u32 = BATCH_NEXT + 8 * 128; // completions
// By kind of event, 8 bytes each:
export const BATCH_KEYS: u32 = BATCH_TOLD + 16 * 129; // key of the next event's draw
export const BATCH_SAMPLERS: u32 = BATCH_KEYS + 16; // its sampler
export const BATCH_FROM: u32 = BATCH_SAMPLERS + 16; // the AF's state before
export const BATCH_STEP: u32 = BATCH_FROM + 16; // from its state word before to that after
export const BATCH_WHAT: u32 = BATCH_STEP + 16; // from the state word after to the second half of what the digest folds
export const BATCH_OPENED: u32 = BATCH_WHAT + 16; // the same of opening again
export const BATCH_END: u32 = BATCH_OPENED + 8;
// Places by tick, while the events of a block are sorted.
export const RUN_PLACES: u32 = BATCH_END;
export const RUN_PLACES_END: u32 = RUN_PLACES + 4 * 512;

// ---- machine header ----
export const MACHINE_NOW: u32 = 0; // the tick being processed, or next to process
export const MACHINE_HORIZON: u32 = MACHINE_NOW + 4; // end of the last phase
export const MACHINE_INDEX: u32 = MACHINE_HORIZON + 4;
export const MACHINE_SLOTS: u32 = MACHINE_INDEX + 4;
export const MACHINE_TABLE: u32 = MACHINE_SLOTS + 4;
export const MACHINE_WHEEL: u32 = MACHINE_TABLE + 4;
export const MACHINE_CHUNK_FREE: u32 = MACHINE_WHEEL + 4; // 0: none
export const MACHINE_CHUNK_NEXT: u32 = MACHINE_CHUNK_FREE + 4; // never used so far, from here
export const MACHINE_CHUNK_END: u32 = MACHINE_CHUNK_NEXT + 4;
export const MACHINE_CHUNK_BYTES: u32 = MACHINE_CHUNK_END + 4; // a power of two
export const MACHINE_ENTERED: u32 = MACHINE_CHUNK_BYTES + 4; // 1 + the level 0 block whose events have come down
export const MACHINE_RUN: u32 = MACHINE_ENTERED + 4; // room for the events of so many chunks
export const MACHINE_RUN_CHUNKS: u32 = MACHINE_RUN + 4;
export const MACHINE_RUN_NEXT: u32 = MACHINE_RUN_CHUNKS + 4; // those of the block that are not done yet, sorted
export const MACHINE_RUN_END: u32 = MACHINE_RUN_NEXT + 4;
export const MACHINE_QUEUED: u32 = MACHINE_RUN_END + 4; // events in the queue
export const MACHINE_BEYOND: u32 = MACHINE_QUEUED + 4; // 1: an event fell beyond the end
export const MACHINE_LAST_TICK: u32 = MACHINE_BEYOND + 4; // of the last event
export const MACHINE_DRAINING: u32 = MACHINE_LAST_TICK + 4;
export const MACHINE_OPEN: u32 = MACHINE_DRAINING + 4;
export const MACHINE_PEAK_OPEN: u32 = MACHINE_OPEN + 4;
export const MACHINE_PENDED: u32 = MACHINE_PEAK_OPEN + 4;
export const MACHINE_PEAK_PENDED: u32 = MACHINE_PENDED + 4;
export const MACHINE_ADAPTERS: u32 = MACHINE_PEAK_PENDED + 4;
export const MACHINE_CLIENTS_PER_ADAPTER: u32 = MACHINE_ADAPTERS + 4;
export const MACHINE_CALL_MANAGERS: u32 = MACHINE_CLIENTS_PER_ADAPTER + 4;
export const MACHINE_CLIENTS: u32 = MACHINE_CALL_MANAGERS + 4;
export const MACHINE_PROCESSORS: u32 = MACHINE_CLIENTS + 4;
export const MACHINE_PROCESSOR_COUNT: u32 = MACHINE_PROCESSORS + 4;
export const MACHINE_DPC_BUDGET: u32 = MACHINE_PROCESSOR_COUNT + 4;
export const MACHINE_COMPLETION_COST: u32 = MACHINE_DPC_BUDGET + 4; // ticks
export const MACHINE_FREE_HEAD: u32 = MACHINE_COMPLETION_COST + 4; // slot + 1, 0: none; linked by the records
export const MACHINE_FREE_TAIL: u32 = MACHINE_FREE_HEAD + 4;
export const MACHINE_SEQ: u32 = MACHINE_FREE_TAIL + 4; // of the last trace record
export const MACHINE_FRAME: u32 = MACHINE_SEQ + 4;
export const MACHINE_TRACE_AFS: u32 = MACHINE_FRAME + 4; // a bit a slot, or 0: all
export const MACHINE_TRACE_CLIENTS: u32 = MACHINE_TRACE_AFS + 4; // with a bit a slot: a bit a client and a bit an adapter
export const MACHINE_TRACE_ADAPTERS: u32 = MACHINE_TRACE_CLIENTS + 4;
export const MACHINE_FAULTS: u32 = MACHINE_TRACE_ADAPTERS + 4;
export const MACHINE_FAULT_COUNT: u32 = MACHINE_FAULTS + 4;
export const MACHINE_VIOLATIONS: u32 = MACHINE_FAULT_COUNT + 4; // kept so far
export const MACHINE_LEFT: u32 = MACHINE_VIOLATIONS + 4; // a byte a slot: teardowns to complete, or SAPs and VCs that are not vacant; 0: no AF has work
export const MACHINE_BINDINGS: u32 = MACHINE_LEFT + 4; // one a client; 0: they are all bound and stay so
export const MACHINE_NOTES: u32 = MACHINE_BINDINGS + 4; // a byte a slot; 0: no adapter is ever halted, and AFs have no objects
export const MACHINE_OPENING: u32 = MACHINE_NOTES + 4; // a number a client: AFs whose open is pended; 0: nobody asks
export const MACHINE_OBJECTS: u32 = MACHINE_OPENING + 4; // header of SAPs, VCs and parties (object-layout.ts); 0: there are none
export const MACHINE_FAULT_KINDS: u32 = MACHINE_OBJECTS + 4; // u64: a bit for every kind below OBJECT_FAULT_FIRST that is among the faults, and from HABITS_SHIFT on for every habit
export const MACHINE_ADAPTER_SCALE: u32 = MACHINE_FAULT_KINDS + 8; // u64: floor(2^32 adapters / slots)
export const MACHINE_ARRIVALS: u32 = MACHINE_ADAPTER_SCALE + 8; // u64: number of the next one
export const MACHINE_ARRIVAL_TIME: u32 = MACHINE_ARRIVALS + 8; // u64: its time, 16 binary places
export const MACHINE_KEYS: u32 = MACHINE_ARRIVAL_TIME + 8; // u64 per purpose
export const MACHINE_BYTES: u32 = MACHINE_KEYS + 8 * 128;

// ---- call manager (one an adapter) ----
export const CM_DIGEST: u32 = 0; // u64
export const CM_PROFILE: u32 = CM_DIGEST + 8;
export const CM_SEQUENCE: u32 = CM_PROFILE + 4; // of the next close
export const CM_NEXT_EXPECTED: u32 = CM_SEQUENCE + 4; // 1 + the largest sequence completed so far (RFC 4737 NextExp)
export const CM_WINDOW: u32 = CM_NEXT_EXPECTED + 4;
export const CM_WINDOW_END: u32 = CM_WINDOW + 4; // address after the last sequence
export const CM_WINDOW_EXPECTED: u32 = CM_WINDOW_END + 4; // CM_NEXT_EXPECTED when the window began
export const CM_HALTED: u32 = CM_WINDOW_EXPECTED + 4;
export const CM_BUSY: u32 = CM_HALTED + 4; // servers
export const CM_WAITING: u32 = CM_BUSY + 4; // array of slots
export const CM_WAITING_CAPACITY: u32 = CM_WAITING + 4;
export const CM_WAITING_HEAD: u32 = CM_WAITING_CAPACITY + 4; // index
export const CM_WAITING_COUNT: u32 = CM_WAITING_HEAD + 4;
export const CM_CHOICES: u32 = CM_WAITING_COUNT + 4; // draws of a server's choice so far
export const CM_BATCH_HEAD: u32 = CM_CHOICES + 4; // slot + 1, 0: none; linked by the records
export const CM_BATCH_TAIL: u32 = CM_BATCH_HEAD + 4;
export const CM_BATCH_COUNT: u32 = CM_BATCH_TAIL + 4;
export const CM_BATCH_DUE: u32 = CM_BATCH_COUNT + 4; // u64: tick at which the batch is flushed at the latest
export const CM_TIMER: u32 = CM_BATCH_DUE + 8; // 1: its coalescing timer is in the queue
export const CM_READY_HEAD: u32 = CM_TIMER + 4; // completions that wait for their processor: slot + 1
export const CM_READY_TAIL: u32 = CM_READY_HEAD + 4;
export const CM_QUEUED: u32 = CM_READY_TAIL + 4; // 1: it stands in its processor's queue
export const CM_NEXT: u32 = CM_QUEUED + 4; // in that queue: call manager + 1
export const CM_TAKEN: u32 = CM_NEXT + 4; // slots since it came to the head
export const CM_LIVE: u32 = CM_TAKEN + 4; // slots whose end a halt waits for
export const CM_NOTES: u32 = CM_LIVE + 4;
export const CM_HALT_FRAME: u32 = CM_NOTES + 4; // trace frame of MiniportHaltEx
export const CM_LAST_SLOT: u32 = CM_HALT_FRAME + 4; // whose close was completed last: slot + 1, 0: none; for one fault only
export const CM_LAST_GENERATION: u32 = CM_LAST_SLOT + 4;
export const CM_HANDLE: u32 = CM_LAST_GENERATION + 4; // the slot that was opened last, + 1; for one habit only
export const CM_BYTES: u32 = 128; // a power of two

// ---- profile of call managers ----
export const PROFILE_OPEN_PENDS: u32 = 0; // u64: probability as threshold of 32 bits
export const PROFILE_CLOSE_PENDS: u32 = PROFILE_OPEN_PENDS + 8;
export const PROFILE_INLINE: u32 = PROFILE_CLOSE_PENDS + 8;
export const PROFILE_OPEN_FAILS: u32 = PROFILE_INLINE + 8;
export const PROFILE_REFUSES: u32 = PROFILE_OPEN_FAILS + 8;
export const PROFILE_OPEN_SAMPLER: u32 = PROFILE_REFUSES + 8;
export const PROFILE_CLOSE_SAMPLER: u32 = PROFILE_OPEN_SAMPLER + 4;
export const PROFILE_TEARDOWN_SAMPLER: u32 = PROFILE_CLOSE_SAMPLER + 4;
export const PROFILE_SERVERS: u32 = PROFILE_TEARDOWN_SAMPLER + 4; // 0: no limit
export const PROFILE_ORDER: u32 = PROFILE_SERVERS + 4;
export const PROFILE_COALESCE: u32 = PROFILE_ORDER + 4; // 0: none
export const PROFILE_TIMER: u32 = PROFILE_COALESCE + 4; // ticks
export const PROFILE_IRQL: u32 = PROFILE_TIMER + 4;
export const PROFILE_OPEN_COMPLETE: u32 = PROFILE_IRQL + 4; // the call of its kind
export const PROFILE_CLOSE_COMPLETE: u32 = PROFILE_OPEN_COMPLETE + 4;
export const PROFILE_CALL_CLOSED: u32 = PROFILE_CLOSE_COMPLETE + 4;
export const PROFILE_SAP_DEREGISTERED: u32 = PROFILE_CALL_CLOSED + 4;
export const PROFILE_REGISTER: u32 = PROFILE_SAP_DEREGISTERED + 4;
export const PROFILE_NOTIFY: u32 = PROFILE_REGISTER + 4;
export const PROFILE_NOTIFY_CLOSING: u32 = PROFILE_NOTIFY + 4; // 1: a halt notifies also of AFs whose close is pended
export const PROFILE_STANDALONE: u32 = PROFILE_NOTIFY_CLOSING + 4; // 1: it is bound to its adapter as a client is
export const PROFILE_HABITS: u32 = PROFILE_STANDALONE + 4; // bits, also of the clients
export const PROFILE_SERVES: u32 = PROFILE_HABITS + 4; // how operations on objects are served (object-layout.ts)
export const PROFILE_BYTES: u32 = PROFILE_SERVES + 4;

// ---- processor ----
export const PROCESSOR_BUSY: u32 = 0; // slot + 1 of its item, 0: idle
export const PROCESSOR_CALL_MANAGER: u32 = PROCESSOR_BUSY + 4; // of its item
export const PROCESSOR_DPC_HEAD: u32 = PROCESSOR_CALL_MANAGER + 4; // call manager + 1
export const PROCESSOR_DPC_TAIL: u32 = PROCESSOR_DPC_HEAD + 4;
export const PROCESSOR_WORK_HEAD: u32 = PROCESSOR_DPC_TAIL + 4;
export const PROCESSOR_WORK_TAIL: u32 = PROCESSOR_WORK_HEAD + 4;
export const PROCESSOR_FRAME: u32 = PROCESSOR_WORK_TAIL + 4; // trace frame of the completion call
export const PROCESSOR_BYTES: u32 = PROCESSOR_FRAME + 8;

// ---- fault: its draws have purpose PURPOSE_FAULT + its index ----
export const FAULT_KIND: u32 = 0;
export const FAULT_AFS: u32 = FAULT_KIND + 4; // a bit a slot, or 0: by rate
export const FAULT_RATE: u32 = FAULT_AFS + 4; // u64: probability as threshold of 32 bits
export const FAULT_BYTES: u32 = FAULT_RATE + 8;

// ---- client ----
export const CLIENT_NEXT_EXPECTED: u32 = 0;
export const CLIENT_COMPLETIONS: u32 = CLIENT_NEXT_EXPECTED + 4;
export const CLIENT_REORDERED: u32 = CLIENT_COMPLETIONS + 4;
export const CLIENT_NOTES: u32 = CLIENT_REORDERED + 4; // u16
export const CLIENT_NOTIFIED: u32 = CLIENT_NOTES + 2; // u16: times that it was notified of an AF since it was bound; for judging NDIS only
export const CLIENT_BYTES: u32 = CLIENT_NOTIFIED + 2;

// ---- binding of a client to its adapter ----
export const BINDING_STATE: u32 = 0;
export const BINDING_LIVE: u32 = BINDING_STATE + 4; // slots whose end an unbind waits for
export const BINDING_NOTES: u32 = BINDING_LIVE + 4;
export const BINDING_BYTES: u32 = BINDING_NOTES + 4;

// ---- record of an AF slot ----
//
//   31                              5 4     0
//   +--------------------------------+-------+
//   | generation                     | state |  AF_WORD
//   +--------------------------------+-------+
//   | tick of the pending request            |  AF_TICK
//   +----------------------------------------+
//   | close sequence at its call manager     |  AF_SEQUENCE
//   +----------------------------------------+
//   | due tick of its event, or next in list |  AF_LINK
//   +----------------------------------------+
export const AF_WORD: u32 = 0;
export const AF_TICK: u32 = AF_WORD + 4;
export const AF_SEQUENCE: u32 = AF_TICK + 4;
export const AF_LINK: u32 = AF_SEQUENCE + 4;
export const AF_SHIFT: u32 = 4;
export const AF_BYTES: u32 = 16;
export const STATE_BITS: u32 = 5;
export const STATE_MASK: u32 = 31;

// ---- event: due tick, then its word, slot << 4 | kind; in a slot of level 0 the word alone ----
export const EVENT_BYTES: u32 = 8;
export const WORD_BYTES: u32 = 4;
export const KIND_BITS: u32 = 4;
export const KIND_MASK: u32 = 15;

// ---- event queue: three wheels of slots, each slot a chain of chunks ----
//
//   due tick   31          21 20           9 8          0
//              +-------------+--------------+------------+
//              | level 2     | level 1      | level 0    |
//              +-------------+--------------+------------+
//
// A block is what level 0 spans. The events that come down when one begins are sorted into its run, an array, if that has room; only what is inserted
// later for the same block, or comes down where the run has no room, lies in the slots of level 0. Of a tick the run's events come first.
// 512 slots in level 0: with 256, the slots of level 1 that are written at a time do not fit the L1 cache; 1024 were slower again.
export const LEVEL0_BITS: u32 = 9;
export const LEVEL1_BITS: u32 = 12;
export const LEVEL2_BITS: u32 = 11;
export const LEVEL0_MASK: u32 = 511; // (1 << LEVEL0_BITS) - 1
export const WHEEL_LEVEL1: u32 = 4096; // bytes: 8 << LEVEL0_BITS
export const WHEEL_LEVEL2: u32 = 4096 + 32768; // + 8 << LEVEL1_BITS
export const WHEEL_BYTES: u32 = 4096 + 32768 + 16384;
export const HEAD_FIRST: u32 = 0; // the event that is read first, 0: none
export const HEAD_WRITE: u32 = HEAD_FIRST + 4; // where the next event goes; a multiple of the chunks' bytes: a new chunk first
export const HEAD_BYTES: u32 = 8;
export const CHUNK_NEXT: u32 = 0;
export const CHUNK_EVENTS: u32 = CHUNK_NEXT + 8;
// Small ones stay in the caches while their tick is filled; large ones, where many events are due in a tick, let the processor read ahead.
export const CHUNK_BYTES_SMALL: u32 = 512;
export const CHUNK_BYTES_LARGE: u32 = 2048;
// A run has room for an eighth of the events that a machine can have, and so takes a byte an AF; larger ones leave the caches.
export const RUN_SHARE: u32 = 8;
export const RUN_EVENTS_MAX: u32 = 65536;

// ---- what a batch wants to schedule ----
export const AGENDA_WORD: u32 = 0; // event word
export const AGENDA_GENERATION: u32 = AGENDA_WORD + 4;
export const AGENDA_SAMPLER: u32 = AGENDA_GENERATION + 4; // 0: AGENDA_GENERATION holds the delay in ticks
export const AGENDA_KEY: u32 = AGENDA_SAMPLER + 4; // address of the draw's key
export const AGENDA_BYTES: u32 = 16;
export const AGENDA_LIMIT: u32 = 256; // entries

// ---- a completion in the batch of the plain loop ----
export const TOLD_LATENCY: u32 = 0; // ticks
export const TOLD_SEQUENCE: u32 = TOLD_LATENCY + 4;
export const TOLD_PLACE: u32 = TOLD_SEQUENCE + 4; // u64
export const TOLD_BYTES: u32 = 16;

// ---- sampler (src/contract/sampler.ts) ----
export const SAMPLER_CONSTANT: u32 = 0; // 1: always SAMPLER_TICKS
export const SAMPLER_TICKS: u32 = SAMPLER_CONSTANT + 4;
// Values at the knots, u64 each, from the rarest octave to the most common and one more at the end: a cell falls from its knot to the next.
export const SAMPLER_CELLS: u32 = SAMPLER_TICKS + 4;
export const SAMPLER_OCTAVES: u32 = 40;
export const SAMPLER_CELLS_PER_OCTAVE: u32 = 64;
export const SAMPLER_BYTES: u32 = 8 + 2561 * 8;

// ---- count table (src/contract/count-table.ts) ----
export const COUNT_MAX: u32 = 0;
export const COUNT_THRESHOLDS: u32 = COUNT_MAX + 4; // u32 each, rising, at most 31

// ---- latency counts ----
export const LATENCY_SUM: u32 = 0; // u64, ticks
export const LATENCY_MIN: u32 = LATENCY_SUM + 8; // ticks; 2^32 - 1 when nothing was counted
export const LATENCY_MAX: u32 = LATENCY_MIN + 4;
export const LATENCY_COUNTS: u32 = LATENCY_MAX + 4; // u64 per HdrHistogram bucket

// ---- moment of the time series: what the shard's counts were then, those of closes alone ----
export const MOMENT_OPENED: u32 = 0; // u64: the totals of these names
export const MOMENT_OPEN_TOLD: u32 = MOMENT_OPENED + 8;
export const MOMENT_CLOSED: u32 = MOMENT_OPEN_TOLD + 8;
export const MOMENT_CLOSE_PENDED: u32 = MOMENT_CLOSED + 8;
export const MOMENT_CLOSE_TOLD: u32 = MOMENT_CLOSE_PENDED + 8;
export const MOMENT_OPEN: u32 = MOMENT_CLOSE_TOLD + 8; // u64: AFs open, of all machines
export const MOMENT_PENDED: u32 = MOMENT_OPEN + 8; // u64: closes pended
export const MOMENT_SUM: u32 = MOMENT_PENDED + 8; // u64: of latencies, ticks
export const MOMENT_MIN: u32 = MOMENT_SUM + 8; // ticks, since the moment before
export const MOMENT_MAX: u32 = MOMENT_MIN + 4;
export const MOMENT_COUNTS: u32 = MOMENT_MAX + 4; // u64: latencies in MOMENT_BUCKETS HdrHistogram buckets
export const MOMENT_BUCKETS: u32 = 16;
// Time goes on in steps twice as long, and every second moment is forgotten, whenever there are so many: an even number.
export const MOMENTS_MAX: u32 = 64;

// ---- order counts (src/measure/counts.ts) ----
export const WINDOW: u32 = 4096; // 1 << WINDOW_BITS
export const WINDOW_BITS: u32 = 12;
export const ORDER_REORDERED: u32 = 0; // u64 each
export const ORDER_BEYOND: u32 = ORDER_REORDERED + 8;
export const ORDER_N_BEYOND: u32 = ORDER_BEYOND + 8;
export const ORDER_INVERSIONS: u32 = ORDER_N_BEYOND + 8;
export const ORDER_PAIRS: u32 = ORDER_INVERSIONS + 8;
export const ORDER_WINDOWS: u32 = ORDER_PAIRS + 8;
export const ORDER_EXTENTS: u32 = ORDER_WINDOWS + 8;
export const ORDER_N_REORDERING: u32 = ORDER_EXTENTS + 8 * 4096;
export const ORDER_DENSITY: u32 = ORDER_N_REORDERING + 8 * 4097; // one more: a sink
export const ORDER_BYTES: u32 = ORDER_DENSITY + 8 * 8192;
// Scratch of one window.
export const SCRATCH_A: u32 = 0; // keys
export const SCRATCH_B: u32 = SCRATCH_A + 4 * 4096;
export const SCRATCH_RANK: u32 = SCRATCH_B + 4 * 4096 + 16; // u16 each, behind a sentinel of 16 bytes
export const SCRATCH_INDEX: u32 = SCRATCH_RANK + 2 * 4096; // u16 each, by rank
export const SCRATCH_DIGITS: u32 = SCRATCH_INDEX + 2 * 4096; // u32 each, for digits of 12, 10 and 10 bits or of 11 and 11
export const SCRATCH_COUNTS: u32 = SCRATCH_DIGITS + 4 * (4096 + 2 * 1024); // inversion counters
export const SCRATCH_MASKS: u32 = SCRATCH_COUNTS + 1024;
export const SCRATCH_BYTES: u32 = SCRATCH_MASKS + 128;

// ---- kept violation ----
export const VIOLATION_RULE: u32 = 0;
export const VIOLATION_TICK: u32 = VIOLATION_RULE + 4;
export const VIOLATION_MACHINE: u32 = VIOLATION_TICK + 4;
export const VIOLATION_SLOT: u32 = VIOLATION_MACHINE + 4;
export const VIOLATION_GENERATION: u32 = VIOLATION_SLOT + 4;
export const VIOLATION_BYTES: u32 = VIOLATION_GENERATION + 4;
export const VIOLATIONS_PER_MACHINE: u32 = 20;

// ---- trace record ----
export const TRACE_TICK: u32 = 0;
export const TRACE_SEQ: u32 = TRACE_TICK + 4;
export const TRACE_SLOT: u32 = TRACE_SEQ + 4; // or the number of a client or an adapter
export const TRACE_GENERATION: u32 = TRACE_SLOT + 4;
export const TRACE_FRAME: u32 = TRACE_GENERATION + 4;
export const TRACE_PARENT: u32 = TRACE_FRAME + 4;
export const TRACE_OP: u32 = TRACE_PARENT + 4; // u8 each
export const TRACE_CALL: u32 = TRACE_OP + 1;
export const TRACE_STATUS: u32 = TRACE_CALL + 1;
export const TRACE_CONTEXT: u32 = TRACE_STATUS + 1; // 1: NULL
export const TRACE_PROCESSOR: u32 = TRACE_CONTEXT + 1; // u16; the adapter follows from the slot
export const TRACE_IRQL: u32 = TRACE_PROCESSOR + 2;
export const TRACE_HANDLES: u32 = TRACE_IRQL + 2; // u64: SAP, VC and party (object-layout.ts)
export const TRACE_RECORD_BYTES: u32 = 40;
