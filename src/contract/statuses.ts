/** The NDIS_STATUS values that calls about address families return or pass, with their values in ndis.h. */
export const STATUSES = {
  NDIS_STATUS_SUCCESS: 0x00000000,
  NDIS_STATUS_PENDING: 0x00000103,
  NDIS_STATUS_FAILURE: 0xc0000001,
  NDIS_STATUS_RESOURCES: 0xc000009a,
  NDIS_STATUS_NOT_ACCEPTED: 0x00010003,
} as const;

export type StatusName = keyof typeof STATUSES;

/** What stands for a status in the digest (MODEL.md, "States and digest"). */
export const STATUS_NUMBERS: Readonly<Record<StatusName, number>> = {
  NDIS_STATUS_SUCCESS: 0,
  NDIS_STATUS_PENDING: 1,
  NDIS_STATUS_FAILURE: 2,
  NDIS_STATUS_RESOURCES: 3,
  NDIS_STATUS_NOT_ACCEPTED: 4,
};
