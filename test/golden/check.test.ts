import { describe, expect, it } from "vitest";
import { formatChart } from "../../src/report/chart.js";
import { formatCheckJson } from "../../src/report/check-json.js";
import { formatCheckText } from "../../src/report/check-text.js";
import { parseAfName } from "../../src/trace/af-calls.js";
import { checkText } from "../support/check-text.js";
import {
  TraceWriter,
  writeCompletion,
  writeOpen,
  writePendedClose,
  writeSecondCompletion,
  writeStart,
} from "../support/traces.js";

/** A life, and another on the same slot. */
function writeClean(): TraceWriter {
  const trace = writeStart(new TraceWriter());
  for (const [index, af] of ["AF#0v1", "AF#0v2"].entries()) {
    const startNs = index * 1_000_000;
    writeOpen(trace.at(startNs + 1000), af);
    writePendedClose(trace.at(startNs + 200_000), af);
    writeCompletion(trace.at(startNs + 512_300, "DISPATCH_LEVEL"), af);
  }
  return trace;
}

/** Closes that are completed twice, one that is owed, and lines that are no records. */
function writeBroken(): TraceWriter {
  const trace = writeClean();
  for (let slot = 1; slot <= 5; slot++) {
    writeOpen(trace.at(slot * 3_000_000), `AF#${slot}v1`);
    writePendedClose(trace.at(slot * 3_000_000 + 1000), `AF#${slot}v1`);
    writeCompletion(trace.at(slot * 3_000_000 + 2000), `AF#${slot}v1`);
    writeSecondCompletion(trace.at(slot * 3_000_000 + 2500), `AF#${slot}v1`);
  }
  writePendedClose(writeOpen(trace.at(20_000_000), "AF#9v1"), "AF#9v1");
  trace.line('{"seq":').line('{"timeNs":20000000,"op":"call","call":"ProtocolCmClosAf","af":"AF#9v1"}');
  return writeCompletion(writePendedClose(writeOpen(trace.at(15_000_000_000), "AF#10v1"), "AF#10v1"), "AF#10v1");
}

const FOREIGN_LOG = `TimeStamp, Event, Function, CPU, Irql, AfHandle, Status
134012345678901234, Enter, OpenAf,          0, 0, 0xffffc00112340010,
134012345678901240, Leave, OpenAf,          0, 0, 0xffffc00112340010, 0
134012345678911240, Enter, CloseAf,         1, 0, 0xffffc00112340010,
134012345678921244, Enter, CloseAfComplete, 0, 2, 0xffffc00112340010, 0
134012345678921240, Leave, CloseAf,         1, 0, 0xffffc00112340010, 259
134012345678921249, Leave, CloseAfComplete, 0, 2, 0xffffc00112340010,
134012345678991234, Enter, OpenAf,          0, 0, 0xffffc00112340010,
134012345678991240, Leave, OpenAf,          0, 0, 0xffffc00112340010, 0
134012345679911240, Enter, CloseAf,         1, 0, 0xffffc00112340010,
134012345679911244, Leave, CloseAf,         1, 0, 0xffffc00112340010, 0xC0000001
134012345679921250, Enter, SendPackets,     1, 2, 0xffffc00112340010,
`;
const MAP = `
fields: {timeNs: TimeStamp, op: Event, call: Function, processor: CPU, irql: Irql, af: AfHandle, status: Status}
time: {unit: 100ns}
names:
  op: {Enter: call, Leave: return}
  call: {OpenAf: ProtocolCmOpenAf, CloseAf: ProtocolCmCloseAf, CloseAfComplete: NdisMCmCloseAddressFamilyComplete, SendPackets: null}
  irql: {0: PASSIVE_LEVEL, 2: DISPATCH_LEVEL}
`;

const PLAIN = { colour: false, width: 100 };

function checkWidth(text: string, width: number): void {
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
}

describe("the check of a trace reads as these files", () => {
  it.each([
    ["clean.txt", 100, writeClean()],
    ["broken.txt", 100, writeBroken()],
    ["broken-narrow.txt", 80, writeBroken()],
  ])("in a terminal: %s", async (file, width, trace) => {
    const text = formatCheckText(await checkText(trace.toString()), { colour: false, width });
    await expect(text).toMatchFileSnapshot(`check/${file}`);
    checkWidth(text.replace(/^ +(?:at https|source).*$/gm, ""), width);
  });

  it("of a log that a map explains: foreign.txt", async () => {
    const text = formatCheckText(await checkText(FOREIGN_LOG, { map: MAP }), PLAIN);
    await expect(text).toMatchFileSnapshot("check/foreign.txt");
  });

  it("of one AF: one-af.txt", async () => {
    const text = formatCheckText(await checkText(writeBroken().toString(), { af: parseAfName("AF#4v1") }), PLAIN);
    await expect(text).toMatchFileSnapshot("check/one-af.txt");
  });

  it("in JSON: broken.json", async () => {
    await expect(formatCheckJson(await checkText(writeBroken().toString()))).toMatchFileSnapshot("check/broken.json");
  });
});

describe("the calls of one AF are drawn as in these files", () => {
  it.each([
    ["chart.txt", 100],
    ["chart-narrow.txt", 60],
  ])("%s", async (file, width) => {
    const report = await checkText(writeBroken().toString(), { af: parseAfName("AF#2v1") });
    const chart = formatChart(report, { colour: false, width });
    await expect(chart).toMatchFileSnapshot(`check/${file}`);
    checkWidth(chart, width);
  });

  it("all lives of a pointer that is used again, without names of drivers: chart-foreign.txt", async () => {
    const report = await checkText(FOREIGN_LOG, { map: MAP, af: parseAfName("0xffffc00112340010") });
    await expect(formatChart(report, PLAIN)).toMatchFileSnapshot("check/chart-foreign.txt");
  });

  it("or the one that is asked for: chart-life.txt", async () => {
    const report = await checkText(FOREIGN_LOG, { map: MAP, af: parseAfName("0xffffc00112340010 (2nd life)") });
    await expect(formatChart(report, PLAIN)).toMatchFileSnapshot("check/chart-life.txt");
  });
});

it("colour adds nothing but colour", async () => {
  const report = await checkText(writeBroken().toString(), { af: parseAfName("AF#2v1") });
  for (const format of [formatCheckText, formatChart]) {
    const coloured = format(report, { colour: true, width: 100 });
    // oxlint-disable-next-line no-control-regex
    expect(coloured.replace(/\u001b\[\d+m/g, "").replace(/ +$/gm, "")).toBe(format(report, PLAIN));
  }
});
