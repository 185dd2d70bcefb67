/** What the rules ask of a status: which of the few that pages name, or what kind of another. */
export const STATUS_MISSING = -1;
export const STATUS_SUCCESS = 0;
export const STATUS_PENDING = 1;
export const STATUS_FAILURE = 2;
export const STATUS_RESOURCES = 3;
export const STATUS_NOT_ACCEPTED = 4;
export const STATUS_INVALID_DATA = 5;
export const STATUS_CLOSING = 6;
/** Any other error. */
export const STATUS_ERROR = 7;
/** Neither success nor an error. */
export const STATUS_OTHER = 8;

/** By name and by value, as in ndis.h; a trace may have either. */
const NAMED: readonly (readonly [name: string, value: number, kind: number])[] = [
  ["NDIS_STATUS_SUCCESS", 0x0000_0000, STATUS_SUCCESS],
  ["NDIS_STATUS_PENDING", 0x0000_0103, STATUS_PENDING],
  ["NDIS_STATUS_FAILURE", 0xc000_0001, STATUS_FAILURE],
  ["NDIS_STATUS_RESOURCES", 0xc000_009a, STATUS_RESOURCES],
  ["NDIS_STATUS_NOT_ACCEPTED", 0x0001_0003, STATUS_NOT_ACCEPTED],
  ["NDIS_STATUS_INVALID_DATA", 0xc001_0015, STATUS_INVALID_DATA],
  ["NDIS_STATUS_CLOSING", 0xc001_0002, STATUS_CLOSING],
];

/** The lowest value of an error. */
const ERROR_MIN = 0xc000_0000;
const HEX = /^0x[0-9a-f]{1,8}$/i;

const known = new Map(NAMED.map(([name, , kind]) => [name, kind]));
const byValue = new Map(NAMED.map(([, value, kind]) => [value, kind]));

/** The kind of a status as a trace has it. */
export function statusClass(status: string | undefined): number {
  return status === undefined ? STATUS_MISSING : (known.get(status) ?? otherClass(status));
}

/** Names that stand in no table are errors: pages say NDIS_STATUS_XXX for those. */
function otherClass(status: string): number {
  if (!HEX.test(status)) return STATUS_ERROR;
  const value = Number(status);
  return byValue.get(value) ?? (value >= ERROR_MIN ? STATUS_ERROR : STATUS_OTHER);
}

/** Whether a status says that what was asked for is refused or has failed. */
export function isFailure(kind: number): boolean {
  return kind >= STATUS_FAILURE;
}

/** Whether a status is an error in the sense of ndis.h, so that pages which allow "another error" allow it. */
export function isError(kind: number): boolean {
  return kind >= STATUS_FAILURE && kind !== STATUS_NOT_ACCEPTED && kind !== STATUS_OTHER;
}
