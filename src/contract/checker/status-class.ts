import { STATUS_VALUES } from "../statuses.js";

/** What the rules ask of a status: which of the few that pages name, or what kind of another. */
export const STATUS_MISSING = -1;
export const STATUS_SUCCESS = 0;
export const STATUS_PENDING = 1;
export const STATUS_FAILURE = 2;
export const STATUS_RESOURCES = 3;
export const STATUS_NOT_ACCEPTED = 4;
const STATUS_INVALID_DATA = 5;
const STATUS_CLOSING = 6;
/** Any other error. */
export const STATUS_ERROR = 7;
/** Neither success nor an error. */
export const STATUS_OTHER = 8;

/** Those that rules name. */
const NAMED: ReadonlyMap<string, number> = new Map([
  ["NDIS_STATUS_SUCCESS", STATUS_SUCCESS],
  ["NDIS_STATUS_PENDING", STATUS_PENDING],
  ["NDIS_STATUS_FAILURE", STATUS_FAILURE],
  ["NDIS_STATUS_RESOURCES", STATUS_RESOURCES],
  ["NDIS_STATUS_NOT_ACCEPTED", STATUS_NOT_ACCEPTED],
  ["NDIS_STATUS_INVALID_DATA", STATUS_INVALID_DATA],
  ["NDIS_STATUS_CLOSING", STATUS_CLOSING],
]);

/** The lowest value of an error. */
const ERROR_MIN = 0xc000_0000;
const HEX = /^0x[0-9a-f]{1,8}$/i;

const ofValue = (value: number): number => (value >= ERROR_MIN ? STATUS_ERROR : STATUS_OTHER);
const BY_NAME: ReadonlyMap<string, number> = new Map(
  [...STATUS_VALUES].map(([name, value]) => [name, NAMED.get(name) ?? ofValue(value)]),
);
const BY_VALUE: ReadonlyMap<number, number> = new Map(
  [...STATUS_VALUES].map(([name, value]) => [value, BY_NAME.get(name)!]),
);

/** The kind of a status as a trace has it, by name or in hex; a name that stands in no table is taken for an error. */
export function statusClass(status: string | undefined): number {
  if (status === undefined) return STATUS_MISSING;
  const kind = BY_NAME.get(status);
  if (kind !== undefined) return kind;
  return HEX.test(status) ? (BY_VALUE.get(Number(status)) ?? ofValue(Number(status))) : STATUS_ERROR;
}

/** Whether a status says that what was asked for is refused or has failed. */
export function isFailure(kind: number): boolean {
  return kind >= STATUS_FAILURE;
}

/** Whether a status is an error in the sense of ndis.h, so that pages which allow "another error" allow it. */
export function isError(kind: number): boolean {
  return kind >= STATUS_FAILURE && kind !== STATUS_NOT_ACCEPTED && kind !== STATUS_OTHER;
}
