import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TRACE_CALLS } from "../../src/contract/checker/call-table.js";
import { plainEvent } from "../../src/contract/checker/event-code.js";
import type { CodedEvent, TraceEvent } from "../../src/contract/checker/event.js";
import { parseJson } from "../../src/trace/json-text.js";
import { decodeRecord, LineProblem } from "../../src/trace/record.js";
import { type SkippedLine, TraceReader } from "../../src/trace/reader.js";
import type { RecordScanner } from "../../src/trace/scanner.js";
import { STATUS_NAMES } from "../../src/trace/statuses.js";
import { newScanner, openJsonLines } from "../support/json-lines.js";

const CALL_NAMES = TRACE_CALLS.map(({ name }) => name);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const handle = fc.oneof(
  fc.tuple(fc.nat(99), fc.nat(9)).map(([slot, life]) => `AF#${slot}v${life}`),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => `0x${value.toString(16)}`),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.string({ unit: "grapheme", maxLength: 80 }),
);
const number = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.integer(), fc.double(), fc.bigInt({ min: 0n, max: 10n ** 20n }));
const status = fc.oneof(
  fc.constantFrom(...STATUS_NAMES),
  fc.integer(),
  fc.nat().map((value) => `0x${value.toString(16)}`),
  fc.string(),
);
const party = fc.oneof(fc.constantFrom("ndis", "client:3", "cm:0"), handle);

/** A record as text: fields in any order, perhaps twice, with values of the right and of other kinds, and spaces around. */
const field = fc.oneof(
  fc.tuple(fc.constantFrom("timeNs", "machine", "seq", "processor", "frame", "parent", "adapter"), number),
  fc.tuple(fc.constantFrom("af", "sap", "vc", "party", "address", "adapter"), handle),
  fc.tuple(fc.constantFrom("from", "to"), party),
  fc.tuple(fc.constant("op"), fc.constantFrom("call", "return", "release", "wait", "wake", "halt")),
  fc.tuple(fc.constant("call"), fc.constantFrom(...CALL_NAMES, "NdisUnknown")),
  fc.tuple(fc.constant("irql"), fc.constantFrom("PASSIVE_LEVEL", "APC_LEVEL", "DISPATCH_LEVEL", "HIGH_LEVEL")),
  fc.tuple(fc.constant("status"), status),
  fc.tuple(fc.constant("context"), fc.oneof(fc.constant(null), handle)),
  fc.tuple(fc.string({ maxLength: 12 }), fc.jsonValue({ maxDepth: 1 })),
);
const REQUIRED: readonly (readonly [string, unknown])[] = [
  ["timeNs", 120],
  ["op", "call"],
  ["call", "ProtocolCmCloseAf"],
  ["af", "AF#1v1"],
];
const write = (value: unknown): string =>
  typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? "null");
const line = fc
  .tuple(fc.array(field, { maxLength: 12 }), fc.nat(12), fc.constantFrom("", " ", "  "), fc.constantFrom("", "\r", " "))
  .map(([fields, place, space, end]) => {
    const members = [...fields.slice(0, place), ...REQUIRED, ...fields.slice(place)].map(
      ([name, value]) => `${JSON.stringify(name)}:${space}${write(value)}`,
    );
    return `{${members.join(`,${space}`)}}${end}`;
  });
/** The same with bytes that are changed, taken out or put in. */
const damaged = fc
  .tuple(
    line,
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom("", '"', "\\", "{", "}", ",", ":", "0", ".", "e", " ", "\u00e4", "\t"),
        fc.nat(1),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([text, edits]) =>
    edits.reduce((now, [place, put, take]) => {
      const at = place % (now.length + 1);
      return now.slice(0, at) + put + now.slice(at + take);
    }, text),
  );

/** What JSON.parse and the rules for fields make of a line. */
function decodeByHand(text: string, at: number): CodedEvent | LineProblem {
  try {
    return decodeRecord(parseJson(text), at);
  } catch {
    return new LineProblem("no JSON");
  }
}

function scan(scanner: RecordScanner, text: string, line: number): CodedEvent | undefined {
  scanner.load(encode(`${text}\n`));
  return scanner.scan(0, line);
}

describe("the scanner of records", () => {
  it("finds in every line that it reads what JSON.parse finds there", () => {
    // One scanner for all, so that what it remembers is tested, too.
    const scanner = newScanner();
    fc.assert(
      fc.property(damaged, (text) => {
        const scanned = scan(scanner, text, 7);
        if (scanned === undefined) return;
        expect(scanner.end).toBe(encode(text).length + 1);
        expect(scanned).toStrictEqual(decodeByHand(text, 7));
      }),
      { numRuns: 5000 },
    );
  });

  it("takes the last of fields that stand twice, also of another kind", () => {
    const scanner = newScanner();
    const head = '{"timeNs":5,"op":"wake","from":"a"';
    for (const [tail, adapter] of [
      [',"adapter":"x","adapter":3}', 3],
      [',"adapter":3,"adapter":"x"}', "x"],
    ] as const) {
      const scanned = scan(scanner, `${head}${tail}`, 1);
      expect(scanned).toMatchObject({ adapter });
      expect(scanned).toStrictEqual(decodeByHand(`${head}${tail}`, 1));
    }
  });

  it("reads every record as we write them itself", () => {
    const scanner = newScanner();
    const parts = fc.record({
      seq: fc.nat(),
      timeNs: fc.nat(),
      machine: fc.nat(4000),
      processor: fc.nat(64),
      irql: fc.constantFrom("PASSIVE_LEVEL", "DISPATCH_LEVEL"),
      op: fc.constantFrom("call", "return"),
      frame: fc.nat(),
      call: fc.constantFrom(...CALL_NAMES),
      from: fc.constantFrom("ndis", "client:12"),
      to: fc.constantFrom("ndis", "cm:1"),
      adapter: fc.nat(31),
      af: fc.nat(100).map((slot) => `AF#${slot}v3`),
      status: fc.constantFrom("NDIS_STATUS_SUCCESS", "NDIS_STATUS_PENDING"),
      context: fc.constant(null),
    });
    fc.assert(
      fc.property(parts, (record) => {
        const scanned = scan(scanner, JSON.stringify(record), 1);
        expect(scanned && plainEvent(scanned)).toMatchObject(record);
      }),
    );
  });
});

describe("reading in pieces", () => {
  interface Read {
    readonly events: readonly TraceEvent[];
    readonly skipped: readonly SkippedLine[];
  }

  function readPieces(bytes: Uint8Array, lengths: readonly number[]): Read {
    const events: TraceEvent[] = [];
    const skipped: SkippedLine[] = [];
    const reader = new TraceReader(
      {
        window: 3,
        onEvent: (event) => events.push(plainEvent(event)),
        onSkip: (one) => skipped.push(one),
      },
      openJsonLines,
    );
    let at = 0;
    for (const length of lengths) {
      // A buffer that is used again, as a stream's may be.
      const piece = Uint8Array.from(bytes.subarray(at, at + length));
      reader.push(piece);
      piece.fill(0x7b);
      at += length;
    }
    reader.push(bytes.subarray(at));
    reader.finish();
    return { events, skipped };
  }

  it("finds the same records and problems wherever the pieces end", () => {
    const text = fc
      .tuple(
        fc.array(fc.oneof(line, damaged, fc.constant("")), { maxLength: 8 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
      )
      .map(([lines, end, hasLast]) => lines.join(end) + (hasLast ? end : ""));
    fc.assert(
      fc.property(text, fc.array(fc.nat(60), { maxLength: 20 }), (content, lengths) => {
        const bytes = encode(content);
        expect(readPieces(bytes, lengths)).toStrictEqual(readPieces(bytes, []));
      }),
      { numRuns: 200 },
    );
  });
});
