/** Kernels with a mistake planted in them, to see that a comparison finds it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A mistake in one line of the kernel's source. */
export interface PlantedMistake {
  /** From assembly/ on. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly right: string;
  readonly wrong: string;
}

function plant({ file, right, wrong }: PlantedMistake, text: string): string {
  const places = text.split(right).length - 1;
  if (places !== 1) throw new Error(`assembly/${file} has ${JSON.stringify(right)} ${places} times, not once`);
  // As a function, so that no $ in the text has a meaning.
  return text.replace(right, () => wrong);
}

/** Compiles the kernel as asconfig.json says, but without optimising, with a mistake or as it is. */
export async function buildKernel(mistake: PlantedMistake | null): Promise<WebAssembly.Module> {
  return new WebAssembly.Module(await compileKernel(mistake, "asconfig.json"));
}

/** The bytes of a kernel; `config`: which of the two, by its asconfig.json. */
export async function compileKernel(mistake: PlantedMistake | null, config: string): Promise<Uint8Array<ArrayBuffer>> {
  let planted = mistake === null;
  let binary: Uint8Array | undefined;
  const flags = ["--config", config, "--target", "release", "--outFile", "kernel.wasm", "--optimizeLevel", "0"];
  const stderr = asc.createMemoryStream();
  const { error } = await asc.main(flags, {
    stderr,
    readFile: (name, folder) => {
      const file = path.resolve(ROOT, folder, name);
      // asc looks for a file in several places and takes null for an answer.
      const text = readText(file);
      if (text === null || mistake === null || file !== path.join(ROOT, "assembly", mistake.file)) return text;
      planted = true;
      return plant(mistake, text);
    },
    writeFile: (_, contents) => {
      if (typeof contents !== "string") binary = contents;
    },
    listFiles: () => [],
  });
  if (error !== null) throw new Error(`asc: ${error.message}\n${stderr.toString()}`);
  if (!planted) throw new Error(`the kernel is built without assembly/${mistake!.file}`);
  if (binary === undefined) throw new Error("asc wrote no kernel");
  return binary as Uint8Array<ArrayBuffer>;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
