import fs from "node:fs";
import path from "node:path";
import { InputError } from "../scenario/input-error.js";

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
    const unfinished = `${this.path}.unfinished`;
    this.#attempt(() => {
      try {
        fs.writeFileSync(unfinished, content);
        fs.renameSync(unfinished, this.path);
      } finally {
        fs.rmSync(unfinished, { force: true });
      }
    });
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
