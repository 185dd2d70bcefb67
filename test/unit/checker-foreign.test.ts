import { describe, expect, it } from "vitest";
import { chooser, judge } from "../../bench/mutants/score.js";
import { comeUp, writeLives } from "../../bench/mutants/lives.js";
import { PENDING, SUCCESS, type TraceLine, TraceWriter } from "../../bench/mutants/trace-writer.js";
import { checkRecords } from "../support/check-trace.js";

const VALUES: Readonly<Record<string, string>> = {
  NDIS_STATUS_SUCCESS: "0x0",
  NDIS_STATUS_PENDING: "0x00000103",
  NDIS_STATUS_FAILURE: "0xC0000001",
  NDIS_STATUS_RESOURCES: "0xc000009a",
};
const ONLY_REQUIRED = ["timeNs", "op", "call", "af", "sap", "vc", "party", "from"] as const;

const lives = (seed: number): readonly TraceLine[] => writeLives(chooser(seed), 3, seed % 2 === 0).lines;
const seeds = Array.from({ length: 40 }, (_, seed) => seed);
const pick = (line: TraceLine, keys: readonly (keyof TraceLine)[]) => ({
  machine: 0,
  ...Object.fromEntries(keys.flatMap((key) => (line[key] === undefined ? [] : [[key, line[key]]]))),
});

describe("the checker, of traces from elsewhere", () => {
  it("reads statuses by value as by name", () => {
    for (const seed of seeds) {
      const hex = lives(seed).map((line) =>
        line.status === undefined ? line : { ...line, status: VALUES[line.status]! },
      );
      expect(judge(hex)).toEqual([]);
    }
  });

  it("accuses nobody where only the fields that every trace has are there, and says what it could not judge", () => {
    for (const seed of seeds) {
      const verdict = checkRecords(lives(seed).map((line) => pick(line, ONLY_REQUIRED)));
      expect(verdict.findings).toEqual([]);
      const lacking = new Set(verdict.cannotSay.map(({ rule, lacks }) => `${rule}: ${lacks}`));
      expect([...lacking]).toContain("irql/caller: irql");
    }
  });

  it("counts what it could not judge, from the first record on", () => {
    const trace = lives(1);
    const { cannotSay } = checkRecords(trace.map((line) => ({ ...line, irql: undefined })));
    const calls = trace.filter(({ op, call }) => op === "call" && call!.startsWith("Ndis"));
    const [first] = calls;
    const expected = { rule: "irql/caller", lacks: "irql", count: calls.length, line: trace.indexOf(first!) + 1 };
    expect(cannotSay.find(({ rule }) => rule === "irql/caller")).toEqual(expected);
  });

  it("does not hold a release against a driver in a trace that has none, nor a call of itself", () => {
    for (const seed of seeds) {
      const boundary = lives(seed).filter(
        ({ op, from, to }) => op !== "release" && (from === undefined || from !== to),
      );
      // Not from the start of a simulator, which has them all.
      expect(checkRecords(boundary.slice(1)).findings).toEqual([]);
    }
  });

  it("judges a trace that begins in the middle for what it shows", () => {
    for (const seed of seeds) {
      const whole = lives(seed);
      for (const at of [20, 45, 70, 100].filter((n) => n < whole.length))
        expect(checkRecords(whole.slice(at)).findings).toEqual([]);
    }
  });

  it("leaves undecided what a trace that ends in the middle still owes", () => {
    for (const seed of seeds) {
      const whole = lives(seed);
      const verdict = checkRecords(whole.slice(0, Math.floor(whole.length / 2)));
      expect(verdict.findings.filter(({ warning }) => !warning)).toEqual([]);
    }
  });

  it("tells the lives of a pointer that is used again apart", () => {
    const w = new TraceWriter();
    comeUp(w, true);
    const af = { af: "0xffff8a01" };
    for (let life = 1; life <= 3; life++) {
      w.call("NdisClOpenAddressFamilyEx", { answer: PENDING, yields: af }, () =>
        w.call("ProtocolCmOpenAf", { ...af, answer: PENDING }),
      );
      w.call("NdisMCmOpenAddressFamilyComplete", { ...af, status: SUCCESS }, () =>
        w.call("ProtocolClOpenAfCompleteEx", { ...af, status: SUCCESS }),
      );
      w.call("NdisClCloseAddressFamily", { ...af, answer: PENDING }, () =>
        w.call("ProtocolCmCloseAf", { ...af, answer: PENDING }),
      );
      w.act("release", { ...af, from: w.cm });
      w.call("NdisMCmCloseAddressFamilyComplete", { ...af, status: SUCCESS }, () =>
        w.call("ProtocolClCloseAfComplete", { ...af, status: SUCCESS }, () =>
          w.act("release", { ...af, from: w.client }),
        ),
      );
    }
    w.call("NdisMCmCloseAddressFamilyComplete", { ...af, status: SUCCESS });
    const { findings } = checkRecords(w.lines);
    expect(findings.map(({ rule, af: name, line }) => ({ rule, name, line }))).toEqual([
      { rule: "close/double-complete", name: "0xffff8a01 (3rd life)", line: w.lines.length - 1 },
    ]);
    expect(findings[0]!.history.at(-1)).toBeLessThan(w.lines.length);
  });

  it("keeps as many objects as are alive and some more, however long the trace", () => {
    const w = new TraceWriter();
    comeUp(w, true);
    for (let n = 1; n <= 20_000; n++) {
      const af = { af: `handle-${n}` };
      w.call("NdisClOpenAddressFamilyEx", { answer: SUCCESS, yields: af }, () =>
        w.call("ProtocolCmOpenAf", { ...af, answer: SUCCESS }),
      );
      w.call("ProtocolClOpenAfCompleteEx", { ...af, status: SUCCESS, from: w.client });
      w.call("NdisClCloseAddressFamily", { ...af, answer: SUCCESS }, () =>
        w.call("ProtocolCmCloseAf", { ...af, answer: SUCCESS }, () => w.act("release", { ...af, from: w.cm })),
      );
      w.call("ProtocolClCloseAfComplete", { ...af, status: SUCCESS, from: w.client }, () =>
        w.act("release", { ...af, from: w.client }),
      );
    }
    const verdict = checkRecords(w.lines);
    expect(verdict.findings).toEqual([]);
    expect(verdict.peakLiveObjects).toBe(1);
  });
});
