import type { Result } from "../result/schema.js";
import type { FlagValues } from "./flags.js";
import { OutputFile, type FileClaim } from "./output-file.js";

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

  constructor(flags: FlagValues) {
    const names = Object.keys(FORMATS) as ExportName[];
    this.#files = names.flatMap((name) => {
      const file = flags[name];
      return file === undefined ? [] : [[name, file] as const];
    });
  }

  /** What is written, each with the flag that says so. */
  get claims(): FileClaim[] {
    return this.#files.map(([name, file]) => [`--${name}`, file]);
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
