// Where everything lies in the memory of a live run. Its first part is that of a shard with one machine (layout.ts): profiles, samplers,
// faults, tables of rules and the AF table are written and read alike. What follows belongs to the lanes:
//
//   +----------------------------+--------+--------+-----+-----------------------------------------+
//   | as a shard of one machine, | shared | lane 0 | ... | rings of items: one for every pair of   |
//   | up to the AF table         |        |        |     | lanes (spsc), or one for all            |
//   +----------------------------+--------+--------+-----+-----------------------------------------+
//
// A lane begins with a header of a machine, so that draws, faults and places are those of the deterministic kernel. Only its lane writes
// to it. What several lanes write to is marked, and has 128 bytes of its own: two cache lines, because processors fetch them in pairs.
export const LANES_MAX: u32 = 16;
export const APART: u32 = 128;

// How items are handed over.
export const DISPATCH_SPSC: u32 = 0;
export const DISPATCH_MPMC: u32 = 1;
export const DISPATCH_LOCK: u32 = 2;

// What a lane waits for, for the watchdog.
export const WAIT_NOTHING: u32 = 0;
export const WAIT_START: u32 = 1; // that every lane is ready
export const WAIT_LOCK: u32 = 2; // the lock of the list; LANE_WAITS_ON has its holder
export const WAIT_ROOM: u32 = 3; // room in a ring; LANE_WAITS_ON has the lane that empties it
export const WAIT_IDLE: u32 = 4; // for something to do
export const WAIT_CALL_MANAGER: u32 = 5; // the lock of a call manager (conduct-layout.ts); LANE_WAITS_ON has its holder

// What a step answers.
export const STEP_BUSY: u32 = 0;
export const STEP_ENDED: u32 = 1;
export const STEP_STOPPED: u32 = 2;

// Kinds of items that lanes hand over, in the place of an event's kind.
export const ITEM_CLOSE: u32 = 1; // to the call manager: a close was pended
export const ITEM_OPEN: u32 = 2; // to the call manager: an open was pended
export const ITEM_OPEN_TOLD: u32 = 3; // to the client: its open has completed
export const ITEM_TOLD: u32 = 4; // to the client: its close has completed
export const ITEM_INLINE: u32 = 5; // to the call manager: complete at once; ProtocolCmCloseAf has not returned yet
export const ITEM_SECOND: u32 = 6; // to another lane, by mistake: complete the close as well
export const ITEM_STALE: u32 = 7; // to another lane, by mistake: complete at once a close that was not pended
export const ITEM_CALLS: u32 = 8; // to the call manager: the calls on an AF are to be closed, each with its own service
export const ITEM_SAPS: u32 = 9; // the same of its SAPs
export const ITEM_AGAIN: u32 = 10; // to the client: the work because of which its close had failed is done
export const ITEM_CLOSE_HELD: u32 = 11; // to the call manager: a close was pended because of work
export const ITEM_OBJECT: u32 = 12; // to who serves an operation on an object, or waits for a call: with its index, and what comes of it
export const ITEM_SERVE: u32 = 13; // to the call manager: the work is done because of which a close was pended
// Kinds of events beside those of codes.ts; ITEM_CALLS and ITEM_SAPS become EVENT_CALL_CLOSED and EVENT_SAP_DEREGISTERED.
export const EVENT_OBJECT: u32 = 3; // ITEM_OBJECT
export const EVENT_BEGIN: u32 = 11; // an AF with objects was opened
export const EVENT_AGAIN: u32 = 10; // ITEM_AGAIN
export const EVENT_SECOND_DONE: u32 = 12; // the service of ITEM_SECOND
export const EVENT_NOTIFY: u32 = 13; // an AF was opened on an adapter that halts
export const EVENT_INLINE_DONE: u32 = 14; // ITEM_INLINE
export const EVENT_SERVED: u32 = 6; // the service of a close, at a call manager that has a record of conduct; no processor is simulated that could end an item

// ---- shared by all lanes ----
export const SHARED_GO: u32 = 0; // lanes that are ready; several write
export const SHARED_START_NS: u32 = SHARED_GO + 8; // u64: when the run began
export const SHARED_LANE_BYTES: u32 = SHARED_START_NS + 8;
export const SHARED_FIRST_LANE: u32 = SHARED_LANE_BYTES + 4;
export const SHARED_RINGS: u32 = SHARED_FIRST_LANE + 4;
export const SHARED_ASKED: u32 = SHARED_RINGS + 4; // a byte a client: it has answered for the failed opens of its binding
export const SHARED_OLDER: u32 = SHARED_ASKED + 4; // a byte a client: what its last close returned, for one habit only; several write
export const SHARED_NUMBERS: u32 = SHARED_OLDER + 4; // a number an adapter: trace records so far; several write
export const SHARED_LOCK: u32 = APART; // lane + 1 that holds it, 0: none; several write, as all of the list
export const SHARED_LIST_HEAD: u32 = SHARED_LOCK + 4;
export const SHARED_LIST_TAIL: u32 = SHARED_LIST_HEAD + 4;
export const SHARED_TAIL: u32 = 2 * APART; // of the ring for all; several write
export const SHARED_HEAD: u32 = 3 * APART; // several write
export const SHARED_BYTES: u32 = 4 * APART;

// ---- ring of a pair of lanes: one writes, one reads; positions count on and are taken modulo the ring's size ----
export const RING_TAIL: u32 = 0; // published by the writer
export const RING_NEXT: u32 = APART; // where the writer goes on; not published yet
export const RING_SEEN_HEAD: u32 = RING_NEXT + 4; // what it last saw of the reader
export const RING_HEAD: u32 = 2 * APART; // published by the reader
export const RING_TAKEN: u32 = 3 * APART; // what the reader last published
export const RING_ITEMS: u32 = 4 * APART;
export const RING_SIZE: u32 = 16384; // items of 8 bytes: slot << 4 | kind, state word
export const RING_BYTES: u32 = RING_ITEMS + 8 * 16384;

// ---- ring or list for all: cells of a turn and an item ----
export const CELL_TURN: u32 = 0;
export const CELL_ITEM: u32 = 8;
export const CELL_BYTES: u32 = 16;
export const CELLS: u32 = 65536;

// ---- lane ----
export const LANE_INDEX: u32 = 2048; // behind the header of a machine (src/kernel/lane-map.ts checks)
export const LANE_SHARED: u32 = LANE_INDEX + 4;
export const LANE_STAMP: u32 = LANE_SHARED + 4; // the clock as it was read for this step, in ticks
export const LANE_DISPATCH: u32 = LANE_STAMP + 4;
export const LANE_LANES: u32 = LANE_DISPATCH + 4;
export const LANE_OUT: u32 = LANE_LANES + 4; // first ring that it writes to
export const LANE_IN: u32 = LANE_OUT + 4; // first ring that it reads from
export const LANE_IN_STRIDE: u32 = LANE_IN + 4;
export const LANE_CLIENT_LANES: u32 = LANE_IN_STRIDE + 4;
export const LANE_ADAPTER_LANES: u32 = LANE_CLIENT_LANES + 4;
export const LANE_HALTED: u32 = LANE_ADAPTER_LANES + 4;
export const LANE_BATCH: u32 = LANE_HALTED + 4;
export const LANE_INBOX: u32 = LANE_BATCH + 4;
export const LANE_CALLS: u32 = LANE_INBOX + 4; // calls of ProtocolCmCloseAf that have not returned
export const LANE_CALLS_END: u32 = LANE_CALLS + 4;
export const LANE_ORDER: u32 = LANE_CALLS_END + 4;
export const LANE_SCRATCH: u32 = LANE_ORDER + 4;
export const LANE_CLOSE_COUNTS: u32 = LANE_SCRATCH + 4;
export const LANE_OPEN_COUNTS: u32 = LANE_CLOSE_COUNTS + 4;
export const LANE_COUNTS_BYTES: u32 = LANE_OPEN_COUNTS + 4;
export const LANE_AGENDA_NEXT: u32 = LANE_COUNTS_BYTES + 4;
export const LANE_AGENDA_END: u32 = LANE_AGENDA_NEXT + 4;
export const LANE_WALK_WHAT: u32 = LANE_AGENDA_END + 4; // of walks: AGENDA_HALT, AGENDA_UNBIND or AGENDA_BIND
export const LANE_WALK_NEXT: u32 = LANE_WALK_WHAT + 4; // the next adapter, or the next client, and the one after the last
export const LANE_WALK_END: u32 = LANE_WALK_NEXT + 4;
export const LANE_WALK_CLIENTS_FROM: u32 = LANE_WALK_END + 4; // which clients of an adapter
export const LANE_WALK_CLIENTS_TO: u32 = LANE_WALK_CLIENTS_FROM + 4;
export const LANE_WALK_WALKER: u32 = LANE_WALK_CLIENTS_TO + 4; // whose slots are being walked, its number + 1; 0: nobody's
export const LANE_WALK_SLOT: u32 = LANE_WALK_WALKER + 4; // the next one of these slots
export const LANE_WALK_LAST: u32 = LANE_WALK_SLOT + 4;
export const LANE_WALK_GONE: u32 = LANE_WALK_LAST + 4; // 1: the last AF that a halt has notified of is closed
export const LANE_WALK_CLOSING: u32 = LANE_WALK_GONE + 4; // the first slot whose close the walk has pended and not handed over yet, + 1; for two faults only
export const LANE_WALK_WORD: u32 = LANE_WALK_CLOSING + 4; // its state word
export const LANE_BINDINGS: u32 = LANE_WALK_WORD + 4; // 0: nobody is ever unbound or halted
export const LANE_KEPT: u32 = LANE_BINDINGS + 4; // a byte a slot: 1 where it waits for its client's bind; 0: arrivals meet no unbind
export const LANE_CLAIMS: u32 = LANE_KEPT + 4; // 1: a completion takes its AF before it is called, as notifications of AFs that are closing may meet it
export const LANE_WORK: u32 = LANE_CLAIMS + 4; // records of work, one a slot; 0: no AF has any
export const LANE_SCOPES: u32 = LANE_WORK + 4; // opens under way, by client; 0: nobody asks
export const LANE_NOTIFIES: u32 = LANE_SCOPES + 4; // what a notification of an AF with objects has come to (live/object-notifications.ts)
export const LANE_GONE: u32 = LANE_NOTIFIES + 4; // 1: the last object is gone of the AF that it owns
export const LANE_STEP_EVENTS: u32 = LANE_GONE + 4; // that it takes from its queue in a step, at most STEP_EVENTS
export const LANE_STEP_SLOTS: u32 = LANE_STEP_EVENTS + 4; // and of a walk, at most STEP_SLOTS
export const LANE_AT_ONCE: u32 = LANE_STEP_SLOTS + 4; // 1: an open hands nothing over, so that it may follow where items are taken
export const LANE_REOPENS: u32 = LANE_AT_ONCE + 4;
export const LANE_THINK: u32 = LANE_REOPENS + 4; // sampler, 0: none
export const LANE_WALL: u32 = LANE_THINK + 4; // 1: scenario times are wall-clock times
export const LANE_FROM: u32 = LANE_WALL + 4; // the lane whose items are taken first
export const LANE_TRACE: u32 = LANE_FROM + 4;
export const LANE_TRACE_END: u32 = LANE_TRACE + 4;
export const LANE_TRACE_LIMIT: u32 = LANE_TRACE_END + 4; // behind it there is no room for all that a step may write
export const LANE_SELF_DRAINS: u32 = LANE_TRACE_LIMIT + 4; // 1: the last phase is a drain
export const LANE_WAITED: u32 = LANE_SELF_DRAINS + 4; // steps in a row without room
export const LANE_CONDUCTS: u32 = LANE_WAITED + 4; // records of call managers (conduct-layout.ts), 0: none
export const LANE_PEAK_OPEN: u32 = LANE_CONDUCTS + 4; // of all lanes, as this one saw it
export const LANE_PEAK_PENDED: u32 = LANE_PEAK_OPEN + 4;
// The time series (live/moments.ts): moments of layout.ts, the first one where measuring begins.
export const LANE_SERIES: u32 = LANE_PEAK_PENDED + 4;
export const LANE_MOMENTS: u32 = LANE_SERIES + 4; // after the first one
export const LANE_MOMENT_FROM: u32 = LANE_MOMENTS + 4; // tick of the first one
export const LANE_MOMENT_STEP: u32 = LANE_MOMENT_FROM + 4; // ticks from one to the next
export const LANE_MOMENT_NEXT: u32 = (LANE_MOMENT_STEP + 4 + 7) & 0x7ffffff8; // u64: tick of the next one
// Totals, u64 each: first those of a shard, in its order, then what only lanes count.
export const LANE_TOTALS: u32 = LANE_MOMENT_NEXT + 8;
export const LANE_TOTAL_LOST_RACES: u32 = LANE_TOTALS + 8 * 16; // closes that another thread had begun already
export const LANE_TOTAL_WAITS: u32 = LANE_TOTAL_LOST_RACES + 8; // steps without room in a ring
export const LANE_TOTAL_STOLEN: u32 = LANE_TOTAL_WAITS + 8; // slots from another lane's free list
export const LANE_TOTAL_HANDED: u32 = LANE_TOTAL_STOLEN + 8; // items handed to another lane
export const LANE_LAG_MAX: u32 = LANE_TOTAL_HANDED + 8; // ticks
export const LANE_LAG_SUM: u32 = LANE_LAG_MAX + 8;
export const LANE_LAG_COUNT: u32 = LANE_LAG_SUM + 8;
export const LANE_RULES: u32 = LANE_LAG_COUNT + 8; // u64 violations per rule number
export const LANE_FIRST: u32 = LANE_RULES + 8 * 64; // the first violation of each rule
export const LANE_VIOLATION_COUNT: u32 = LANE_FIRST + 20 * 64;
export const LANE_VIOLATIONS: u32 = LANE_VIOLATION_COUNT + 4; // the first ones
// What other threads read, written once a step.
export const LANE_BEAT: u32 = (LANE_VIOLATIONS + 20 * 20 + 127) & 0x7fffff80; // steps so far
export const LANE_WAITS_FOR: u32 = LANE_BEAT + 4;
export const LANE_WAITS_ON: u32 = LANE_WAITS_FOR + 4;
export const LANE_SENT: u32 = LANE_WAITS_ON + 4; // items
export const LANE_RECEIVED: u32 = LANE_SENT + 4;
export const LANE_OPEN: u32 = LANE_RECEIVED + 4; // AFs opened here less those whose close was requested here; may be below 0
export const LANE_PENDED: u32 = LANE_OPEN + 4;
// What other threads write.
export const LANE_SLEEPS: u32 = LANE_BEAT + APART; // 1: it waits to be woken
export const LANE_FREE: u32 = LANE_SLEEPS + APART; // u64: first free slot + 1, and in the high half a count against mix-ups
export const LANE_MAIL: u32 = LANE_FREE + APART; // first binding that may end now, its number + 1; linked by the bindings
export const LANE_BYTES: u32 = LANE_MAIL + APART;

// ---- entry of the agenda ----
export const AGENDA_WHEN: u32 = 0; // tick of the wall clock
export const AGENDA_WHAT: u32 = AGENDA_WHEN + 4;
export const AGENDA_FROM: u32 = AGENDA_WHAT + 4; // adapters
export const AGENDA_TO: u32 = AGENDA_FROM + 4; // the one after the last
export const AGENDA_CLIENTS_FROM: u32 = AGENDA_TO + 4; // clients of each of them
export const AGENDA_CLIENTS_TO: u32 = AGENDA_CLIENTS_FROM + 4;
export const AGENDA_ENTRY_BYTES: u32 = 24;
export const AGENDA_RESET: u32 = 0; // the warm-up is over
export const AGENDA_HALT: u32 = 1;
export const AGENDA_DRAIN: u32 = 2;
export const AGENDA_STOP: u32 = 3;
export const AGENDA_UNBIND: u32 = 4;
export const AGENDA_BIND: u32 = 5;

// ---- binding of a client, or of a call manager (those of clients come first): its first fields are those of layout.ts ----
// BINDING_LIVE counts what keeps it from ending, and several write it; BINDING_STATE and BINDING_NOTES only the lane of its client or call manager.
export const BINDING_MAIL: u32 = 12; // 1: it is in that lane's mail; several write
export const BINDING_NEXT: u32 = BINDING_MAIL + 4; // there; its number + 1
export const BINDING_BINDS: u32 = BINDING_NEXT + 4; // of a call manager: clients that are just being bound; several write
export const LANE_BINDING_BYTES: u32 = 64;

// ---- event of a lane ----
export const LANE_EVENT_WORD: u32 = 4; // slot << 4 | kind; before it the tick at which it is due
export const LANE_EVENT_HANDLE: u32 = LANE_EVENT_WORD + 4; // state word of the AF
export const LANE_EVENT_SEQUENCE: u32 = LANE_EVENT_HANDLE + 4; // of the close
export const LANE_EVENT_BYTES: u32 = 16;
export const LANE_CHUNK_EVENTS: u32 = 16; // after the address of the next chunk

export const STEP_EVENTS: u32 = 256; // that a lane takes from its queue in a step
export const STEP_ITEMS: u32 = 512; // and from its rings
export const STEP_SLOTS: u32 = 128; // and of a walk
export const STEP_MAIL: u32 = 256; // and bindings that it ends
// Items that a step can hand over at most: two an event and a slot, and one for every call that returns.
export const STEP_ROOM: u32 = 2048;

// ---- work on an AF: its VCs and SAPs, several lanes write ----
//
//   31           16 15             8 7              0
//   +--------------+----------------+----------------+
//   | 0            | holds          | left           |  WORK_WORD
//   +--------------+----------------+----------------+
//   | place of the close in its call manager's order |  WORK_SEQUENCE, then WORK_OWNER and WORK_SEEN
//   +------------------------------------------------+
//
// left: teardowns whose completion is not called; holds: those whose completion has not returned, and 1 for the close itself.
export const WORK_WORD: u32 = 0;
export const WORK_SEQUENCE: u32 = WORK_WORD + 4;
export const WORK_OWNER: u32 = WORK_SEQUENCE + 4; // the lane that makes calls about the objects of the AF, + 1; 0: none
export const WORK_SEEN: u32 = WORK_OWNER + 4; // when an owner was there last
export const WORK_SHIFT: u32 = 4;
export const WORK_BYTES: u32 = 16;
export const WORK_LEFT_MASK: u32 = 255;
export const WORK_HOLD: u32 = 256;

// ---- opens of a client that are under way ----
export const SCOPE_LOCK: u32 = 0; // 1: a lane counts or judges; several write
export const SCOPE_OPENING: u32 = SCOPE_LOCK + 4;
export const SCOPE_BYTES: u32 = 8;

// ---- call that has not returned ----
export const OPEN_CALL_SLOT: u32 = 0;
export const OPEN_CALL_WORD: u32 = OPEN_CALL_SLOT + 4; // the state word while it is closing
export const OPEN_CALL_OUTER: u32 = OPEN_CALL_WORD + 4; // trace frame of NdisClCloseAddressFamily
export const OPEN_CALL_INNER: u32 = OPEN_CALL_OUTER + 4; // and of ProtocolCmCloseAf
export const OPEN_CALL_BYTES: u32 = 16;
