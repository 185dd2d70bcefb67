/** Process of a floor measurement: `node floor-process.js <records>` prints the time of an access as JSON. */

import fs from "node:fs";
import process from "node:process";
import { FLOOR_RECORDS_MAX, floorMemory, runFloor } from "../measure/floor.js";
import type { FloorTime } from "./sweep-process.js";

const SECONDS = 0.2;

/** As many as a memory has room for, where there are more AFs: then the floor no longer falls. */
const records = Math.min(Number(process.argv[2]), FLOOR_RECORDS_MAX);
const module = new WebAssembly.Module(fs.readFileSync(new URL("../../floor.wasm", import.meta.url)));
const { seconds, operations } = runFloor(module, floorMemory(records), records, SECONDS, () => performance.now() / 1e3);
const time: FloorTime = { nsPerAccess: (seconds * 1e9) / operations };
process.stdout.write(`${JSON.stringify(time)}\n`);
