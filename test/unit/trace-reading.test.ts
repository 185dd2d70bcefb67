import { describe, expect, it } from "vitest";
import { plainEvent } from "../../src/contract/checker/event-code.js";
import type { TraceEvent } from "../../src/contract/checker/event.js";
import { LINE_BYTES_MAX } from "../../src/trace/lines.js";
import { nameStatus } from "../../src/trace/statuses.js";
import { TraceReader } from "../../src/trace/reader.js";
import { checkText } from "../support/check-text.js";
import { openJsonLines } from "../support/json-lines.js";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const GOOD = '{"timeNs":5,"op":"call","call":"ProtocolCmCloseAf","af":"AF#1v1"}';

interface Read {
  readonly events: TraceEvent[];
  /** `line: message (suggestion)` */
  readonly skipped: string[];
}

function read(text: string | Uint8Array, window = 0): Read {
  const events: TraceEvent[] = [];
  const skipped: string[] = [];
  const reader = new TraceReader(
    {
      window,
      onEvent: (event) => events.push(plainEvent(event)),
      onSkip: ({ line, message, suggestion }) =>
        skipped.push(`${line}: ${message}${suggestion === undefined ? "" : ` (${suggestion})`}`),
    },
    openJsonLines,
  );
  reader.push(typeof text === "string" ? encode(text) : text);
  reader.finish();
  return { events, skipped };
}

/** A record with other values in some fields; undefined leaves one out. */
const record = (fields: object): string =>
  JSON.stringify({ timeNs: 5, op: "call", call: "ProtocolCmCloseAf", af: "AF#1v1", ...fields });

describe("what is no record is passed over with its line and the reason", () => {
  it.each([
    ["timeNs=5", 'this is no JSON: "timeNs=5"'],
    [GOOD.slice(0, -1), `this is no JSON: ${JSON.stringify(GOOD.slice(0, -1)).slice(0, 57)}...`],
    ["[1, 2]", "a record is an object, not [1,2]"],
    ["7", "a record is an object, not 7"],
    [record({ timeNs: -5 }), "timeNs -5 is negative"],
    [
      record({ timeNs: 1e300 }),
      "timeNs 1e+300 is beyond 2^53 - 1, which is 104 days; times count from the trace's beginning",
    ],
    [record({ timeNs: "soon" }), 'timeNs "soon" is not a number'],
    [record({ timeNs: undefined }), "timeNs is missing: every record needs it"],
    [record({ op: undefined }), "op is missing: every record needs it"],
    [record({ op: "cal" }), 'unknown op "cal" (call)'],
    [record({ call: undefined }), "call is missing: every record needs it"],
    [record({ call: "ProtocolCmClosAf" }), 'unknown call "ProtocolCmClosAf" (ProtocolCmCloseAf)'],
    [record({ call: "WdfDeviceCreate" }), 'unknown call "WdfDeviceCreate"'],
    [record({ af: undefined }), "af is missing: ProtocolCmCloseAf takes a handle"],
    [record({ af: { slot: 1 } }), 'af {"slot":1} is neither text nor a number'],
    [record({ af: "a\u001b[2J" }), 'af "a\\u001b[2J" has control characters'],
    [record({ status: "NDIS_STATUS_PENDIN" }), 'unknown status "NDIS_STATUS_PENDIN" (NDIS_STATUS_PENDING)'],
    [record({ status: 2 ** 32 }), "unknown status 4294967296"],
    [record({ irql: "PASIVE_LEVEL" }), 'unknown irql "PASIVE_LEVEL" (PASSIVE_LEVEL)'],
    [record({ frame: 1.5 }), "frame 1.5 is not a whole number from 0 to 2^53 - 1"],
    [record({ op: "release", call: undefined }), "from is missing: release needs the driver that does it"],
  ])("%s", (line, message) => {
    const { events, skipped } = read(`${GOOD}\n${line}\n${GOOD}\n`);
    expect(skipped).toEqual([`2: ${message}`]);
    expect(events.map(({ line: at }) => at)).toEqual([1, 3]);
  });

  it("a line that is not UTF-8", () => {
    const bytes = encode(`${GOOD}\n${GOOD.replace("AF#1v1", "\u00e4")}\n`).map((byte) => (byte === 0xc3 ? 0xff : byte));
    expect(read(bytes).skipped).toEqual(["2: the line is not UTF-8 text"]);
  });

  it("a line of more than 1 MiB, in whatever pieces it comes", () => {
    const long = encode(`${GOOD}\n{"x":"${"x".repeat(LINE_BYTES_MAX)}","timeNs":5,"op":"wake","from":"a"}\n${GOOD}\n`);
    for (const pieceBytes of [long.length, 70_000, 2 ** 20]) {
      const skipped: number[] = [];
      const events: number[] = [];
      const reader = new TraceReader(
        {
          window: 0,
          onEvent: ({ line }) => events.push(line),
          onSkip: ({ line, message }) => {
            expect(message).toBe("the line is longer than 1 MiB");
            skipped.push(line);
          },
        },
        openJsonLines,
      );
      for (let at = 0; at < long.length; at += pieceBytes) reader.push(long.subarray(at, at + pieceBytes));
      reader.finish();
      expect([skipped, events]).toEqual([[2], [1, 3]]);
    }
  });
});

describe("a trace is read", () => {
  it("with a mark of the byte order, carriage returns, blank lines and without a last newline", () => {
    const { events, skipped } = read(`\uFEFF${GOOD}\r\n\r\n  \n${GOOD}`);
    expect(skipped).toEqual([]);
    expect(events.map(({ line }) => line)).toEqual([1, 4]);
  });

  it("with handles that are numbers of 64 bits, exactly", () => {
    const lines = [
      '{"timeNs":5,"op":"call","call":"ProtocolCmCloseAf","af":18446744073709551615}',
      '{"timeNs": 5, "op": "call", "call": "ProtocolCmCloseAf", "af": 18446744073709551614, "x": "\\u00e4:9999999999999999999"}',
    ];
    expect(read(`${lines.join("\n")}\n`).events.map(({ af }) => af)).toEqual([
      "18446744073709551615",
      "18446744073709551614",
    ]);
  });

  it("with contexts that are NULL, given or not known", () => {
    const lines = [record({ context: null }), record({ context: "0x10" }), record({})];
    expect(read(lines.join("\n")).events.map(({ context }) => context)).toEqual([null, "0x10", undefined]);
  });

  it("with statuses by name, hex and number, also signed", () => {
    for (const pending of ["NDIS_STATUS_PENDING", "0x103", "0x00000103", "259"])
      expect(nameStatus(pending)).toBe("NDIS_STATUS_PENDING");
    for (const failure of ["0xC0000001", "3221225473", "-1073741823"])
      expect(nameStatus(failure)).toBe("NDIS_STATUS_FAILURE");
    expect(nameStatus("0xC0DE0001")).toBe("0xc0de0001");
    expect(nameStatus("0x123456789")).toBeUndefined();
  });
});

describe("a trace in which nothing was judged is an error", () => {
  it.each([
    ["", "the trace is empty"],
    ["\n\n", "the trace is empty"],
    ["x\ny\n", 'no line is a record; the first: this is no JSON: "x"'],
  ])("%j", async (text, message) => {
    await expect(checkText(text)).rejects.toMatchObject({ name: "InputError", message });
  });

  it("strictly: the first line that is no record, with its place", async () => {
    const error = await checkText(`${GOOD}\n${record({ call: "ProtocolCmClosAf" })}\nx\n`, { strict: true }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({
      message: 'unknown call "ProtocolCmClosAf"',
      details: { position: { file: "trace.jsonl", line: 2, column: 1 }, suggestion: "ProtocolCmCloseAf" },
    });
  });
});
