import fs from "node:fs";
import path from "node:path";
import { InputError } from "../scenario/input-error.js";

/** A file that is written, with the flag that asks for it. */
export type FileClaim = readonly [flag: string, file: string];

/** @throws InputError when two flags name the same file */
export function checkClaims(claims: readonly FileClaim[]): void {
  const owners = new Map<string, string>();
  for (const [flag, file] of claims) {
    const owner = owners.get(path.resolve(file));
    if (owner !== undefined) throw new InputError(`${flag} ${file}: ${owner} writes its own file there`);
    owners.set(path.resolve(file), flag);
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
export function writeWhole(file: string, content: string): void {
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
      const there = fs.statSync(file, { throwIfNoEntry: false });
      if (!there && fs.lstatSync(file, { throwIfNoEntry: false })) throw new Error("it is a link that leads nowhere");
      if (there?.isDirectory()) throw new Error("it is a folder");
      // The finished file takes the place of what is there, which must not be done to a device or a pipe.
      if (there && !there.isFile()) throw new Error("it is not an ordinary file");
      const resolved = there ? fs.realpathSync(file) : path.resolve(file);
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
    try {
      for await (const part of parts) this.#attempt(() => fs.writeFileSync(descriptor, part));
      this.#attempt(() => fs.renameSync(unfinished, this.path));
    } finally {
      fs.closeSync(descriptor);
      fs.rmSync(unfinished, { force: true });
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
