import { describe, expect, it } from "vitest";
import { isError, isFailure, statusClass } from "../../src/contract/checker/status-class.js";
import { STATUS_VALUES } from "../../src/contract/statuses.js";

describe("the checker takes a status", () => {
  it.each([...STATUS_VALUES])("%s for the same by its name and by its value", (name, value) => {
    expect(statusClass(`0x${value.toString(16)}`)).toBe(statusClass(name));
  });

  it("that is no error, such as NDIS_STATUS_NOT_RECOGNIZED, for none", () => {
    expect(isError(statusClass("NDIS_STATUS_NOT_RECOGNIZED"))).toBe(false);
    expect(isFailure(statusClass("NDIS_STATUS_SUCCESS"))).toBe(false);
  });

  it("whose name it does not know for an error", () => {
    expect(isError(statusClass("NDIS_STATUS_OF_SOMEBODY"))).toBe(true);
  });
});
