import fs from "node:fs";
import path from "node:path";
import process from "node:process";

/**
 * Where a file that a user named is to be written, with links followed.
 *
 * @throws Error with the reason when a finished file cannot take that place
 */
export function resolveOutput(file: string): string {
  const there = fs.statSync(file, { throwIfNoEntry: false });
  if (!there && fs.lstatSync(file, { throwIfNoEntry: false })) throw new Error("it is a link that leads nowhere");
  if (there?.isDirectory()) throw new Error("it is a folder");
  // The finished file takes the place of what is there, which must not be done to a device or a pipe.
  if (there && !there.isFile()) throw new Error("it is not an ordinary file");
  return there ? fs.realpathSync(file) : path.resolve(file);
}

/**
 * Has something unfinished removed if the process ends before its time, as the second Ctrl-C ends it; what began last goes first.
 *
 * @returns removes it now
 */
export function removeAtExit(remove: () => void): () => void {
  process.prependListener("exit", remove);
  return () => {
    process.off("exit", remove);
    remove();
  };
}
