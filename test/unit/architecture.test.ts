import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const LINES_MAX = 400;

/**
 * What each folder of src/ may import besides itself: imports go downward only. `assembly/abi` is
 * the one part of assembly/ that anyone may import.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  cli: ["modes", "report", "pool", "result", "trace", "run", "measure", "scenario", "contract", "kernel"],
  modes: ["pool", "result", "trace", "run", "measure", "scenario", "contract", "kernel"],
  report: ["result", "trace", "measure", "scenario", "contract"],
  pool: ["run", "measure", "scenario", "contract", "kernel"],
  result: ["trace", "run", "measure", "scenario", "contract"],
  run: ["measure", "scenario", "contract", "kernel", "assembly/abi"],
  trace: ["scenario", "contract", "assembly/abi"],
  measure: [],
  // Whose mistake a fault is, and nothing else.
  scenario: ["contract/faults"],
  contract: ["measure", "scenario"],
  kernel: ["assembly/abi"],
  "index.ts": ["modes", "report", "pool", "result", "trace", "run", "measure", "scenario", "contract"],
};

/** The same simulator runs in a browser page. */
const BROWSER_SAFE = ["kernel", "contract", "scenario", "measure", "result", "run", "trace"];
const READS_CLOCK = ["cli", "modes", "pool"];

const NODE_API =
  /\bfrom\s+"(?:node:|fs|os|path|worker_threads|process")|\bimport\(\s*"node:|(?<![.\w])process\.|(?<![.\w])Buffer\b|\brequire\(/;
const CLOCK = /\bnew Date\b|\bDate\.\w|(?<!typeof )\bperformance\.|\bhrtime\b/;

interface SourceFile {
  /** Relative to src/, with forward slashes. */
  readonly name: string;
  /** First folder below src/, or the file's name. */
  readonly folder: string;
  /** Without comments. */
  readonly code: string;
  readonly lineCount: number;
}

function listFiles(folder: string): string[] {
  return fs
    .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => name.split(path.sep).join("/"));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`\\])\/\/.*$/gm, "$1");
}

function readSources(): SourceFile[] {
  return listFiles("src").map((name) => {
    const text = fs.readFileSync(path.join(ROOT, "src", name), "utf8");
    return {
      name,
      folder: name.split("/")[0] ?? "",
      code: withoutComments(text),
      lineCount: text.split("\n").length - 1,
    };
  });
}

/** What a file imports by a relative path, from the checkout's root: `src/scenario/units`, `assembly/abi/layout`. */
function readImports({ name, code }: SourceFile): string[] {
  const specifiers = [...code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|new URL\(\s*)"(\.[^"]+)"/g)].map(
    (match) => match[1] ?? "",
  );
  return specifiers
    .filter((specifier) => specifier.endsWith(".js"))
    .map((specifier) =>
      path.posix.normalize(path.posix.join("src", path.posix.dirname(name), specifier)).replace(/\.js$/, ""),
    );
}

function isAllowed(folder: string, imported: string): boolean {
  const target = imported.replace(/^src\//, "");
  if (target.split("/")[0] === folder) return true;
  return (MAY_IMPORT[folder] ?? []).some((allowed) => target === allowed || target.startsWith(`${allowed}/`));
}

const SOURCES = readSources();
const among = (folders: readonly string[]): SourceFile[] => SOURCES.filter(({ folder }) => folders.includes(folder));
const offenders = (files: readonly SourceFile[], pattern: RegExp): string[] =>
  files.filter(({ code }) => pattern.test(code)).map(({ name }) => name);

describe("the architecture of src/", () => {
  it("has no folder that the rules do not know", () => {
    const unknown = SOURCES.map(({ folder }) => folder).filter(
      (folder) => !(folder in MAY_IMPORT) && !folder.endsWith(".d.ts"),
    );
    expect([...new Set(unknown)]).toEqual([]);
  });

  it("imports downward only", () => {
    const upward = SOURCES.flatMap((file) =>
      readImports(file)
        .filter((imported) => !isAllowed(file.folder, imported))
        .map((imported) => `${file.name} imports ${imported}`),
    );
    expect(upward).toEqual([]);
  });

  it("uses no Node API in what also runs in a browser page", () => {
    expect(offenders(among(BROWSER_SAFE), NODE_API)).toEqual([]);
  });

  it("never shows WebAssembly to a report", () => {
    expect(offenders(among(["report"]), /\bWebAssembly\b/)).toEqual([]);
  });

  it("reads the clock in cli, modes and pool only", () => {
    expect(
      offenders(
        SOURCES.filter(({ folder }) => !READS_CLOCK.includes(folder)),
        CLOCK,
      ),
    ).toEqual([]);
  });

  it("reads the environment in cli, modes, pool and report only", () => {
    expect(
      offenders(
        SOURCES.filter(({ folder }) => ![...READS_CLOCK, "report"].includes(folder)),
        /\bprocess\.env\b/,
      ),
    ).toEqual([]);
  });

  it("never calls Math.random", () => {
    expect(offenders(SOURCES, /\bMath\.random\b/)).toEqual([]);
  });

  it("samples without functions that differ between engines", () => {
    const inexact = /\bMath\.(?:log|log2|log10|log1p|exp|expm1|pow|sin|cos|tan|cbrt)\b/;
    expect(offenders(among(["contract", "kernel", "run"]), inexact)).toEqual([]);
  });

  it(`keeps every file below ${LINES_MAX} lines`, () => {
    const kernelFiles = listFiles("assembly").map((name) => `assembly/${name}`);
    const kernel = kernelFiles.map((name) => ({
      name,
      lineCount: fs.readFileSync(path.join(ROOT, name), "utf8").split("\n").length - 1,
    }));
    const long = [...SOURCES, ...kernel].filter(({ lineCount }) => lineCount >= LINES_MAX);
    expect(long.map(({ name, lineCount }) => `${name}: ${lineCount}`)).toEqual([]);
  });
});

describe("the architecture rules themselves", () => {
  const file = (name: string, code: string): SourceFile => ({
    name,
    folder: name.split("/")[0] ?? "",
    code,
    lineCount: 1,
  });

  it("see an upward import", () => {
    const imports = readImports(
      file("measure/merge.ts", `import { run } from "../modes/run.js";\nconst x = await import("../cli/main.js");`),
    );
    expect(imports).toEqual(["src/modes/run", "src/cli/main"]);
    expect(imports.map((imported) => isAllowed("measure", imported))).toEqual([false, false]);
  });

  it("see Node's modules and globals, and not the word in a comment or a member of that name", () => {
    expect(NODE_API.test(`import fs from "node:fs";`)).toBe(true);
    expect(NODE_API.test(`const seed = process.argv[2];`)).toBe(true);
    expect(NODE_API.test(withoutComments("// process.exit ends it\n/* Buffer */ plan.process.next;"))).toBe(false);
  });

  it("see a clock", () => {
    expect(CLOCK.test("const start = performance.now();")).toBe(true);
    expect(CLOCK.test("const now = Date.now();")).toBe(true);
  });
});
