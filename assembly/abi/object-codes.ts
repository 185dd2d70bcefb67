// Numbers of SAPs, VCs, calls and parties that the kernel and its host share. Compiled by asc as it is and by tsc with `type u32 = number`.
// What they mean stands in src/contract/MODEL-OBJECTS.md.

// Kinds of objects, each with a table of its own.
export const KIND_SAP: u32 = 0;
export const KIND_VC: u32 = 1;
export const KIND_PARTY: u32 = 2;
export const KINDS: u32 = 3;

// States, the low bits of an object's word. Vacant is 0 of every kind.
export const OBJECT_VACANT: u32 = 0;
export const SAP_REGISTERING: u32 = 1;
export const SAP_REGISTERED: u32 = 2;
export const SAP_DEREGISTERING: u32 = 3;
export const VC_CREATED: u32 = 1;
export const VC_CALLING: u32 = 2;
export const VC_ACTIVATING: u32 = 3;
export const VC_OFFERED: u32 = 4;
export const VC_CONNECTED: u32 = 5;
export const VC_CLOSING: u32 = 6;
export const VC_DEACTIVATING: u32 = 7;
export const VC_CLOSED: u32 = 8;
export const PARTY_ADDING: u32 = 1;
export const PARTY_CONNECTED: u32 = 2;
export const PARTY_DROPPING: u32 = 3;

// What is noted of a VC: bits.
export const VC_ENDING: u32 = 1; // its call is to end
export const VC_REMOTE: u32 = 2; // by the network
export const VC_RUNNING: u32 = 4; // its Line is in the queue
// What is noted of a slot, beside the notes in codes.ts.
export const NOTE_TEARING: u32 = 32; // its client takes down what is on the AF, to close it
export const NOTE_PENDED: u32 = 64; // its last accepted close was pended

// Kinds of queued events: each has the index of an object in its table.
export const EVENT_SAP_DONE: u32 = 12;
export const EVENT_VC_DONE: u32 = 13;
export const EVENT_PARTY_DONE: u32 = 14;
export const EVENT_LINE: u32 = 15; // of a VC: its next call begins, or the present one ends

// Transitions: rows of a table that the host writes; the digest folds these numbers.
export const CHANGE_FIRST: u32 = 128;
export const CHANGE_REGISTERED: u32 = 128;
export const CHANGE_REGISTRATION_PENDED: u32 = 129;
export const CHANGE_REGISTRATION_COMPLETED: u32 = 130;
export const CHANGE_DEREGISTERED: u32 = 131;
export const CHANGE_DEREGISTRATION_PENDED: u32 = 132;
export const CHANGE_DEREGISTRATION_COMPLETED: u32 = 133;
export const CHANGE_DEREGISTERED_CLOSING: u32 = 134;
export const CHANGE_CREATED: u32 = 136;
export const CHANGE_CALL_PENDED: u32 = 137;
export const CHANGE_ACTIVATION_PENDED: u32 = 138;
export const CHANGE_CONNECTED: u32 = 139;
export const CHANGE_CALL_FAILED: u32 = 140;
export const CHANGE_ANSWER_PENDED: u32 = 141;
export const CHANGE_REJECTED: u32 = 142;
export const CHANGE_CALL_CLOSED: u32 = 143;
export const CHANGE_CLOSE_PENDED: u32 = 144;
export const CHANGE_DEACTIVATION_PENDED: u32 = 145;
export const CHANGE_CLOSE_COMPLETED: u32 = 146;
export const CHANGE_DELETED: u32 = 147;
export const CHANGE_PARTY_ADDED: u32 = 150;
export const CHANGE_ADDING_PENDED: u32 = 151;
export const CHANGE_ADDING_COMPLETED: u32 = 152;
export const CHANGE_PARTY_DROPPED: u32 = 153;
export const CHANGE_DROPPING_PENDED: u32 = 154;
export const CHANGE_DROPPING_COMPLETED: u32 = 155;

// Operations: rows of a table that the host writes (src/contract/operations.ts).
export const OPERATION_REGISTER: u32 = 0;
export const OPERATION_DEREGISTER: u32 = 1;
export const OPERATION_MAKE: u32 = 2;
export const OPERATION_CLOSE: u32 = 3;
export const OPERATION_ACTIVATE: u32 = 4;
export const OPERATION_DEACTIVATE: u32 = 5;
export const OPERATION_ANSWER: u32 = 6;
export const OPERATION_ADD: u32 = 7;
export const OPERATION_DROP: u32 = 8;
export const OPERATIONS: u32 = 9;
/** Where an operation has no such call. */
export const NO_CALL: u32 = 255;

// Calls that lead to another one inside them and are no operations: rows of a table that the host writes.
export const EXCHANGE_CREATE_OUTGOING: u32 = 0;
export const EXCHANGE_CREATE_INCOMING: u32 = 1;
export const EXCHANGE_DELETE_OUTGOING: u32 = 2;
export const EXCHANGE_DELETE_INCOMING: u32 = 3;
export const EXCHANGE_CONNECTED: u32 = 4;
export const EXCHANGE_INCOMING_DROP: u32 = 5;
export const EXCHANGE_INCOMING_CLOSE: u32 = 6;
export const EXCHANGES: u32 = 7;

/** The first kind of fault that is about objects; the kinds before it have their bits apart. */
export const OBJECT_FAULT_FIRST: u32 = 56;

// Numbers of the rules that the kernel checks (src/contract/rules.ts; a test compares).
export const RULE_SAP_STATUS: u32 = 35;
export const RULE_SAP_OWED: u32 = 36;
export const RULE_SAP_STALE: u32 = 37;
export const RULE_VC_CREATE: u32 = 39;
export const RULE_VC_DELETE: u32 = 40;
export const RULE_VC_ACTIVATE: u32 = 41;
export const RULE_VC_ORDER: u32 = 42;
export const RULE_VC_DEACTIVATE: u32 = 43;
export const RULE_CALL_MAKE: u32 = 44;
export const RULE_CALL_OWED: u32 = 45;
export const RULE_CALL_CLOSE: u32 = 46;
export const RULE_CALL_INCOMING_CLOSE: u32 = 47;
export const RULE_PARTY_DROP: u32 = 48;
