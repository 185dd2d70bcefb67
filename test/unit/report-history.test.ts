import { describe, expect, it } from "vitest";
import type { TraceRecord } from "../../src/measure/history.js";
import { describeHistory } from "../../src/report/history.js";
import type { ResultViolation } from "../../src/result/schema.js";

const NOTHING_LEFT_OUT = { lives: 0, recordsOfLives: 0, recordsBetween: 0 };

function record(fields: Partial<TraceRecord> & Pick<TraceRecord, "seq" | "op">): TraceRecord {
  return { timeNs: 100, machine: 0, processor: 2, irql: "PASSIVE_LEVEL", af: "AF#7v2", ...fields };
}

function call(seq: number, name: string, fields: Partial<TraceRecord> = {}): TraceRecord {
  return record({ seq, op: "call", frame: seq, call: name, from: "client:3", to: "ndis", adapter: 0, ...fields });
}

function answer(seq: number, frame: number, name: string, status?: string): TraceRecord {
  return record({ seq, op: "return", frame, call: name, ...(status !== undefined && { status }) });
}

function violation(fields: Partial<ResultViolation>): ResultViolation {
  return {
    rule: "close/redundant",
    timeNs: 100,
    machine: 0,
    adapter: 0,
    af: "AF#7v2",
    text: "",
    source: [],
    reproduce: "",
    brokenBy: null,
    leftOut: NOTHING_LEFT_OUT,
    ...fields,
  };
}

/** As on a terminal: time, processor, nesting; `<` marks what breaks the rule. */
function show(fields: Partial<ResultViolation>): string[] {
  return describeHistory(violation(fields)).map(
    ({ at, processor, depth, text, breaks }) => `${at}|${processor}|${"  ".repeat(depth)}${text}${breaks ? " <" : ""}`,
  );
}

describe("the text of a history", () => {
  it("has nested calls indented, and an answer at once beside its call", () => {
    const history = [
      call(1, "NdisClCloseAddressFamily"),
      call(2, "ProtocolCmCloseAf", { parent: 1, from: "ndis", to: "cm:0" }),
      answer(3, 2, "ProtocolCmCloseAf", "NDIS_STATUS_PENDING"),
      answer(4, 1, "NdisClCloseAddressFamily", "NDIS_STATUS_PENDING"),
      call(5, "NdisClCloseAddressFamily"),
    ];
    expect(show({ history, brokenBy: 5 })).toEqual([
      "100 ns|2|client:3 → ndis  NdisClCloseAddressFamily",
      "||  ndis → cm:0  ProtocolCmCloseAf returns PENDING",
      "||NdisClCloseAddressFamily returns PENDING",
      "||client:3 → ndis  NdisClCloseAddressFamily <",
    ]);
  });

  it("marks a return that breaks the rule, beside its call or on a line of its own", () => {
    const asked = call(2, "ProtocolCmCloseAf", { parent: 1, from: "ndis", to: "cm:0" });
    const refused = "NDIS_STATUS_NOT_ACCEPTED";
    const beside = [asked, answer(3, 2, "ProtocolCmCloseAf", refused)];
    expect(show({ history: beside, brokenBy: 3 })).toEqual([
      "100 ns|2|ndis → cm:0  ProtocolCmCloseAf returns NOT_ACCEPTED <",
    ]);
    const apart = [asked, record({ seq: 4, op: "release", from: "cm:0" }), answer(5, 2, "ProtocolCmCloseAf", refused)];
    expect(show({ history: apart, brokenBy: 5 })).toEqual([
      "100 ns|2|ndis → cm:0  ProtocolCmCloseAf",
      "||  cm:0 releases its context",
      "||ProtocolCmCloseAf returns NOT_ACCEPTED <",
    ]);
    expect(show({ history: [asked, answer(6, 1, "NdisClCloseAddressFamily")], brokenBy: 6 }).at(-1)).toBe(
      "||NdisClCloseAddressFamily returns <",
    );
  });

  it("has statuses and contexts that are passed behind the call, and a call of itself as such", () => {
    const history = [
      call(1, "NdisMCmOpenAddressFamilyComplete", { from: "cm:0", status: "NDIS_STATUS_SUCCESS", context: null }),
      answer(2, 1, "NdisMCmOpenAddressFamilyComplete"),
      call(3, "ProtocolClOpenAfCompleteEx", { to: "client:3", status: "NDIS_STATUS_SUCCESS" }),
    ];
    expect(show({ history, brokenBy: 3 })).toEqual([
      "100 ns|2|cm:0 → ndis  NdisMCmOpenAddressFamilyComplete(SUCCESS, context NULL)",
      "||client:3, itself  ProtocolClOpenAfCompleteEx(SUCCESS) <",
    ]);
  });

  it("says time and processor when they change, and the IRQL where it is not PASSIVE_LEVEL or that of the call around", () => {
    const irql = "DISPATCH_LEVEL";
    const history = [
      record({ seq: 1, op: "wait", from: "client:3" }),
      call(2, "NdisCmCloseAddressFamilyComplete", { timeNs: 2500, processor: 0, irql, from: "cm:0" }),
      call(3, "ProtocolClCloseAfComplete", {
        timeNs: 2500,
        processor: 0,
        irql,
        parent: 2,
        from: "ndis",
        to: "client:3",
      }),
      record({ seq: 4, op: "wake", timeNs: 2500, processor: 0, irql, from: "client:3" }),
      record({ seq: 5, op: "release", timeNs: 2500, processor: 1, from: "client:3" }),
    ];
    expect(show({ history, brokenBy: 5 })).toEqual([
      "100 ns|2|client:3 waits to be told",
      "2.5 us|0|cm:0 → ndis  NdisCmCloseAddressFamilyComplete at DISPATCH_LEVEL",
      "||  ndis → client:3  ProtocolClCloseAfComplete",
      "||    client:3 wakes",
      "|1|client:3 releases its context <",
    ]);
  });

  it("says the IRQL in any case where the rule is about it", () => {
    const history = [call(1, "ProtocolClOpenAfCompleteEx")];
    expect(show({ history, brokenBy: 1, rule: "irql/callback" })).toEqual([
      "100 ns|2|client:3 → ndis  ProtocolClOpenAfCompleteEx at PASSIVE_LEVEL <",
    ]);
  });

  it("takes calls, statuses and parties as they come", () => {
    const history = [
      call(1, "MiniportHaltEx", { from: "ndis", to: "miniport:0" }),
      answer(2, 1, "MiniportHaltEx", "NDIS_STATUS_CLOSING"),
    ];
    expect(show({ history, brokenBy: 2 })).toEqual(["100 ns|2|ndis → miniport:0  MiniportHaltEx returns CLOSING <"]);
  });

  it("says what breaks the rule where no record does, and when", () => {
    const history = [call(1, "NdisClOpenAddressFamilyEx")];
    expect(show({ history, rule: "close/unbind", timeNs: 3000 }).at(-1)).toBe(
      "3 us||the client is unbound and does not close the AF <",
    );
    expect(show({ history, rule: "close/owed", timeNs: 100 }).at(-1)).toBe("||nothing more until the end of the run <");
  });

  it("sums up earlier lives and what is left out in a line each", () => {
    const history = Array.from({ length: 22 }, (_, index) => record({ seq: index, op: "wait", from: "client:3" }));
    const leftOut = { lives: 2, recordsOfLives: 1030, recordsBetween: 1 };
    const lines = show({ history, brokenBy: 21, leftOut });
    expect(lines).toHaveLength(24);
    expect(lines[0]).toBe("||… 2 earlier lives of this slot, 1,030 records");
    expect(lines[21]).toBe("||… 1 record left out");
  });

  it("keeps the beginning and the end of one that is long", () => {
    const history = Array.from({ length: 200 }, (_, seq) => call(seq, `Call${seq}`));
    const lines = show({ history, brokenBy: 199 });
    expect(lines).toHaveLength(41);
    expect(lines[8]).toBe("||… 160 lines left out; --json has them");
    expect(lines[9]).toContain("Call168");
    expect(lines[40]).toBe("||client:3 → ndis  Call199 <");
  });

  it("is empty where there is no history", () => {
    expect(show({})).toEqual([]);
  });
});
