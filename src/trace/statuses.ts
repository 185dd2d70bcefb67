import { STATUSES } from "../contract/statuses.js";

/** Further values of ndis.h that drivers return from calls of connection-oriented NDIS, or that logs of them hold. */
const FURTHER_STATUSES: Readonly<Record<string, number>> = {
  NDIS_STATUS_NOT_RECOGNIZED: 0x00010001,
  NDIS_STATUS_NOT_COPIED: 0x00010002,
  NDIS_STATUS_CALL_ACTIVE: 0x00010007,
  NDIS_STATUS_CLOSING: 0xc0010002,
  NDIS_STATUS_BAD_VERSION: 0xc0010004,
  NDIS_STATUS_BAD_CHARACTERISTICS: 0xc0010005,
  NDIS_STATUS_ADAPTER_NOT_FOUND: 0xc0010006,
  NDIS_STATUS_OPEN_FAILED: 0xc0010007,
  NDIS_STATUS_DEVICE_FAILED: 0xc0010008,
  NDIS_STATUS_REQUEST_ABORTED: 0xc001000c,
  NDIS_STATUS_RESET_IN_PROGRESS: 0xc001000d,
  NDIS_STATUS_CLOSING_INDICATING: 0xc001000e,
  NDIS_STATUS_NOT_SUPPORTED: 0xc00000bb,
  NDIS_STATUS_OPEN_LIST_FULL: 0xc0010010,
  NDIS_STATUS_ADAPTER_NOT_READY: 0xc0010011,
  NDIS_STATUS_ADAPTER_NOT_OPEN: 0xc0010012,
  NDIS_STATUS_INVALID_LENGTH: 0xc0010014,
  NDIS_STATUS_INVALID_DATA: 0xc0010015,
  NDIS_STATUS_BUFFER_TOO_SHORT: 0xc0010016,
  NDIS_STATUS_ADAPTER_REMOVED: 0xc0010018,
  NDIS_STATUS_UNSUPPORTED_MEDIA: 0xc0010019,
  NDIS_STATUS_RESOURCE_CONFLICT: 0xc001001e,
  NDIS_STATUS_INVALID_SAP: 0xc0010020,
  NDIS_STATUS_SAP_IN_USE: 0xc0010021,
  NDIS_STATUS_INVALID_ADDRESS: 0xc0010022,
  NDIS_STATUS_VC_NOT_ACTIVATED: 0xc0010023,
  NDIS_STATUS_DEST_OUT_OF_ORDER: 0xc0010024,
  NDIS_STATUS_VC_NOT_AVAILABLE: 0xc0010025,
  NDIS_STATUS_CELLRATE_NOT_AVAILABLE: 0xc0010026,
  NDIS_STATUS_INCOMPATABLE_QOS: 0xc0010027,
  NDIS_STATUS_AAL_PARAMS_UNSUPPORTED: 0xc0010028,
  NDIS_STATUS_NO_ROUTE_TO_DESTINATION: 0xc0010029,
};

const VALUES: ReadonlyMap<string, number> = new Map(Object.entries({ ...FURTHER_STATUSES, ...STATUSES }));
const NAMES: ReadonlyMap<number, string> = new Map([...VALUES].map(([name, value]) => [value, name]));

/** Every name that a trace may use. */
export const STATUS_NAMES: readonly string[] = [...VALUES.keys()];

const HEX = /^0[xX]0*([0-9a-fA-F]{1,8})$/;
/** A status is 32 bits; logs show it with and without sign. */
const DECIMAL = /^-?\d{1,10}$/;

/**
 * The name of a status, from its name or from its number in hex or decimal; a number without a name stays, as `0xc0010099`.
 *
 * @returns undefined for what is no status
 */
export function nameStatus(text: string): string | undefined {
  if (VALUES.has(text)) return text;
  const value = readValue(text);
  return value === undefined ? undefined : (NAMES.get(value) ?? `0x${value.toString(16).padStart(8, "0")}`);
}

function readValue(text: string): number | undefined {
  const hex = HEX.exec(text)?.[1];
  if (hex !== undefined) return Number.parseInt(hex, 16);
  const decimal = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return decimal >= -(2 ** 31) && decimal < 2 ** 32 ? decimal >>> 0 : undefined;
}
