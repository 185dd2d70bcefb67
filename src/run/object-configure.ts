/** Writes what a kernel needs of SAPs, VCs, calls and parties into its memory. */
import * as O from "../../assembly/abi/object-codes.js";
import * as L from "../../assembly/abi/object-layout.js";
import type { ShardMap } from "../kernel/memory-map.js";
import type { ObjectsMap } from "../kernel/object-map.js";
import type { CallManagerProfile, ClientObjects, Distribution, Operation } from "../scenario/scenario.js";
import type { MemoryWriter } from "./memory-writer.js";
import { CHANGES, exchangeRows, operationRows } from "./object-tables.js";

interface Samplers {
  write(distribution: Distribution): number;
}

/** What all machines of a shard share. */
export function writeSharedObjects(
  writer: MemoryWriter,
  { shared }: ShardMap,
  objects: ClientObjects,
  samplers: Samplers,
): void {
  for (const { change, from, to, status } of CHANGES) {
    const states = from.reduce((bits, state) => bits | (1 << state), 0);
    writer.u32(shared + L.SHARED_CHANGES + 4 * (change - O.CHANGE_FIRST), states | (to << 16) | (status << 24));
  }
  const writeRows = (at: number, bytes: number, rows: ReturnType<typeof operationRows>): void => {
    for (const [number, row] of rows) for (const [offset, byte] of row) writer.u8(at + number * bytes + offset, byte);
  };
  writeRows(shared + L.SHARED_OPERATIONS, L.OPERATION_BYTES, operationRows());
  writeRows(shared + L.SHARED_EXCHANGES, L.EXCHANGE_BYTES, exchangeRows());
  writer.probability(shared + L.SHARED_REMOTE, objects.remote);
  writer.probability(shared + L.SHARED_REJECTS, objects.answer.reject);
  writer.fields(shared, [
    [L.SHARED_GAP, samplers.write(objects.gap)],
    [L.SHARED_LASTS, samplers.write(objects.lasts)],
  ]);
}

/** How the call managers of a profile, and their clients, serve operations; answers where that stands. */
export function writeServes(
  writer: MemoryWriter,
  { serves }: ShardMap,
  index: number,
  profile: CallManagerProfile,
  { answer }: ClientObjects,
  samplers: Samplers,
): number {
  const at = serves + index * L.SERVE_BYTES;
  const { sap, call, vc, party } = profile.objects;
  const parts: readonly (readonly [part: number, operation: Operation])[] = [
    [L.SERVES_SAP, sap],
    [L.SERVES_CALL, call],
    [L.SERVES_VC, vc],
    [L.SERVES_PARTY, party],
    [L.SERVES_ANSWER, answer],
  ];
  for (const [part, { pend, service }] of parts) {
    writer.probability(at + L.SERVE_PENDS + 8 * part, pend);
    writer.u32(at + L.SERVE_SAMPLERS + 4 * part, samplers.write(service));
  }
  writer.probability(at + L.SERVE_FAILS, call.fail);
  return at;
}

/** The header of a machine's objects; `faultKinds`: a bit for every kind of fault that is about objects. */
export function writeObjects(
  writer: MemoryWriter,
  { shared }: ShardMap,
  map: ObjectsMap,
  { saps, calls, incoming, parties }: ClientObjects,
  faultKinds: bigint,
): void {
  const vcs = calls + incoming;
  writer.fields(map.header, [
    [L.OBJECTS_TABLES + 4 * O.KIND_SAP, map.saps],
    [L.OBJECTS_TABLES + 4 * O.KIND_VC, map.vcs],
    [L.OBJECTS_TABLES + 4 * O.KIND_PARTY, map.parties],
    [L.OBJECTS_PER_SLOT + 4 * O.KIND_SAP, saps],
    [L.OBJECTS_PER_SLOT + 4 * O.KIND_VC, vcs],
    [L.OBJECTS_PER_SLOT + 4 * O.KIND_PARTY, vcs * (parties + 1)],
    [L.OBJECTS_NOTES, map.notes],
    [L.OBJECTS_OUTGOING, calls],
    [L.OBJECTS_PARTIES, parties],
    [L.OBJECTS_SHARED, shared],
  ]);
  writer.u64(map.header + L.OBJECTS_FAULT_KINDS, faultKinds);
}
