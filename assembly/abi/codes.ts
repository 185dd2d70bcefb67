// Numbers that the kernel and its host share. Compiled by asc as it is and by tsc with `type u32 = number`.
// What they mean stands in src/contract/MODEL.md and MODEL-DRIVERS.md; those of SAPs, VCs, calls and parties are in object-codes.ts.

// States of an AF, the low bits of its state word; 1 and 5 (opening, closing) last only inside a call and are never stored.
export const STATE_VACANT: u32 = 0;
export const STATE_OPEN_PENDED: u32 = 2;
export const STATE_OPEN_COMPLETED: u32 = 3;
export const STATE_OPEN: u32 = 4;
export const STATE_CLOSE_PENDED: u32 = 6;
export const STATE_COMPLETED_EARLY: u32 = 7;
export const STATE_REPORTING: u32 = 8;
export const STATE_RETIRED: u32 = 9;
export const STATE_OPEN_FAILED: u32 = 10;
export const STATE_STRANDED: u32 = 11;
export const STATE_REFUSED: u32 = 15; // after the handles below
// Beside the states, what became of a handle whose lifecycle is over: columns of the table of rules that a call breaks.
export const HANDLE_OPEN_FAILED: u32 = 12;
export const HANDLE_COMPLETED: u32 = 13; // its close was pended
export const HANDLE_CLOSED: u32 = 14;

// States of a binding.
export const BINDING_BOUND: u32 = 0;
export const BINDING_UNBINDING: u32 = 1;
export const BINDING_UNBOUND: u32 = 2;
// What is noted of it: bits.
export const NOTE_BIND: u32 = 1; // it is bound again as soon as it is unbound
export const NOTE_CLOSED_EARLY: u32 = 2; // also of a call manager that is halted
// What is noted of a slot in scenarios with a halt: bits.
export const NOTE_OWES: u32 = 1; // its client owes the completion of a notification
export const NOTE_FORGOTTEN: u32 = 2; // a halt has passed it over, and its client still has its handle
// What only the judging of NDIS reads and writes (notify/completes-once).
export const NOTE_NOTIFICATION_PENDED: u32 = 4; // ProtocolClNotifyCloseAf has returned PENDING
export const NOTE_NOTIFICATION_ENDED: u32 = 8; // and the client has completed it
export const NOTE_NOTIFICATION_FAILED: u32 = 16; // not with SUCCESS
// What is noted of a client: bits.
export const NOTE_ASKED: u32 = 1; // it has answered for the failed opens of its binding
export const NOTE_OLDER_SUCCESS: u32 = 2; // what its last close returned
export const NOTE_OLDER_PENDING: u32 = 4;
export const NOTE_IS_BOUND: u32 = 8; // its ProtocolBindAdapterEx has returned: only the judging of NDIS reads it (register/fan-out)

// Kinds of queued events, the low bits of an event word; the rest of the word is a slot, or what the kind says.
export const EVENT_HOLD: u32 = 0;
export const EVENT_CLOSE_DONE: u32 = 1;
export const EVENT_OPEN_DONE: u32 = 2;
export const EVENT_OPEN_TOLD: u32 = 3;
export const EVENT_THINK: u32 = 4;
export const EVENT_COALESCE_TIMER: u32 = 5; // index of the call manager
export const EVENT_PROCESSOR_DONE: u32 = 6; // index of the processor
export const EVENT_ARRIVAL: u32 = 7; // 0
export const EVENT_CALL_CLOSED: u32 = 8;
export const EVENT_SAP_DEREGISTERED: u32 = 9;
export const EVENT_UNBIND_DONE: u32 = 10; // number of the client
export const EVENT_HALT_DONE: u32 = 11; // index of the call manager
/** A bit for every kind whose events are those of a slot. */
export const SLOT_EVENTS: u32 = 0x31f;

// Transitions: rows of the table that the host writes.
export const TRANSITION_OPENED: u32 = 1;
export const TRANSITION_OPEN_PENDED: u32 = 2;
export const TRANSITION_OPEN_COMPLETED: u32 = 3;
export const TRANSITION_OPEN_TOLD: u32 = 4;
export const TRANSITION_CLOSED: u32 = 5;
export const TRANSITION_CLOSE_PENDED: u32 = 6;
export const TRANSITION_COMPLETED_INLINE: u32 = 7;
export const TRANSITION_INLINE_RETURNED: u32 = 8;
export const TRANSITION_CLOSE_COMPLETED: u32 = 9;
export const TRANSITION_CLOSE_TOLD: u32 = 10; // completionCost above 0: from reporting
export const TRANSITION_RETIRED: u32 = 11;
export const TRANSITION_CLOSE_TOLD_DIRECT: u32 = 12; // completionCost 0: from close pended; folds with the code of CLOSE_TOLD
export const TRANSITION_OPEN_FAILED: u32 = 13; // synchronously
export const TRANSITION_FAILURE_COMPLETED: u32 = 14; // of a pended open
export const TRANSITION_FAILURE_TOLD: u32 = 15;
export const TRANSITION_CLOSE_FAILED: u32 = 16; // in NDIS
export const TRANSITION_FORGOTTEN: u32 = 17; // passed over at an unbind
export const TRANSITION_NOT_NOTIFIED: u32 = 18; // passed over at a halt
export const TRANSITION_CLOSE_REFUSED: u32 = 19; // by the call manager
export const TRANSITION_CLOSE_FAILED_RETRY: u32 = 20; // in NDIS, to be tried again
export const TRANSITION_CLOSE_REFUSED_RETRY: u32 = 21;
export const TRANSITION_CLOSE_AGAIN: u32 = 22;
export const TRANSITION_REMEMBERED: u32 = 23; // an AF that a halt forgot, at its client's unbind
/** Folded into the digest instead of a transition's code: this + the rule's number. */
export const VIOLATION_CODE: u32 = 64;

export const STATUS_SUCCESS: u32 = 0;
export const STATUS_PENDING: u32 = 1;
export const STATUS_FAILURE: u32 = 2;
export const STATUS_RESOURCES: u32 = 3;
export const STATUS_NOT_ACCEPTED: u32 = 4;
/** Of a trace record that has no status. */
export const STATUS_NONE: u32 = 255;
/** Added to the status of a trace record whose context is NULL. */
export const CONTEXT_NULL: u32 = 256;

export const PASSIVE_LEVEL: u32 = 0;
export const DISPATCH_LEVEL: u32 = 2;
export const DEVICE_LEVEL: u32 = 5;

// Calls across the driver interface.
export const CALL_CL_OPEN: u32 = 0;
export const CALL_CM_OPEN: u32 = 1;
export const CALL_MCM_OPEN_COMPLETE: u32 = 2;
export const CALL_CM_OPEN_COMPLETE: u32 = 3;
export const CALL_CL_OPEN_COMPLETE: u32 = 4;
export const CALL_CL_CLOSE: u32 = 5;
export const CALL_CM_CLOSE: u32 = 6;
export const CALL_MCM_CLOSE_COMPLETE: u32 = 7;
export const CALL_CM_CLOSE_COMPLETE: u32 = 8;
export const CALL_CL_CLOSE_COMPLETE: u32 = 9;
export const CALL_CL_UNBIND: u32 = 10;
export const CALL_CL_CLOSE_CALL: u32 = 11;
export const CALL_CM_CLOSE_CALL: u32 = 12;
export const CALL_MCM_CLOSE_CALL_COMPLETE: u32 = 13;
export const CALL_CM_CLOSE_CALL_COMPLETE: u32 = 14;
export const CALL_CL_CLOSE_CALL_COMPLETE: u32 = 15;
export const CALL_CL_DEREGISTER_SAP: u32 = 16;
export const CALL_CM_DEREGISTER_SAP: u32 = 17;
export const CALL_MCM_DEREGISTER_SAP_COMPLETE: u32 = 18;
export const CALL_CM_DEREGISTER_SAP_COMPLETE: u32 = 19;
export const CALL_CL_DEREGISTER_SAP_COMPLETE: u32 = 20;
export const CALL_UNBIND_ADAPTER: u32 = 21;
export const CALL_CLOSE_ADAPTER: u32 = 22;
export const CALL_CLOSE_ADAPTER_COMPLETE: u32 = 23;
export const CALL_COMPLETE_UNBIND: u32 = 24;
export const CALL_BIND_ADAPTER: u32 = 25;
export const CALL_OPEN_ADAPTER: u32 = 26;
export const CALL_INITIALIZE: u32 = 27;
export const CALL_MCM_REGISTER: u32 = 28;
export const CALL_CM_REGISTER: u32 = 29;
export const CALL_REGISTER_NOTIFY: u32 = 30;
export const CALL_HALT: u32 = 31;
export const CALL_MCM_NOTIFY: u32 = 32;
export const CALL_CM_NOTIFY: u32 = 33;
export const CALL_CL_NOTIFIED: u32 = 34;
export const CALL_CL_NOTIFY_COMPLETE: u32 = 35;
export const CALL_CM_NOTIFY_COMPLETE: u32 = 36;

// What a trace record says.
export const OP_CALL: u32 = 0;
export const OP_RETURN: u32 = 1;
export const OP_RELEASE_CLIENT: u32 = 2;
export const OP_RELEASE_CALL_MANAGER: u32 = 3;
/** A client that calls its own completion handler: after a synchronous answer, or by mistake. */
export const OP_CALL_SELF: u32 = 4;
export const OP_WAIT: u32 = 5;
export const OP_WAKE: u32 = 6;
/** A call about a VC in which the call manager stands where the client does. */
export const OP_CALL_AS_CLIENT: u32 = 7;
// The same of a binding: the record has a client's number for its slot, and no AF.
export const OP_BINDING_CALL: u32 = 8;
export const OP_BINDING_RETURN: u32 = 9;
// The same of a call manager, which stands where the client does: the record has its adapter's number for its slot, and no AF.
export const OP_ADAPTER_CALL: u32 = 10;
export const OP_ADAPTER_RETURN: u32 = 11;

// Purposes of draws.
export const PURPOSE_HOLD: u32 = 1;
export const PURPOSE_THINK: u32 = 2;
export const PURPOSE_OPEN_PENDS: u32 = 3;
export const PURPOSE_OPEN_SERVICE: u32 = 4;
export const PURPOSE_CLOSE_PENDS: u32 = 5;
export const PURPOSE_INLINE: u32 = 6;
export const PURPOSE_CLOSE_SERVICE: u32 = 7;
export const PURPOSE_ARRIVAL: u32 = 8;
export const PURPOSE_SERVER_CHOICE: u32 = 9;
export const PURPOSE_OPEN_FAILS: u32 = 10;
export const PURPOSE_VCS: u32 = 11;
export const PURPOSE_SAPS: u32 = 12;
export const PURPOSE_VC_TEARDOWN: u32 = 13;
export const PURPOSE_SAP_TEARDOWN: u32 = 14;
export const PURPOSE_CLIENT_WAITS: u32 = 15;
export const PURPOSE_NOTIFY_PENDS: u32 = 16;
export const PURPOSE_CLOSE_REFUSED: u32 = 17;
// Of an object (src/contract/MODEL-OBJECTS.md).
export const PURPOSE_OPERATION_PENDS: u32 = 18;
export const PURPOSE_OPERATION_SERVICE: u32 = 19;
export const PURPOSE_CALL_FAILS: u32 = 20;
export const PURPOSE_CALL_LASTS: u32 = 21;
export const PURPOSE_REMOTE: u32 = 22;
export const PURPOSE_GAP: u32 = 23;
export const PURPOSE_FAULT: u32 = 32;

// Order in which servers take waiting closes.
export const ORDER_FIFO: u32 = 0;
export const ORDER_LIFO: u32 = 1;
export const ORDER_RANDOM: u32 = 2;

// The second readings of the contract that a scenario names: bits.
export const READING_NOT_ACCEPTED_TABLE: u32 = 1;
export const READING_EXPIRY_AT_CALL: u32 = 2;
export const READING_RETRY: u32 = 4;
export const READING_FORWARDED: u32 = 8;
export const READING_BINDING_SCOPE: u32 = 16;
export const READING_RELEASE_FROM_CALL: u32 = 32;
export const READING_DELIVERED: u32 = 64;
export const READING_VC_REUSE: u32 = 128;

// What is noted of a call manager in scenarios with a fault or a habit that reads it: bits.
export const NOTE_FLAG: u32 = 4; // beside NOTE_CLOSED_EARLY
export const NOTE_DEADLOCKED: u32 = 8;
// What only the judging of NDIS reads (register/fan-out).
export const NOTE_UP: u32 = 16; // MiniportInitializeEx, or its ProtocolBindAdapterEx, has returned
/** From here on the number of registrations that were accepted. */
export const REGISTRATIONS_SHIFT: u32 = 8;

// Habits of drivers (src/scenario/habits.ts): bits, of both together.
export const HABIT_SHARED_FLAG: u32 = 1;
export const HABIT_ONE_HANDLE: u32 = 2;
export const HABIT_HELD_LOCK: u32 = 4;
export const HABIT_IGNORED_STATUS: u32 = 8;
/** Where they stand above the kinds of faults. */
export const HABITS_SHIFT: u32 = 60;

// Why the kernel trapped (0: it did not); the texts are in src/kernel/trap.ts.
export const TRAP_TRANSITION: u32 = 1;
export const TRAP_CHUNKS: u32 = 2;
export const TRAP_SEQUENCE: u32 = 3;
export const TRAP_EVENT_KIND: u32 = 4;
export const TRAP_TRACE_SEQUENCE: u32 = 5;
export const TRAP_LIST: u32 = 6;
export const TRAP_FAULT: u32 = 7;
export const TRAP_LATE: u32 = 8;

// What advance() answers.
export const ADVANCE_REACHED: u32 = 0;
export const ADVANCE_BUDGET: u32 = 1;
export const ADVANCE_STOPPED: u32 = 2;

// Numbers of the rules that the kernel checks (src/contract/rules.ts; a test compares).
export const RULE_IRQL_CALLER: u32 = 0;
export const RULE_IRQL_CALLBACK: u32 = 1;
export const RULE_REGISTER_PLACE: u32 = 2;
export const RULE_REGISTER_DUPLICATE: u32 = 3;
export const RULE_REGISTER_FAN_OUT: u32 = 4;
export const RULE_OPEN_COMPLETES_ONCE: u32 = 5;
export const RULE_OPEN_STATUS: u32 = 6;
export const RULE_OPEN_CONTEXT: u32 = 7;
export const RULE_OPEN_OWED: u32 = 8;
export const RULE_OPEN_NOT_PENDED: u32 = 9;
export const RULE_OPEN_USE_BEFORE_COMPLETE: u32 = 10;
export const RULE_OPEN_FAILED_UNBIND: u32 = 11;
export const RULE_OPEN_FAILED_HANDLE: u32 = 12;
export const RULE_CLOSE_OUTSTANDING: u32 = 13;
export const RULE_CLOSE_REDUNDANT: u32 = 14;
export const RULE_CLOSE_CLIENT_STALE: u32 = 15;
export const RULE_CLOSE_BLOCKED: u32 = 16;
export const RULE_CLOSE_COMPLETES_ONCE: u32 = 17;
export const RULE_CLOSE_CONTEXT_EARLY: u32 = 18;
export const RULE_CLOSE_CONTEXT_LEAK: u32 = 19;
export const RULE_CLOSE_UNBIND: u32 = 20;
export const RULE_CLOSE_STATUS: u32 = 21;
export const RULE_CLOSE_UNDRAINED: u32 = 22;
export const RULE_CLOSE_OWED: u32 = 23;
export const RULE_CLOSE_COMPLETE_STATUS: u32 = 24;
export const RULE_CLOSE_NOT_PENDED: u32 = 25;
export const RULE_CLOSE_DOUBLE_COMPLETE: u32 = 26;
export const RULE_CLOSE_CM_STALE: u32 = 27;
export const RULE_CLOSE_FAMILY: u32 = 28;
export const RULE_CLOSE_CM_LEAK: u32 = 29;
export const RULE_CLOSE_ADAPTER: u32 = 30;
export const RULE_NOTIFY_REQUIRED: u32 = 31;
export const RULE_NOTIFY_ORDER: u32 = 32;
export const RULE_NOTIFY_OWED: u32 = 33;
export const RULE_NOTIFY_COMPLETES_ONCE: u32 = 34;
/** The warning form of close/blocked. */
export const RULE_CLOSE_BLOCKED_IN_CALLBACK: u32 = 49;
/** Where a call breaks no rule. */
export const NO_RULE: u32 = 255;

// Calls whose rule follows from where their handle stands: rows of the table that the host writes.
export const JUDGED_CLOSE: u32 = 0; // NdisClCloseAddressFamily
export const JUDGED_CLOSE_COMPLETION: u32 = 1;
export const JUDGED_OPEN_COMPLETION: u32 = 2;

// Kinds of faults (src/contract/faults.ts).
export const FAULT_DOUBLE_COMPLETE: u32 = 0;
export const FAULT_LOST_COMPLETION: u32 = 1;
export const FAULT_EARLY_COMPLETION: u32 = 2;
export const FAULT_WRONG_FAMILY: u32 = 3;
export const FAULT_COMPLETION_IRQL: u32 = 4;
export const FAULT_COMPLETION_STATUS: u32 = 5;
export const FAULT_STALE_COMPLETION: u32 = 6;
export const FAULT_CLOSE_TWICE: u32 = 7;
export const FAULT_STALE_CLOSE: u32 = 8;
export const FAULT_OPEN_IRQL: u32 = 9;
export const FAULT_LOST_OPEN_COMPLETION: u32 = 10;
export const FAULT_DOUBLE_OPEN_COMPLETE: u32 = 11;
export const FAULT_OPEN_COMPLETION_STATUS: u32 = 12;
export const FAULT_OPEN_SELF_COMPLETE: u32 = 13;
export const FAULT_EARLY_CLOSE: u32 = 14;
export const FAULT_NULL_CONTEXT: u32 = 15;
export const FAULT_NO_UNBIND: u32 = 16;
export const FAULT_FAILED_OPEN_CLOSE: u32 = 17;
export const FAULT_FAILED_OPEN_LEAK: u32 = 18;
export const FAULT_OUTSTANDING_CLOSE: u32 = 19;
export const FAULT_CLOSE_SELF_COMPLETE: u32 = 20;
export const FAULT_EARLY_RELEASE: u32 = 21;
export const FAULT_BLOCKED_WAIT: u32 = 22;
export const FAULT_UNDRAINED_COMPLETION: u32 = 23;
export const FAULT_CONTEXT_LEAK: u32 = 24;
export const FAULT_CLOSE_RETURN_STATUS: u32 = 25;
export const FAULT_CM_LEAK: u32 = 26;
export const FAULT_FORGOTTEN_AF: u32 = 27;
export const FAULT_EARLY_CLOSE_ADAPTER: u32 = 28;
export const FAULT_REGISTER_LATE: u32 = 29;
export const FAULT_REGISTER_TWICE: u32 = 30;
export const FAULT_REGISTER_IRQL: u32 = 31;
export const FAULT_FORGOTTEN_NOTIFY: u32 = 32;
export const FAULT_NOTIFY_IRQL: u32 = 33;
export const FAULT_SAPS_FIRST: u32 = 34;
export const FAULT_NOTIFY_WAIT: u32 = 35;
export const FAULT_NOTIFY_SUCCESS: u32 = 36;
export const FAULT_LOST_NOTIFY_COMPLETION: u32 = 37;
export const FAULT_EARLY_NOTIFY_COMPLETION: u32 = 38;
export const FAULT_DOUBLE_NOTIFY_COMPLETION: u32 = 39;
export const FAULT_CM_EARLY_CLOSE_ADAPTER: u32 = 40;
export const FAULT_RETRY_CLOSE: u32 = 41;
export const FAULT_USE_IN_COMPLETION: u32 = 42;
export const FAULT_USE_AFTER_COMPLETION: u32 = 43;
export const FAULT_RELEASE_AT_CALL: u32 = 44;
export const FAULT_SHARED_FLAG: u32 = 45;
export const FAULT_ONE_HANDLE: u32 = 46;
export const FAULT_HALTED_COMPLETION: u32 = 47;
export const FAULT_INLINE_SUCCESS: u32 = 48;
export const FAULT_LOCK_DEADLOCK: u32 = 49;
export const FAULT_NO_SELF_COMPLETE: u32 = 50;
export const FAULT_WALK_SKIPS: u32 = 51;
export const FAULT_WALK_REPEATS: u32 = 52;
export const FAULT_CLOSE_ADAPTER_IRQL: u32 = 53;
export const FAULT_CM_CLOSE_ADAPTER_IRQL: u32 = 54;
export const FAULT_CALLBACK_WAIT: u32 = 55;
// Of SAPs, VCs, calls and parties (src/contract/object-faults.ts).
export const FAULT_SAP_IN_USE: u32 = 56;
export const FAULT_LOST_SAP_COMPLETION: u32 = 57;
export const FAULT_SAP_COMPLETION_STATUS: u32 = 58;
export const FAULT_SAP_COMPLETED_TWICE: u32 = 59;
export const FAULT_DEREGISTER_TWICE: u32 = 60;
export const FAULT_CREATE_PENDING: u32 = 61;
export const FAULT_DELETE_ACTIVE: u32 = 62;
export const FAULT_UNACTIVATED_CALL: u32 = 63;
export const FAULT_DISPATCH_FIRST: u32 = 64;
export const FAULT_DEACTIVATE_TWICE: u32 = 65;
export const FAULT_REUSE_VC: u32 = 66;
export const FAULT_LOST_CALL_COMPLETION: u32 = 67;
export const FAULT_CALL_COMPLETION_STATUS: u32 = 68;
export const FAULT_LOST_ANSWER: u32 = 69;
export const FAULT_CLOSE_WITH_PARTIES: u32 = 70;
export const FAULT_NO_DEACTIVATE: u32 = 71;
export const FAULT_IGNORED_CLOSE: u32 = 72;
export const FAULT_DROP_TWICE: u32 = 73;
export const FAULT_DROP_LAST: u32 = 74;
export const FAULT_LOST_DROP_COMPLETION: u32 = 75;
