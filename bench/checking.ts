import { performance } from "node:perf_hooks";
import process from "node:process";

import { createChecker } from "../src/contract/checker/checker.js";
import type { TraceEvent } from "../src/contract/checker/event.js";
import { addMeasured, powerLabel } from "./figures.js";
import { interleave, type RoundTime } from "./rounds.js";
import type { BenchSetting } from "./suites.js";

const CLIENTS = 16;
const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";

/** The records of AFs that are opened and closed over and over, as the simulator writes them: 16 a life. */
class Churn {
  readonly events: TraceEvent[] = [];
  #frame = 0;
  #timeNs = 0;

  constructor(afs: number, lives: number) {
    this.#call("MiniportInitializeEx", "ndis", "cm:0", undefined, SUCCESS);
    for (let life = 1; life <= lives; life++) {
      for (let slot = 0; slot < afs; slot++) {
        this.#timeNs += 100;
        const client = `client:${slot % CLIENTS}`;
        if (life > 1) this.#complete(`AF#${slot}v${life - 1}`, client);
        this.#open(`AF#${slot}v${life}`, client);
      }
    }
  }

  #open(af: string, client: string): void {
    const answer = (): void => this.#call("ProtocolCmOpenAf", "ndis", "cm:0", af, SUCCESS);
    this.#call("NdisClOpenAddressFamilyEx", client, "ndis", undefined, SUCCESS, answer, af);
    this.#call("ProtocolClOpenAfCompleteEx", client, client, af, undefined);
    const ask = (): void => this.#call("ProtocolCmCloseAf", "ndis", "cm:0", af, PENDING);
    this.#call("NdisClCloseAddressFamily", client, "ndis", af, PENDING, ask);
  }

  #complete(af: string, client: string): void {
    const release = (from: string): void => this.#push({ op: "release", from, af });
    release("cm:0");
    const tell = (): void =>
      this.#call("ProtocolClCloseAfComplete", "ndis", client, af, undefined, () => release(client));
    this.#call("NdisMCmCloseAddressFamilyComplete", "cm:0", "ndis", af, undefined, tell);
  }

  #call(
    call: string,
    from: string,
    to: string,
    af: string | undefined,
    answer: string | undefined,
    inside: () => void = () => {},
    returned = af,
  ): void {
    const frame = ++this.#frame;
    const status = answer === undefined ? SUCCESS : undefined;
    this.#push({ op: "call", frame, call, from, to, adapter: 0, af, status });
    inside();
    this.#push({ op: "return", frame, call, af: returned, status: answer });
  }

  #push(fields: Pick<TraceEvent, "op"> & Partial<TraceEvent>): void {
    const line = this.events.length + 1;
    this.events.push({
      line,
      seq: line,
      timeNs: this.#timeNs,
      machine: 0,
      processor: 0,
      irql: "PASSIVE_LEVEL",
      ...fields,
    });
  }
}

/** Records judged a second, without reading them from a file, and the memory of an AF that is alive. */
export async function measureChecking(setting: BenchSetting): Promise<void> {
  const { quick, figures } = setting;
  setting.onStep("judging traces");
  const round = (events: readonly TraceEvent[]): RoundTime => {
    const checker = createChecker();
    const start = performance.now();
    for (const event of events) checker.take(event);
    const seconds = (performance.now() - start) / 1e3;
    const { violations } = checker.end();
    if (violations > 0) throw new Error(`${violations} violations in a correct trace`);
    return { seconds, operations: events.length };
  };
  for (const [afs, lives] of [
    [1e3, quick ? 20 : 60],
    [1e5, 2],
  ] as const) {
    const { events } = new Churn(afs, lives);
    const measured = await interleave([{ id: "check", round: () => round(events) }], {
      rounds: quick ? 3 : 7,
      discarded: 1,
    });
    for (const [name, result] of measured) addMeasured(figures, `${name}.${powerLabel(afs)}.judge`, result);
  }
  const afs = quick ? 1e5 : 1e6;
  figures.set(`check.${powerLabel(afs)}.judge.bytesPerObject`, bytesPerObject(setting, afs));
}

/** What a checker holds for each of so many open AFs, their handles included. */
function bytesPerObject({ collectGarbage }: BenchSetting, afs: number): number {
  const used = (): number => {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const checker = createChecker();
  for (let slot = 0; slot < afs; slot++) {
    const af = Buffer.from(`AF#${slot}v1`).toString("latin1");
    const common = { timeNs: 0, machine: 0, adapter: 0, af, irql: "PASSIVE_LEVEL" } as const;
    checker.take({
      ...common,
      line: 2 * slot + 1,
      op: "call",
      frame: slot + 1,
      call: "ProtocolCmOpenAf",
      from: "ndis",
      to: "cm:0",
    });
    checker.take({
      ...common,
      line: 2 * slot + 2,
      op: "return",
      frame: slot + 1,
      call: "ProtocolCmOpenAf",
      status: SUCCESS,
    });
  }
  const bytes = used() - before;
  const { peakLiveObjects } = checker.end();
  if (peakLiveObjects !== afs) throw new Error(`${peakLiveObjects} objects alive, not ${afs}`);
  return bytes / afs;
}
