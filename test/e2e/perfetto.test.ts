import fs from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
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
    fields.set(Math.floor(key / 8), [...(fields.get(Math.floor(key / 8)) ?? []), value]);
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
const RUN = ["run", "close-storm", "--afs", "200", "--machines", "2"];

describe("--perfetto", () => {
  let records: TraceRecord[] = [];
  let packets: Fields[] = [];

  beforeAll(async () => {
    const { stderr } = await runCli([...RUN, "--trace", "t.jsonl", "--perfetto", "t.pftrace"], { cwd: inFolder() });
    if (stderr !== "") throw new Error(stderr);
    const lines = fs.readFileSync(inFolder("t.jsonl"), "utf8").trimEnd().split("\n");
    records = lines.map((line) => JSON.parse(line) as TraceRecord);
    const trace = decode(fs.readFileSync(inFolder("t.pftrace")));
    if (trace.size !== 1) throw new Error("a trace has packets only");
    packets = (trace.get(1) ?? []).map((bytes) => decode(bytes as Uint8Array));
  });

  it("has a process for every machine, a thread for every processor that does something, and a track for every AF", () => {
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

  it("has every call as a slice at its time, nested, ended, on a track that was described before, in the order of time", () => {
    const tracks = new Set<number | undefined>();
    const open = new Map<number | undefined, number>();
    let lastNs = 0;
    const begun: string[] = [];
    for (const packet of packets) {
      const descriptor = inner(packet, 60);
      if (descriptor) tracks.add(number(descriptor, 1));
      const event = inner(packet, 11);
      if (!event) continue;
      const [timeNs = -1, type, track] = [number(packet, 8), number(event, 9), number(event, 11)];
      expect(timeNs).toBeGreaterThanOrEqual(lastNs);
      lastNs = timeNs;
      expect(tracks.has(track)).toBe(true);
      const depth = (open.get(track) ?? 0) + (type === 1 ? 1 : type === 2 ? -1 : 0);
      expect(depth).toBeGreaterThanOrEqual(0);
      open.set(track, depth);
      if (type === 1 && text(event, 22) === "call") begun.push(`${timeNs} ${text(event, 23)}`);
    }
    expect([...open.values()].filter((depth) => depth !== 0)).toEqual([]);
    expect(begun).toEqual(records.filter(({ op }) => op === "call").map(({ timeNs, call }) => `${timeNs} ${call}`));
  });

  it("leads a flow from every pended close to its completion", () => {
    const flows = (field: number, name: RegExp): (number | Uint8Array)[] =>
      packets
        .flatMap((packet) => inner(packet, 11) ?? [])
        .filter((event) => name.test(text(event, 23) ?? ""))
        .flatMap((event) => event.get(field) ?? []);
    const from = flows(47, /^NdisClCloseAddressFamily$/);
    const to = flows(48, /^Ndis(?:M?Cm)CloseAddressFamilyComplete$/);
    const completions = records.filter(
      ({ op, call = "" }) => op === "call" && /^NdisM?CmCloseAddressFamilyComplete$/.test(call),
    );
    expect(completions.length).toBeGreaterThan(100);
    expect(to.length).toBe(completions.length);
    expect(new Set(to).size).toBe(to.length);
    expect(to.filter((flow) => !from.includes(flow))).toEqual([]);
  });

  it("takes the filters of a trace, and leaves no trace behind that nobody asked for", async () => {
    const some = ["--perfetto", "some.pftrace", "--trace-af", "3", "--trace-time", "9ms..11ms", "--json"];
    const { code, stdout } = await runCli([...RUN, ...some], { cwd: inFolder() });
    expect(code).toBe(0);
    const whole = await runCli([...RUN, "--json"], { cwd: inFolder() });
    expect(JSON.parse(stdout)).toMatchObject({ digest: (JSON.parse(whole.stdout) as { digest: string }).digest });
    expect(fs.readdirSync(inFolder()).sort()).toEqual(["some.pftrace", "t.jsonl", "t.pftrace"]);
    expect(fs.statSync(inFolder("some.pftrace")).size).toBeLessThan(fs.statSync(inFolder("t.pftrace")).size / 10);
  });
});
