import type { Sap, Vc } from "./reference-objects.js";
import { placeOfSlot, type ReferenceProfile, type ReferenceSetup, slotsOfMachine } from "./reference-layout.js";
import type { State } from "./reference-states.js";
import type { Frame, Place } from "./reference-trace.js";

/** One slot for address families, which lives many lifecycles. */
export interface Slot {
  readonly index: number;
  readonly callManager: CallManager;
  readonly binding: Binding;
  /** Number within the machine. */
  readonly client: number;
  /** Where the client's calls run. */
  readonly clientPlace: Place;
  generation: number;
  state: State;
  /** When the open or close under way was requested, and when its completion was called. */
  requestTick: number;
  completionTick: number;
  holdDueTick: number;
  /** When the client opens again, as noted when that was last scheduled. */
  thinkDueTick: number;
  closeSequence: number;
  /** Whether the teardown of all that was on the AF has been called. */
  tornDown: boolean;
  /** Teardowns that the call manager has not completed; with objects, those that are not vacant: SAPs and VCs. */
  left: number;
  /** What hangs on it, in scenarios with objects. */
  readonly saps: Sap[];
  readonly vcs: Vc[];
  /** With objects: its client gives them up, to close it. */
  tearing: boolean;
  /** With objects: the last close of it that was accepted was pended. */
  lastClosePended: boolean;
  /** Whether the client waits for the completion of its close. */
  waits: boolean;
  /** Who releases the context for this AF when its close says so. */
  releases: { client: boolean; callManager: boolean };
  /** The completion call under way. */
  completionFrame: Frame | null;
  /** The client owes the completion of a close notification. */
  owesNotification: boolean;
  /** The client has pended a close notification, be it completed already. */
  pendedNotification: boolean;
  /** A halt has passed it over, and its client still has its handle. */
  forgotten: boolean;
}

/** A client of the machine and its adapter. */
export interface Binding {
  /** Number within the machine, and within the adapter. */
  readonly client: number;
  readonly clientOfAdapter: number;
  readonly callManager: CallManager;
  /** Where the client's calls run. */
  readonly place: Place;
  readonly slots: Slot[];
  state: "bound" | "unbinding" | "unbound";
  /** Slots that an unbinding waits for. */
  live: number;
  /** It is bound again as soon as it is unbound. */
  bindNoted: boolean;
  /** The client has closed the adapter while the unbinding still waits. */
  closedEarly: boolean;
  /** The client has answered for its failed opens, since it was bound. */
  asked: boolean;
  /** What the last close of any of its AFs returned: what a client that ignores what a close returns acts on. */
  olderStatus: "NDIS_STATUS_SUCCESS" | "NDIS_STATUS_PENDING" | null;
}

/** States of an AF that is being opened or closed. */
const UNDER_WAY: ReadonlySet<State> = new Set([
  "openPended",
  "openCompleted",
  "closePended",
  "reporting",
  "openFailed",
  "refused",
]);

/** Whether the open or close of an AF is under way: what an unbinding or a halt waits for, once all that is open is closed. */
export function isUnderWay(slot: Slot): boolean {
  return UNDER_WAY.has(slot.state) || isTearing(slot);
}

/** Whether the client of an AF gives up what is on it, before it closes it. */
export function isTearing({ state, tearing }: Slot): boolean {
  return state === "open" && tearing;
}

/** Whether an AF is open, and its client is not about to close it. */
export function isOpen({ state, tearing }: Slot): boolean {
  return state === "open" && !tearing;
}

/** Whether the binding of a slot may not be closed yet. */
export function holdsBinding(slot: Slot): boolean {
  return slot.state === "open" || isUnderWay(slot);
}

/** The order in which clients are told of the pended closes of one call manager. */
export interface CompletionStream {
  /** Of closes, counted from 0 in the order of their requests. */
  readonly sequences: number[];
  /** Client of each, numbered within the machine. */
  readonly clients: number[];
  /** Index of the first one after the last warm-up. */
  measuredFrom: number;
}

/** The call manager of one adapter. */
export interface CallManager {
  readonly adapter: number;
  readonly profile: ReferenceProfile;
  /** Where its completions are called. */
  readonly place: Place;
  /** Where it comes up, notifies and goes away: the same processor, at PASSIVE_LEVEL. */
  readonly threadPlace: Place;
  readonly slots: Slot[];
  readonly stream: CompletionStream;
  registered: boolean;
  halted: boolean;
  /** Slots that its halt waits for. */
  live: number;
  /** A stand-alone one has closed the adapter while its halt still waits. */
  closedEarly: boolean;
  /** The MiniportHaltEx of an MCM that has not returned yet. */
  haltFrame: Frame | null;
  digest: bigint;
  nextCloseSequence: number;
  busyServers: number;
  /** Pended closes that wait for a server, in the order of their arrival (random order: as takings left them). */
  readonly waiting: Slot[];
  /** Choices made so far by servers that take at random. */
  choices: number;
  /** Closes that wait to be completed together. */
  batch: Slot[];
  /** When the current batch is completed at the latest. */
  batchDueTick: number | null;
  timerQueued: boolean;
  /** Its DPC's or work item's list: completions to be called. */
  readonly completions: Slot[];
  /** Whether the DPC or work item is in a queue of its processor. */
  queued: boolean;
  /** A close has been pended since it last looked: what one that keeps a single flag for all of them knows. */
  closePendedFlag: boolean;
  /** Of the close that was completed last: what one that keeps a single handle knows. */
  lastHandle: { readonly slot: Slot; readonly generation: number } | null;
  /** The AF that was opened last: whose handle one that keeps a single handle has. */
  lastOpened: Slot | null;
  /** It holds its lock for ever, and completes nothing any more. */
  deadlocked: boolean;
  /** Completions taken since the DPC or work item came to the head of its queue. */
  takenAtHead: number;
}

/** How the handle of a slot's generation, by default the current one, is printed. */
export function afName(slot: Slot, generation = slot.generation): string {
  return `AF#${slot.index}v${generation}`;
}

/** Makes the call managers of a machine, in adapter order. */
export function makeCallManagers(setup: ReferenceSetup, machine: number): CallManager[] {
  const { topology, processors } = setup.scenario;
  return Array.from({ length: topology.adaptersPerMachine }, (_, adapter) => {
    const profile = setup.profiles[machine * topology.adaptersPerMachine + adapter]!;
    const processor = adapter % processors.count;
    return {
      adapter,
      profile,
      place: { processor, irql: profile.source.irql },
      threadPlace: { processor, irql: "PASSIVE_LEVEL" },
      slots: [],
      stream: { sequences: [], clients: [], measuredFrom: 0 },
      registered: false,
      halted: false,
      live: 0,
      closedEarly: false,
      haltFrame: null,
      digest: 0n,
      nextCloseSequence: 0,
      busyServers: 0,
      waiting: [],
      choices: 0,
      batch: [],
      batchDueTick: null,
      timerQueued: false,
      completions: [],
      queued: false,
      closePendedFlag: false,
      lastHandle: null,
      lastOpened: null,
      deadlocked: false,
      takenAtHead: 0,
    };
  });
}

/** Makes the bindings of a machine, in the order of adapters and their clients. */
export function makeBindings({ scenario }: ReferenceSetup, callManagers: readonly CallManager[]): Binding[] {
  const { clientsPerAdapter } = scenario.topology;
  return callManagers.flatMap((callManager) =>
    Array.from({ length: clientsPerAdapter }, (_, clientOfAdapter): Binding => {
      const client = callManager.adapter * clientsPerAdapter + clientOfAdapter;
      return {
        client,
        clientOfAdapter,
        callManager,
        place: { processor: client % scenario.processors.count, irql: "PASSIVE_LEVEL" },
        slots: [],
        state: "bound",
        live: 0,
        bindNoted: false,
        closedEarly: false,
        asked: false,
        olderStatus: null,
      };
    }),
  );
}

/** Makes the slots of a machine, in order, and gives them to their call managers and bindings. */
export function makeSlots(setup: ReferenceSetup, machine: number, bindings: readonly Binding[]): Slot[] {
  const { count } = slotsOfMachine(setup.scenario, machine);
  return Array.from({ length: count }, (_, index) => {
    const binding = bindings[placeOfSlot(setup.scenario, index, count).client]!;
    const { client, callManager, place } = binding;
    const slot: Slot = {
      index,
      callManager,
      binding,
      client,
      clientPlace: place,
      generation: 0,
      state: "vacant",
      requestTick: 0,
      completionTick: 0,
      holdDueTick: 0,
      thinkDueTick: 0,
      closeSequence: 0,
      tornDown: false,
      left: 0,
      saps: [],
      vcs: [],
      tearing: false,
      lastClosePended: false,
      waits: false,
      releases: { client: true, callManager: true },
      completionFrame: null,
      owesNotification: false,
      pendedNotification: false,
      forgotten: false,
    };
    callManager.slots.push(slot);
    binding.slots.push(slot);
    return slot;
  });
}
