import path from "node:path";
import type { Result } from "../result/schema.js";
import { InputError } from "../scenario/input-error.js";
import type { FlagValues } from "./flags.js";
import { OutputFile } from "./output-file.js";

/** What a flag writes of a result. Its code is loaded when it is wanted. */
const FORMATS = {
  report: async (result) => (await import("../report/html.js")).formatHtml(result),
  hlog: async (result) => (await import("../report/hlog.js")).formatHlog(result),
  csv: async (result) => (await import("../report/csv.js")).formatCsv(result),
} as const satisfies Record<string, (result: Result) => Promise<string>>;

type ExportName = keyof typeof FORMATS;

/** The files that flags ask for beside the result itself. */
export class ResultExports {
  readonly #files: readonly (readonly [name: ExportName, file: string])[];
  #open: readonly (readonly [name: ExportName, file: OutputFile])[] = [];

  /**
   * @param taken files that something else writes, each with the flag that says so
   * @throws InputError when two flags name the same file
   */
  constructor(flags: FlagValues, taken: readonly (readonly [flag: string, file: string])[]) {
    const names = Object.keys(FORMATS) as ExportName[];
    this.#files = names.flatMap((name) => {
      const file = flags[name];
      return file === undefined ? [] : [[name, file] as const];
    });
    const owners = new Map(taken.map(([flag, file]) => [path.resolve(file), flag]));
    for (const [name, file] of this.#files) {
      const owner = owners.get(path.resolve(file));
      if (owner !== undefined) throw new InputError(`--${name} ${file}: ${owner} writes its own file there`);
      owners.set(path.resolve(file), `--${name}`);
    }
  }

  /** @throws InputError when a file cannot be written */
  prepare(): void {
    this.#open = this.#files.map(([name, file]) => [name, new OutputFile(`--${name}`, file)] as const);
  }

  /** @throws InputError when a file can no longer be written */
  async publish(result: Result): Promise<void> {
    for (const [name, file] of this.#open) file.write(await FORMATS[name](result));
  }
}
