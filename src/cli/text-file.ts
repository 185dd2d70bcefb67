import fs from "node:fs";
import { InputError } from "../scenario/input-error.js";
import { formatBytes } from "../scenario/units.js";

/**
 * The text of a file that a user named.
 *
 * @param what it is to be, for the message: `scenario`
 * @param bytesMax more than any such file takes
 * @throws InputError when it cannot be read as text
 */
export function readTextFile(file: string, what: string, bytesMax: number): string {
  try {
    return decode(readOrdinaryFile(file, what, bytesMax));
  } catch (error) {
    throw new InputError(`the ${what} ${file} cannot be read: ${reasonOf(error)}`);
  }
}

/**
 * The text of a stream that is not endless.
 *
 * @throws InputError when it cannot be read as text
 */
export async function readTextStream(stream: NodeJS.ReadStream, what: string, bytesMax: number): Promise<string> {
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk as Uint8Array);
      length += bytes.length;
      if (length > bytesMax) throw new Error(`it is larger than ${formatBytes(bytesMax)}`);
      chunks.push(bytes);
    }
    return decode(Buffer.concat(chunks));
  } catch (error) {
    throw new InputError(`the ${what} cannot be read: ${reasonOf(error)}`);
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

function reasonOf(error: unknown): string {
  if (error instanceof TypeError) return "it is not UTF-8 text";
  return error instanceof Error ? error.message : String(error);
}

/** A device or a pipe may have no end, and a file of /proc has no size before it is read: never more than such a file takes. */
function readOrdinaryFile(file: string, what: string, bytesMax: number): Uint8Array {
  const status = fs.statSync(file);
  if (status.isDirectory()) throw new Error("it is a folder");
  if (!status.isFile()) throw new Error("it is not an ordinary file");
  const descriptor = fs.openSync(file, "r");
  try {
    const bytes = Buffer.alloc(bytesMax + 1);
    let length = 0;
    for (let count = -1; count !== 0 && length < bytes.length; length += count) {
      count = fs.readSync(descriptor, bytes, length, bytes.length - length, null);
    }
    if (length > bytesMax) throw new Error(`it is larger than ${formatBytes(bytesMax)}, too large for a ${what}`);
    return bytes.subarray(0, length);
  } finally {
    fs.closeSync(descriptor);
  }
}
