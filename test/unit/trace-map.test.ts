import { describe, expect, it } from "vitest";
import { plainEvent } from "../../src/contract/checker/event-code.js";
import type { TraceEvent } from "../../src/contract/checker/event.js";
import { InputError } from "../../src/scenario/input-error.js";
import { splitRow } from "../../src/trace/csv.js";
import { parseTraceMap } from "../../src/trace/map.js";
import { MappedLines } from "../../src/trace/mapped-lines.js";
import { TraceReader } from "../../src/trace/reader.js";
import { readDate, readTicks } from "../../src/trace/time.js";

const FIELDS = "fields: {timeNs: t, op: o, call: c, af: a, status: s}\n";
const HEADER = "t,o,c,a,s\n";

interface Read {
  readonly events: TraceEvent[];
  /** `line: message` */
  readonly skipped: string[];
}

async function read(map: string, log: string): Promise<Read> {
  const traceMap = await parseTraceMap(map, "map.yaml");
  const events: TraceEvent[] = [];
  const skipped: string[] = [];
  const reader = new TraceReader(
    {
      window: 10,
      onEvent: (event) => events.push(plainEvent(event)),
      onSkip: ({ line, message }) => skipped.push(`${line}: ${message}`),
    },
    (taker) => new MappedLines(traceMap, "log.csv", taker),
  );
  reader.push(new TextEncoder().encode(log));
  reader.finish();
  return { events, skipped };
}

/** `line:column: message (suggestion)` */
async function problemOf(map: string): Promise<string> {
  const error: unknown = await parseTraceMap(map, "map.yaml").catch((caught: unknown) => caught);
  if (!(error instanceof InputError)) throw new Error(`no problem with ${map}`);
  const { position, suggestion } = error.details;
  return `${position?.line}:${position?.column}: ${error.message}${suggestion === undefined ? "" : ` (${suggestion})`}`;
}

describe("a map that is wrong is answered with the place and what was probably meant", () => {
  it.each([
    ["feilds: {}", "1:1: feilds: unknown field (fields)"],
    ["fields: {timeNs: t, op: o, cal: c}", "1:28: fields.cal: unknown field (fields.call)"],
    ["fields: {timeNs: t, op: o}", "1:9: fields.call: this field is required"],
    ["format: xml\nfields: {timeNs: t, op: o, call: c}", '1:9: format: expected one of csv, jsonl, not "xml"'],
    ["format: cvs\nfields: {timeNs: t, op: o, call: c}", '1:9: format: expected one of csv, jsonl, not "cvs" (csv)'],
    [`separator: ", "\n${FIELDS}`, '1:12: separator: ", " is not one character'],
    [
      `${FIELDS}time: {unit: week}`,
      '2:14: time.unit: "week" is neither a unit of time such as 100ns, us or s nor iso, for dates',
    ],
    [`${FIELDS}time: {origin: frist}`, '2:16: time.origin: expected one of first, zero, not "frist" (first)'],
    [`${FIELDS}names: {call: [a]}`, '2:15: names.call: expected text, not ["a"]'],
    [`${FIELDS}names: {op: {Enter: [call]}}`, '2:21: names.op.Enter: expected text, not ["call"]'],
    ["- a", "1:1: a map is a mapping of fields, such as fields: {timeNs: TimeStamp, op: Kind, call: Function}"],
    ["", "1:1: a map is a mapping of fields, such as fields: {timeNs: TimeStamp, op: Kind, call: Function}"],
    [`${FIELDS}fields: {}`, "2:1: this field is given twice"],
  ])("%j", async (map, problem) => {
    expect(await problemOf(map)).toBe(problem);
  });
});

describe("a log that a map explains", () => {
  it("is CSV with a header, spaces around cells, quotes, and rows of several lines", async () => {
    const log = `${HEADER} 5 , call , ProtocolCmCloseAf , "a ""b""\nc,d" , \r\n6,return,ProtocolCmCloseAf,x,0x103\n`;
    const { events, skipped } = await read(FIELDS, log);
    expect(skipped).toEqual(['2: af "a \\"b\\"\\nc,d" has control characters']);
    expect(events).toMatchObject([{ line: 4, timeNs: 1, op: "return", af: "x", status: "NDIS_STATUS_PENDING" }]);
  });

  it("is JSON Lines, with fields inside of fields", async () => {
    const map = "format: jsonl\nfields: {timeNs: System.Time, op: Kind, call: Name, af: Data.Af}\n";
    const line = (time: unknown, af: string): string =>
      `{"System": {"Time": ${JSON.stringify(time)}}, "Kind": "call", "Name": "ProtocolCmCloseAf", "Data": {"Af": ${af}}}\n`;
    const { events } = await read(map, line(7, "18446744073709551615") + line(9.5, '"0x1"'));
    expect(events).toMatchObject([
      { line: 1, timeNs: 0, af: "18446744073709551615" },
      { line: 2, timeNs: 2, af: "0x1" },
    ]);
  });

  it("has names of its own for calls, ops, statuses and IRQLs, and calls that are none of ours", async () => {
    const map = `${FIELDS}names:
  call: {Close: ProtocolCmCloseAf, Send: null}
  op: {in: call, out: return}
  status: {later: NDIS_STATUS_PENDING, 1: NDIS_STATUS_FAILURE}
`;
    const log = `${HEADER}1,in,Close,x,\n1,in,Send,x,\n2,out,Close,x,later\n3,out,Close,x,1\n4,in,Open,x,\n`;
    const { events, skipped } = await read(map, log);
    expect(events.map(({ line, op, status }) => [line, op, status])).toEqual([
      [2, "call", undefined],
      [4, "return", "NDIS_STATUS_PENDING"],
      [5, "return", "NDIS_STATUS_FAILURE"],
    ]);
    expect(skipped).toEqual(['6: unknown call "Open"']);
  });

  it("counts time from its first record, or from nothing, in its unit", async () => {
    const log = `${HEADER}134012345678901234,call,ProtocolCmCloseAf,x,\n134012345678901236,call,ProtocolCmCloseAf,x,\n`;
    expect((await read(`${FIELDS}time: {unit: 100ns}`, log)).events.map(({ timeNs }) => timeNs)).toEqual([0, 200]);
    const small = `${HEADER}1.5,call,ProtocolCmCloseAf,x,\n`;
    expect((await read(`${FIELDS}time: {unit: us, origin: zero}`, small)).events[0]?.timeNs).toBe(1500);
    const dates = `${HEADER}2026-11-30T23:59:59.9999999Z,call,ProtocolCmCloseAf,x,\n2026-12-01T01:00:00+01:00,call,ProtocolCmCloseAf,x,\n`;
    expect((await read(`${FIELDS}time: {unit: iso}`, dates)).events.map(({ timeNs }) => timeNs)).toEqual([0, 100]);
  });

  it("says which rows are no records", async () => {
    const log = `${HEADER}now,call,ProtocolCmCloseAf,x,\n1,call,ProtocolCmCloseAf\n2,call,ProtocolCmCloseAf,x,\n`;
    expect((await read(FIELDS, log)).skipped).toEqual([
      '2: the time "now" is no number',
      "3: the row has 3 cells, and the header has 5",
    ]);
  });

  it("must have the columns that the map names", async () => {
    await expect(read(FIELDS, "t,o,call,a,s\n1,2,3,4,5\n")).rejects.toMatchObject({
      message: 'the log has no column "c" for call; it has "t", "o", "call", "a", "s"',
      details: { position: { file: "log.csv", line: 1, column: 1 } },
    });
  });
});

describe("cells and times", () => {
  it("are split as RFC 4180 has it", () => {
    expect(splitRow('a, "b,""c""" ,,"d"', ",")).toEqual(["a", 'b,"c"', "", "d"]);
    expect(splitRow("a;b\tc", "\t")).toEqual(["a;b", "c"]);
    expect(splitRow('a,"b', ",")).toBeNull();
  });

  it("are exact beyond what a double holds", () => {
    expect(readTicks("134012345678901234", 100)).toBe(13_401_234_567_890_123_400n);
    expect(readTicks("0.1234567891", 1e9)).toBe(123_456_789n);
    expect(readTicks("-2", 1)).toBe(-2n);
    expect(readTicks("1e3", 1)).toBeUndefined();
  });

  it("are read from dates of leap years and of zones as JavaScript reads them", () => {
    for (const date of [
      "1970-01-01T00:00:00Z",
      "2000-02-29T12:30:01.5Z",
      "2100-03-01T00:00:00Z",
      "1601-01-01T00:00:00Z",
      "2026-11-30T23:00:00-05:30",
    ])
      expect(readDate(date)).toBe(BigInt(Date.parse(date)) * 1_000_000n);
    expect(readDate("2026-13-01T00:00:00Z")).toBeUndefined();
    expect(readDate("yesterday")).toBeUndefined();
  });
});
