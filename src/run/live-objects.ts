/** What drivers owe of the SAPs, VCs and parties of an AF when the lanes have stopped (src/contract/MODEL-OBJECTS.md "Judging"). */
import { STATE_MASK } from "../../assembly/abi/layout.js";
import * as O from "../../assembly/abi/object-codes.js";
import { OBJECT_RECORD_BYTES, OBJECT_SINCE, OBJECT_WORD, SHARED_AT_END } from "../../assembly/abi/object-layout.js";
import type { LivePlan } from "./live-plan.js";

export interface OwedObject {
  readonly rule: number;
  /** Tick at which the operation began that is owed. */
  readonly since: number;
}

const SAP_OWES: ReadonlySet<number> = new Set([O.SAP_REGISTERING, O.SAP_DEREGISTERING]);
const VC_OWES: ReadonlySet<number> = new Set([O.VC_CALLING, O.VC_OFFERED, O.VC_CLOSING, O.VC_DEACTIVATING]);

/** Counts a slot's objects that are not vacant, kind by kind, and answers those of which something is owed. */
export function* owedObjects(view: DataView, { map, scenario }: LivePlan, slot: number): Generator<OwedObject> {
  const { objects } = scenario.client;
  const tables = map.machine.objects;
  if (objects === null || tables === null) return;
  const vcs = objects.calls + objects.incoming;
  const read = function* (kind: number, table: number, index: number, owes: (state: number) => boolean, rule: number) {
    const at = table + index * OBJECT_RECORD_BYTES;
    const state = view.getUint32(at + OBJECT_WORD, true) & STATE_MASK;
    if (state === O.OBJECT_VACANT) return;
    const count = map.shard.shared + SHARED_AT_END + 8 * kind;
    view.setBigUint64(count, view.getBigUint64(count, true) + 1n, true);
    if (owes(state)) yield { rule, since: view.getUint32(at + OBJECT_SINCE, true) };
  };
  for (let n = 0; n < objects.saps; n++)
    yield* read(O.KIND_SAP, tables.saps, slot * objects.saps + n, (state) => SAP_OWES.has(state), O.RULE_SAP_OWED);
  for (let n = 0; n < vcs; n++) {
    const vc = slot * vcs + n;
    const isOutgoing = n < objects.calls;
    const owes = (state: number): boolean => VC_OWES.has(state) || (isOutgoing && state === O.VC_ACTIVATING);
    yield* read(O.KIND_VC, tables.vcs, vc, owes, O.RULE_CALL_OWED);
    const parties = isOutgoing ? objects.parties : 0;
    for (let party = 1; party <= parties; party++) {
      const index = vc * (objects.parties + 1) + party;
      yield* read(O.KIND_PARTY, tables.parties, index, (state) => state === O.PARTY_DROPPING, O.RULE_PARTY_DROP);
    }
  }
}
