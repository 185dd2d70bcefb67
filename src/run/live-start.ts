import * as C from "../../assembly/abi/codes.js";
import * as L from "../../assembly/abi/layout.js";
import { draw, faultPurpose, machineKey, probabilityThreshold, saysYes } from "../contract/draw.js";
import type { FaultId } from "../contract/faults.js";
import { dealProfiles } from "../contract/profiles.js";
import { adapterScaleOf } from "../kernel/topology.js";
import type { Scenario } from "../scenario/scenario.js";
import type { LivePlan } from "./live-plan.js";

/** A record that no lane writes: how drivers came up before the run. */
interface StartRecord {
  readonly op: number;
  readonly call: number;
  /** Of an adapter or a client. */
  readonly number: number;
  readonly frame: number;
  readonly parent: number;
  readonly status: number;
  readonly irql: number;
}

interface StartCall {
  readonly call: number;
  readonly number: number;
  readonly parent?: number;
  readonly status?: number;
  readonly irql?: number;
}

/** Frames of the lanes are larger. */
const START_FRAMES = 0x8000_0000;
const OF_ADAPTER = [C.OP_ADAPTER_CALL, C.OP_ADAPTER_RETURN] as const;
const OF_CLIENT = [C.OP_BINDING_CALL, C.OP_BINDING_RETURN] as const;

/** Says whether a mistake strikes when an adapter's call manager comes up, whose lowest slot stands for it; without AFs none does. */
function strikerOf({ seed, faults, topology }: Scenario): (kind: FaultId, adapter: number) => boolean {
  const scale = adapterScaleOf(topology.adaptersPerMachine, topology.afs);
  const lowestOf = (adapter: number): number =>
    Math.min(Number(((BigInt(adapter) << 32n) + scale - 1n) / scale), topology.afs);
  return (wanted, adapter) => {
    const lowest = lowestOf(adapter);
    if (lowest === lowestOf(adapter + 1)) return false;
    return faults.some(({ kind, rate, at }, index) => {
      if (kind !== wanted) return false;
      if (rate === null) return at?.includes(lowest) ?? false;
      return saysYes(draw(machineKey(seed, 0, faultPurpose(index)), lowest, 0, 0), probabilityThreshold(rate));
    });
  };
}

/** Writes calls and returns with frames of its own. */
class StartCalls {
  #frame = START_FRAMES;

  /** A call, what happens inside of it in its frame, and its return. */
  *within(
    [op, back]: readonly [op: number, back: number],
    { call, number, parent = 0, status = C.STATUS_SUCCESS, irql = C.PASSIVE_LEVEL }: StartCall,
    inside?: (parent: number) => Generator<StartRecord>,
  ): Generator<StartRecord> {
    const frame = ++this.#frame;
    yield { op, call, number, frame, parent, status: C.STATUS_NONE, irql };
    if (inside) yield* inside(frame);
    yield { op: back, call, number, frame, parent: 0, status, irql };
  }
}

/** How drivers come up: as in a run (src/contract/MODEL-DRIVERS.md "Start"). */
export function* startRecords({ scenario }: LivePlan): Generator<StartRecord> {
  const { topology, callManagers } = scenario;
  const { adaptersPerMachine: adapters, clientsPerAdapter } = topology;
  const calls = new StartCalls();
  const strikes = strikerOf(scenario);
  const dealt = dealProfiles(
    callManagers.map(({ weight }) => weight),
    adapters,
  );
  for (const [number, profile] of dealt.entries()) {
    const isMcm = callManagers[profile]?.kind === "mcm";
    const call = isMcm ? C.CALL_MCM_REGISTER : C.CALL_CM_REGISTER;
    const isLate = strikes("register-late", number);
    function* register(parent: number): Generator<StartRecord> {
      const irql = strikes("register-irql", number) ? C.DISPATCH_LEVEL : C.PASSIVE_LEVEL;
      yield* calls.within(OF_ADAPTER, { call, number, parent, irql });
      if (strikes("register-twice", number))
        yield* calls.within(OF_ADAPTER, { call, number, parent, status: C.STATUS_FAILURE });
    }
    const up = { call: isMcm ? C.CALL_INITIALIZE : C.CALL_BIND_ADAPTER, number };
    yield* calls.within(OF_ADAPTER, up, function* (parent) {
      if (!isMcm) yield* calls.within(OF_ADAPTER, { call: C.CALL_OPEN_ADAPTER, number, parent });
      if (!isLate) yield* register(parent);
    });
    if (isLate) yield* register(0);
  }
  const clients = adapters * clientsPerAdapter;
  for (let number = 0; number < clients; number++) {
    const opens = (parent: number): Generator<StartRecord> =>
      calls.within(OF_CLIENT, { call: C.CALL_OPEN_ADAPTER, number, parent });
    yield* calls.within(OF_CLIENT, { call: C.CALL_BIND_ADAPTER, number }, opens);
  }
  for (let number = 0; number < clients; number++)
    yield* calls.within(OF_CLIENT, { call: C.CALL_REGISTER_NOTIFY, number, status: C.STATUS_NONE });
}

/** Writes a record as lanes do. */
export function writeStart(view: DataView, { op, call, number, frame, parent, status, irql }: StartRecord): void {
  view.setUint32(L.TRACE_TICK, 0, true);
  view.setUint32(L.TRACE_SLOT, number, true);
  view.setUint32(L.TRACE_FRAME, frame, true);
  view.setUint32(L.TRACE_PARENT, parent, true);
  view.setUint8(L.TRACE_OP, op);
  view.setUint8(L.TRACE_CALL, call);
  view.setUint8(L.TRACE_STATUS, status);
  view.setUint16(L.TRACE_IRQL, irql, true);
}
