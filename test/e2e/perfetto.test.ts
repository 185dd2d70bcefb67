import fs from "node:fs";
import { describe, expect, it } from "vitest";
import type { TraceRecord } from "../../src/measure/history.js";
import { runCli, useFolder } from "../support/cli.js";

/** Fields of a message: numbers of varints and fixed64, bytes of what has a length. */
type Fields = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

/** Reads the wire format, from its description and not from the encoder. */
function decode(bytes: Uint8Array): Fields {
  const fields = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("ends within a number");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const kind = key % 8;
    let value: number | Uint8Array;
    if (kind === 0) value = varint();
    else if (kind === 1) {
      value = Number(new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigUint64(0, true));
      at += 8;
    } else if (kind === 2) {
      const length = varint();
      if (at + length > bytes.length) throw new Error("ends within a field");
      value = bytes.subarray(at, (at += length));
    } else throw new Error(`wire type ${kind}`);
    const field = Math.floor(key / 8);
    const values = fields.get(field);
    if (values) values.push(value);
    else fields.set(field, [value]);
  }
  return fields;
}

const number = (fields: Fields, field: number): number | undefined => fields.get(field)?.[0] as number | undefined;
const inner = (fields: Fields, field: number): Fields | undefined => {
  const bytes = fields.get(field)?.[0];
  return bytes instanceof Uint8Array ? decode(bytes) : undefined;
};
const text = (fields: Fields, field: number): string | undefined => {
  const bytes = fields.get(field)?.[0];
  return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : undefined;
};

const inFolder = useFolder();

interface Slice {
  readonly track: number;
  readonly category: string;
  readonly name: string;
  readonly beginNs: number;
  readonly endNs: number | null;
  readonly flow: number | undefined;
  readonly endedFlow: number | undefined;
}

interface Traced {
  readonly records: readonly TraceRecord[];
  readonly packets: readonly Fields[];
  readonly slices: readonly Slice[];
}

/** Begins and ends of slices, put together: what ends on a track is what began there last. */
function slicesOf(packets: readonly Fields[]): Slice[] {
  const slices: Slice[] = [];
  const open = new Map<number, number[]>();
  const described = new Set<number | undefined>();
  let lastNs = 0;
  for (const packet of packets) {
    const descriptor = inner(packet, 60);
    if (descriptor) described.add(number(descriptor, 1));
    const event = inner(packet, 11);
    if (!event) continue;
    const [timeNs = -1, type, track = -1] = [number(packet, 8), number(event, 9), number(event, 11)];
    if (timeNs < lastNs || !described.has(track))
      throw new Error(`at ${timeNs}, on track ${track}: out of order, or not described`);
    lastNs = timeNs;
    const stack = open.get(track) ?? [];
    open.set(track, stack);
    if (type === 1) {
      const [category = "", name = ""] = [text(event, 22), text(event, 23)];
      stack.push(slices.length);
      slices.push({
        track,
        category,
        name,
        beginNs: timeNs,
        endNs: null,
        flow: number(event, 47),
        endedFlow: number(event, 48),
      });
    }
    if (type !== 2) continue;
    const last = stack.pop();
    if (last === undefined) throw new Error(`at ${timeNs}, on track ${track}: ends what did not begin`);
    slices[last] = { ...slices[last]!, endNs: timeNs };
  }
  return slices;
}

/** Runs a scenario with a trace of both kinds. */
async function traced(words: readonly string[]): Promise<Traced> {
  const { stderr } = await runCli(["run", ...words, "--trace", "t.jsonl", "--perfetto", "t.pftrace"], {
    cwd: inFolder(),
  });
  if (stderr !== "") throw new Error(stderr);
  const lines = fs.readFileSync(inFolder("t.jsonl"), "utf8").trimEnd().split("\n");
  const trace = decode(fs.readFileSync(inFolder("t.pftrace")));
  if (trace.size !== 1) throw new Error("a trace has packets only");
  const packets = (trace.get(1) ?? []).map((bytes) => decode(bytes as Uint8Array));
  return { records: lines.map((line) => JSON.parse(line) as TraceRecord), packets, slices: slicesOf(packets) };
}

/** Every call of a trace with the times at which it was made and returned. */
function callsOf(records: readonly TraceRecord[]): string[] {
  const ends = new Map(
    records.flatMap((one) => (one.op === "return" ? [[`${one.machine} ${one.frame}`, one.timeNs] as const] : [])),
  );
  const calls = records.filter(({ op }) => op === "call");
  return calls
    .map(({ machine, frame, call, timeNs }) => `${timeNs} ${ends.get(`${machine} ${frame}`) ?? null} ${call}`)
    .toSorted();
}

const ofCategory = ({ slices }: Traced, category: string): Slice[] =>
  slices.filter((slice) => slice.category === category);
const callSlices = (one: Traced): string[] =>
  ofCategory(one, "call")
    .map(({ beginNs, endNs, name }) => `${beginNs} ${endNs} ${name}`)
    .toSorted();
const closes = (one: Traced): Slice[] => ofCategory(one, "lifecycle").filter(({ name }) => name === "close");
const lives = (one: Traced): Slice[] => ofCategory(one, "lifecycle").filter(({ name }) => name !== "close");
const isCall =
  (name: RegExp) =>
  ({ op, call = "" }: TraceRecord) =>
    op === "call" && name.test(call);
const REQUEST = /^NdisClCloseAddressFamily$/;
const COMPLETION = /^NdisM?CmCloseAddressFamilyComplete$/;

/** Flows from requests arrive at completions, each once. */
function expectFlows(one: Traced, arriving: number): void {
  const from = one.slices.flatMap(({ flow, name }) => (flow === undefined ? [] : [[flow, name] as const]));
  const to = one.slices.flatMap(({ endedFlow, name }) => (endedFlow === undefined ? [] : [[endedFlow, name] as const]));
  expect(from.filter(([, name]) => !REQUEST.test(name))).toEqual([]);
  expect(to.filter(([, name]) => !COMPLETION.test(name))).toEqual([]);
  const begun = new Set(from.map(([flow]) => flow));
  expect(begun.size).toBe(from.length);
  expect(new Set(to.map(([flow]) => flow)).size).toBe(to.length);
  expect(to.filter(([flow]) => !begun.has(flow))).toEqual([]);
  expect(to.length).toBe(arriving);
}

describe("--perfetto", () => {
  const RUN = ["close-storm", "--afs", "200", "--machines", "2"];

  it("has a process for every machine, a thread for every processor that does something, and a track for every AF", async () => {
    const { records, packets } = await traced(RUN);
    const descriptors = packets.flatMap((packet) => inner(packet, 60) ?? []);
    const named = (field: number, name: number): string[] =>
      descriptors.flatMap((one) => inner(one, field) ?? []).map((one) => `${number(one, 1)} ${text(one, name)}`);
    expect(named(3, 6).sort()).toEqual(["1 machine 0", "2 machine 1"]);
    const processors = new Set(records.map(({ machine, processor }) => `${machine + 1} processor ${processor}`));
    expect(named(4, 5).sort()).toEqual([...processors].sort());
    expect(descriptors.filter((one) => text(one, 2)?.startsWith("AF#")).length).toBe(200);
    const uuids = descriptors.map((one) => number(one, 1));
    expect(new Set(uuids).size).toBe(uuids.length);
  });

  it.each([
    ["a storm of closes", RUN],
    // Four adapters on one processor, whose halts end one after the other; completions cost time.
    [
      "halts that outlast each other",
      [
        "batch-halt",
        "--afs",
        "200",
        "--machines",
        "1",
        "--duration",
        "2ms",
        "--set",
        "processors.count=1",
        "--set",
        "processors.completionCost=1us",
      ],
    ],
  ])("has every call as a slice from when it is made to when it returns: %s", async (_, words) => {
    const one = await traced(words);
    expect(callSlices(one)).toEqual(callsOf(one.records));
  });

  it("has every life and every close of an AF, and leads a flow from each pended close to its completion", async () => {
    const one = await traced(RUN);
    expect(lives(one).length).toBe(one.records.filter(isCall(/^ProtocolCmOpenAf$/)).length);
    expect(closes(one).length).toBe(one.records.filter(isCall(REQUEST)).length);
    const completions = one.records.filter(isCall(COMPLETION)).length;
    expect(completions).toBeGreaterThan(100);
    expectFlows(one, completions);
  });

  it("has a close that is refused and the one after it as two closes of one life, with a flow from the second", async () => {
    const one = await traced(["refused-closes", "--afs", "200", "--machines", "1", "--duration", "1ms"]);
    const refused = one.records.filter(
      ({ op, call, status }) =>
        op === "return" && call === "NdisClCloseAddressFamily" && status === "NDIS_STATUS_NOT_ACCEPTED",
    ).length;
    expect(refused).toBeGreaterThan(50);
    expect(closes(one).length).toBe(one.records.filter(isCall(REQUEST)).length);
    expect(lives(one).length).toBe(one.records.filter(isCall(/^ProtocolCmOpenAf$/)).length);
    expectFlows(one, one.records.filter(isCall(COMPLETION)).length);
  });

  it("ends the life of an AF whose open has failed, when its client is told", async () => {
    const one = await traced([
      "mixed-managers",
      "--afs",
      "20",
      "--machines",
      "1",
      "--duration",
      "1ms",
      "--set",
      "callManager.0.open={pend: 0.5, fail: 0.5}",
    ]);
    const told = one.records.filter(
      ({ op, call, status }) =>
        op === "call" && call === "ProtocolClOpenAfCompleteEx" && status !== "NDIS_STATUS_SUCCESS",
    );
    expect(told.length).toBeGreaterThan(5);
    for (const { timeNs, af } of told)
      expect(
        lives(one)
          .filter(({ name }) => name === af)
          .map(({ endNs }) => endNs),
      ).toEqual([timeNs]);
  });

  it("of a window and some AFs has the lives that it cuts, their closes and flows, and leaves no trace behind that nobody asked for", async () => {
    const filter = ["--trace-af", "3-50", "--trace-time", "9ms..11ms"];
    const one = await traced([...RUN, ...filter]);
    const completions = one.records.filter(isCall(COMPLETION)).length;
    expect(completions).toBeGreaterThan(20);
    expect(lives(one).length).toBe(48);
    expect(closes(one).length).toBe(one.records.filter(isCall(REQUEST)).length);
    expectFlows(one, completions);
    const words = ["run", ...RUN, ...filter, "--perfetto", "some.pftrace", "--json"];
    const alone = await runCli(words, { cwd: inFolder() });
    const whole = await runCli(["run", ...RUN, "--json"], { cwd: inFolder() });
    const digestOf = (stdout: string): string => (JSON.parse(stdout) as { digest: string }).digest;
    expect([alone.code, digestOf(alone.stdout)]).toEqual([0, digestOf(whole.stdout)]);
    expect(fs.readFileSync(inFolder("some.pftrace")).equals(fs.readFileSync(inFolder("t.pftrace")))).toBe(true);
    expect(fs.readdirSync(inFolder()).sort()).toEqual(["some.pftrace", "t.jsonl", "t.pftrace"]);
  });

  it.each([
    ["it is stopped", ["SIGINT"], "condis-sim: stopped; stopped.pftrace was not written\n"],
    ["a second signal ends everything at once", ["SIGINT", "SIGTERM"], ""],
  ] as const)("is not written, and leaves nothing behind, when %s", async (_, signals, message) => {
    const words = ["run", "batch-halt", "--afs", "4k", "--perfetto", "stopped.pftrace", "--json", "--out", "stopped"];
    const stopped = await runCli(words, {
      cwd: inFolder(),
      onStart: (child) => {
        // The result is there, and the file is being made.
        child.stdout?.once("data", () => setTimeout(() => signals.forEach((signal) => child.kill(signal)), 300));
      },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toBe(message);
    expect(fs.readdirSync(inFolder()).filter((name) => name.startsWith("stopped"))).toEqual(["stopped"]);
    fs.rmSync(inFolder("stopped"), { recursive: true });
  });
});
