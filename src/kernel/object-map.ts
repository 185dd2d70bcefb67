import { OBJECTS_BYTES, OBJECT_RECORD_BYTES } from "../../assembly/abi/object-layout.js";
import type { ObjectCounts } from "./object-handles.js";

/** Where the SAPs, VCs and parties of a machine lie. */
export interface ObjectsMap {
  readonly header: number;
  readonly saps: number;
  readonly vcs: number;
  /** 0 where calls have none beside the first. */
  readonly parties: number;
  /** A byte a VC. */
  readonly notes: number;
}

/** Takes regions one after the other. */
interface Cursor {
  take(bytes: number, align?: number): number;
}

/** Places them. */
export function mapObjects(cursor: Cursor, slots: number, counts: ObjectCounts): ObjectsMap {
  const { saps, calls, incoming, parties } = counts;
  const vcs = slots * (calls + incoming);
  return {
    header: cursor.take(OBJECTS_BYTES),
    saps: cursor.take(slots * saps * OBJECT_RECORD_BYTES, 64),
    vcs: cursor.take(vcs * OBJECT_RECORD_BYTES, 64),
    parties: parties === 0 ? 0 : cursor.take(vcs * (parties + 1) * OBJECT_RECORD_BYTES, 64),
    notes: cursor.take(vcs),
  };
}

/** Events that the objects of an AF have in the queue at most: each the end of an operation, a VC also what it waits for. */
export function objectEvents({ saps, calls, incoming, parties }: ObjectCounts): number {
  return saps + 2 * (calls + incoming) + calls * parties;
}
