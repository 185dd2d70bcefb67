import fs from "node:fs";
import path from "node:path";
import { removeAtExit, resolveOutput } from "../pool/output-path.js";
import { InputError } from "../scenario/input-error.js";

/** A file that is written, with the flag that asks for it. */
export type FileClaim = readonly [flag: string, file: string];

/**
 * @param scenarioFile where the scenario comes from; null when it is built in
 * @throws InputError when two flags name the same file, or one that of the scenario
 */
export function checkClaims(claims: readonly FileClaim[], scenarioFile: string | null): void {
  const owners = new Map<string, string>();
  if (scenarioFile !== null) owners.set(placeOf(scenarioFile), "the scenario is read from there");
  for (const [flag, file] of claims) {
    const owner = owners.get(placeOf(file));
    if (owner !== undefined) throw new InputError(`${flag} ${file}: ${owner}`);
    owners.set(placeOf(file), `${flag} writes its own file there`);
  }
}

/** The same for every way to name a file, whether it exists or not. */
function placeOf(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    const folder = path.dirname(path.resolve(file));
    return folder === path.resolve(file) ? folder : path.join(placeOf(folder), path.basename(file));
  }
}

/**
 * Makes a folder and those around it. As mkdir with `recursive`, which on Node 20 never returns where the file system refuses new folders with
 * ENOENT.
 *
 * @param made gets those that are made, the outermost first, also when a further one cannot be
 */
export function makeFolders(folder: string, made: string[] = []): void {
  if (fs.existsSync(folder)) return;
  makeFolders(path.dirname(folder), made);
  fs.mkdirSync(folder);
  made.push(folder);
}

/** Writes a file that appears whole or not at all. */
function writeWhole(file: string, content: string): void {
  const unfinished = `${file}.unfinished`;
  try {
    fs.writeFileSync(unfinished, content);
    fs.renameSync(unfinished, file);
  } finally {
    fs.rmSync(unfinished, { force: true });
  }
}

/** A file that a flag names; it appears whole or not at all. */
export class OutputFile {
  /** With links followed. */
  readonly path: string;

  /**
   * Checks that the file can be written: what fails here must not fail after hours.
   *
   * @param flag that names it, for messages: `--csv`
   * @throws InputError when not
   */
  constructor(
    readonly flag: string,
    readonly file: string,
  ) {
    this.path = this.#attempt(() => {
      const resolved = resolveOutput(file);
      fs.rmdirSync(fs.mkdtempSync(`${resolved}.unfinished-`));
      return resolved;
    });
  }

  /** @throws InputError when the disk is full, or somebody took the folder away */
  write(content: string): void {
    this.#attempt(() => writeWhole(this.path, content));
  }

  /** @throws InputError as `write` */
  async writeParts(parts: AsyncIterable<Uint8Array>): Promise<void> {
    const unfinished = `${this.path}.unfinished`;
    const descriptor = this.#attempt(() => fs.openSync(unfinished, "w"));
    const remove = removeAtExit(() => fs.rmSync(unfinished, { force: true }));
    try {
      for await (const part of parts) this.#attempt(() => fs.writeFileSync(descriptor, part));
      this.#attempt(() => fs.renameSync(unfinished, this.path));
    } finally {
      fs.closeSync(descriptor);
      remove();
    }
  }

  #attempt<T>(operation: () => T): T {
    try {
      return operation();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InputError(`${this.flag} ${this.file}: the file cannot be written: ${reason}`);
    }
  }
}
