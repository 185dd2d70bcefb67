// Checks built WebAssembly modules: no data segments (every instantiation would write them again, over what another
// worker did), no start function, and no imports but the shared memory and the calls that take trace records and read the clock.
//
// Usage: node .ci/check-wasm.mjs FILE...    Exits 1 with a line for every finding.
// It does not look at globals: a mutable one is per instance, which a reader of the kernel has to keep in mind.

import { readFileSync } from "node:fs";
import process from "node:process";

const HEADER_BYTES = 8;
const ALLOWED_IMPORTS = new Set(["env.memory (memory)", "env.drainTrace (function)", "env.readClock (function)"]);
const FORBIDDEN_SECTIONS = new Map([
  [8, "a start function"],
  [11, "data segments"],
]);

/** Numbers of the module's sections, in file order. */
function* readSections(bytes) {
  for (let offset = HEADER_BYTES; offset < bytes.length;) {
    const id = bytes[offset++];
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[offset++];
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    yield id;
    offset += length;
  }
}

function findProblems(bytes) {
  const module = new WebAssembly.Module(bytes); // throws on a malformed file
  const imports = WebAssembly.Module.imports(module)
    .map(({ module: from, name, kind }) => `${from}.${name} (${kind})`)
    .filter((name) => !ALLOWED_IMPORTS.has(name))
    .map((name) => `the import ${name}`);
  const sections = [...readSections(bytes)].flatMap((id) => FORBIDDEN_SECTIONS.get(id) ?? []);
  return [...imports, ...sections];
}

const files = process.argv.slice(2);
if (files.length === 0) throw new Error("usage: node .ci/check-wasm.mjs FILE...");
for (const file of files) {
  for (const problem of findProblems(readFileSync(file))) {
    process.stderr.write(`${file}: the module has ${problem}\n`);
    process.exitCode = 1;
  }
}
