import { type Figures, powerLabel } from "./figures.js";
import { judge, type Target } from "./targets.js";

/** What a bench run yields; the shape of bench/baseline.json and of the file behind --out. */
export interface BenchRecord {
  readonly schemaVersion: 1;
  readonly date: string;
  readonly quick: boolean;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** First line of the C++ compiler's --version, or null where there is none. */
  readonly compiler: string | null;
  readonly figures: Readonly<Record<string, number>>;
}

/** The readable report of a bench run, with ratios to a baseline where there is one. */
export function formatReport(record: BenchRecord, baseline: BenchRecord | null): string {
  const figures: Figures = new Map(Object.entries(record.figures));
  const old: Figures = new Map(Object.entries(baseline?.figures ?? {}));
  return [
    `${record.cpu}, ${record.cores} cores, ${record.memoryGiB} GiB; Node ${record.node}; ${record.compiler ?? "no C++ compiler found, so no C++ figures"}`,
    `${record.date.slice(0, 10)}${record.quick ? "; a short run: figures are rough" : ""}`,
    baseline === null
      ? "no baseline to compare with"
      : `baseline: ${baseline.date.slice(0, 10)}, ${baseline.cpu}, Node ${baseline.node}; above 1 is faster than then`,
    "",
    ...throughputLines(figures, old),
    "",
    ...workerLines(figures, old),
    "",
    ...liveLines(figures),
    "",
    ...startUpLines(figures),
    "",
    ...checkLines(figures, old),
    "",
    ...verdictLines(figures),
  ].join("\n");
}

function throughputLines(figures: Figures, old: Figures): string[] {
  const head = [
    "AFs",
    "ns/event",
    "M/s",
    "spread",
    "floor ns",
    "x floor",
    "C++ M/s",
    "x C++",
    "naive M/s",
    "x naive",
    "bytes/AF",
    "x baseline",
  ];
  const rows = [
    ...[1e4, 1e5, 1e6, 1e7].map((afs) => ({ afs, id: `churn.${powerLabel(afs)}` })),
    { afs: 1e8, id: "large.1e8" },
  ].filter(({ id }) => figures.has(`${id}.kernel.nsPerEvent`));
  const cells = rows.map(({ afs, id }) => {
    const get = (key: string): number | undefined => figures.get(`${id}.${key}`);
    return [
      afs.toLocaleString("en"),
      number(get("kernel.nsPerEvent")),
      millions(get("kernel.eventsPerSecond")),
      percent(get("kernel.spread")),
      number(get("floor.nsPerEvent")),
      number(get("kernel.timesFloor")),
      millions(get("cpp.eventsPerSecond")),
      number(get("kernel.timesCpp")),
      millions(get("naive.eventsPerSecond")),
      number(get("kernel.timesNaive")),
      number(get("kernel.bytesPerAf")),
      number(ratio(figures, old, `${id}.kernel.eventsPerSecond`)),
    ];
  });
  return [
    "Churn on one core, one shard, beside its yardsticks (an event: one close requested or reported)",
    ...table([head, ...cells]),
  ];
}

const STRATEGIES = ["spsc", "mpmc", "lock"];

/** Live runs, and the rings alone. */
function liveLines(figures: Figures): string[] {
  const rows = [1e4, 1e6, 1e7].flatMap((afs) => {
    const id = `live.${powerLabel(afs)}`;
    if (!figures.has(`${id}.kernel.nsPerEvent`)) return [];
    return STRATEGIES.map((dispatch, i) => [
      i === 0 ? afs.toLocaleString("en") : "",
      dispatch,
      millions(figures.get(`${id}.${dispatch}.1.eventsPerSecond`)),
      millions(figures.get(`${id}.${dispatch}.2.eventsPerSecond`)),
      number(figures.get(`${id}.${dispatch}.timesOne`)),
      millions(figures.get(`${id}.kernel.eventsPerSecond`)),
      number(figures.get(`${id}.${dispatch}.timesKernel`)),
    ]);
  });
  const rings = STRATEGIES.map((dispatch) => [dispatch, number(figures.get(`rings.${dispatch}.nsPerEvent`))]);
  return [
    "Live: lanes on one shared table, beside the deterministic kernel on one core",
    ...table([["AFs", "dispatch", "1 lane M/s", "2 lanes M/s", "x one", "kernel M/s", "x kernel's time"], ...rows]),
    "",
    "Rings alone, two threads: nanoseconds for an item to be handed over and taken",
    ...table([["dispatch", "ns"], ...rings]),
  ];
}

function workerLines(figures: Figures, old: Figures): string[] {
  const cells = [1e6, 1e7].flatMap((afs) => {
    const id = `workers.${powerLabel(afs)}`;
    if (!figures.has(`${id}.timesOne`)) return [];
    return [
      [
        afs.toLocaleString("en"),
        millions(figures.get(`${id}.one.eventsPerSecond`)),
        millions(figures.get(`${id}.two.eventsPerSecond`)),
        number(figures.get(`${id}.timesOne`)),
        number(ratio(figures, old, `${id}.two.eventsPerSecond`)),
      ],
    ];
  });
  return [
    "Two machines in two shards",
    ...table([["AFs", "1 worker M/s", "2 workers M/s", "x one", "x baseline"], ...cells]),
  ];
}

function startUpLines(figures: Figures): string[] {
  const get = (name: string): string => number(figures.get(`startUp.${name}.seconds`));
  return [
    `Start-up: run churn --afs 1000 --duration 10ms takes ${get("run")} s as a process; Node alone ${get("node")} s`,
  ];
}

/** Ways through the records of a trace, as check-suite.ts names them. */
const CHECK_ROWS: readonly (readonly [id: string, text: string])[] = [
  ["parse", "JSON.parse of every line, for comparison"],
  ["read", "reading"],
  ["judge", "judging"],
  ["plain", "both, from a file"],
  ["gzip", "both, from gzip"],
];

function checkLines(figures: Figures, old: Figures): string[] {
  if (!figures.has("check.plain.nsPerEvent")) return [];
  const cells = CHECK_ROWS.map(([id, text]) => [
    text,
    number(figures.get(`check.${id}.nsPerEvent`)),
    millions(figures.get(`check.${id}.eventsPerSecond`)),
    percent(figures.get(`check.${id}.spread`)),
    number(ratio(figures, old, `check.${id}.eventsPerSecond`)),
  ]);
  const get = (name: string): string => number(figures.get(`trace.write.${name}`));
  return [
    "Check of a trace of churn on one core (unpacking of gzip has a thread of its own)",
    ...table([["records", "ns/record", "M/s", "spread", "x baseline"], ...cells], 1),
    `  Memory: ${number(figures.get("check.judge.bytesPerAf"))} bytes an AF, with a million of them open`,
    `  Writing the trace, ${get("megabytes")} MB: a run with it takes ${get("tracedSeconds")} s, without it ${get("plainSeconds")} s; copying the file takes ${get("copySeconds")} s`,
  ];
}

function verdictLines(figures: Figures): string[] {
  const verdicts = judge(figures);
  const lines = verdicts.map(({ target, value, pass, shortBy }) => [
    pass ? "pass" : "SHORT",
    target.text,
    `${number(value)} ${target.unit}`,
    bound(target),
    pass ? "" : `short of the target by ${percent(shortBy)}`,
  ]);
  const passed = verdicts.filter(({ pass }) => pass).length;
  return [`Targets: ${passed} of ${verdicts.length} reached`, ...table(lines, 2)];
}

function bound(target: Target): string {
  return target.atLeast === undefined ? `at most ${number(target.atMost)}` : `at least ${number(target.atLeast)}`;
}

function ratio(figures: Figures, old: Figures, key: string): number | undefined {
  const [now, then] = [figures.get(key), old.get(key)];
  return now === undefined || then === undefined ? undefined : now / then;
}

/** Three significant digits, thousands apart; a dash where there is no figure. */
function number(value: number | undefined): string {
  if (value === undefined) return "-";
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
}

function millions(perSecond: number | undefined): string {
  return number(perSecond === undefined ? undefined : perSecond / 1e6);
}

function percent(share: number | undefined): string {
  return share === undefined ? "-" : `${Math.max(share > 0 ? 1 : 0, Math.round(share * 100))} %`;
}

/** Rows of cells in columns: the first `leftColumns` to the left, the others to the right. */
function table(rows: readonly (readonly string[])[], leftColumns = 0): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const align = (cell: string, column: number): string =>
    column < leftColumns ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  return rows.map((row) => `  ${row.map(align).join("  ")}`.trimEnd());
}
