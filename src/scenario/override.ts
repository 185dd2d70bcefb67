/** `--set path=value` and the flags --afs, --machines, --seed and --duration, laid over a scenario as a user wrote it. */
import { InputError } from "./input-error.js";
import { type Path, parseText } from "./load.js";
import type { Phase } from "./scenario.js";
import { ALTERNATIVES, DEFAULT_PHASES } from "./schema.js";
import { formatDuration, parseDuration, quote } from "./units.js";

/** As the user typed them, not yet parsed. */
export interface ScenarioOverrides {
  readonly afs?: string | undefined;
  readonly machines?: string | undefined;
  readonly seed?: string | undefined;
  /** Length of the run phase; several run phases scale in proportion. */
  readonly duration?: string | undefined;
  /** Each `path=value`, in order. */
  readonly set?: readonly string[] | undefined;
}

export interface Override {
  /** As in messages: `--afs 4`, `--set topology.afs=4`. */
  readonly flag: string;
  readonly path: Path;
  readonly value: unknown;
}

/** The overrides that set a field, in the order in which they apply; --duration is left to scaleRunPhases. */
export async function readOverrides(overrides: ScenarioOverrides): Promise<Override[]> {
  const fields: [flag: string, path: Path, value: string | undefined][] = [
    ["--afs", ["topology", "afs"], overrides.afs],
    ["--machines", ["topology", "machines"], overrides.machines],
    ["--seed", ["seed"], overrides.seed],
  ];
  const sets: Override[] = [];
  for (const assignment of overrides.set ?? []) sets.push(await readAssignment(assignment));
  const flags = fields.flatMap(([flag, path, value]) =>
    value === undefined ? [] : [{ flag: `${flag} ${value}`, path, value }],
  );
  return [...sets, ...flags];
}

async function readAssignment(assignment: string): Promise<Override> {
  const flag = `--set ${assignment}`;
  const equals = assignment.indexOf("=");
  const path = assignment.slice(0, Math.max(equals, 0)).trim().split(".");
  if (equals < 0 || path.includes("")) {
    throw new InputError(`${flag}: expected path=value, for example --set callManager.close.pend=0.5`);
  }
  try {
    return { flag, path, value: (await parseText(assignment.slice(equals + 1), "--set")).value };
  } catch (error) {
    // A position inside a flag helps nobody.
    if (error instanceof InputError) throw new InputError(`${flag}: ${error.message}`);
    throw error;
  }
}

/** A copy of the input with the overrides' values; shares what they leave alone. Throws InputError where a path leads nowhere. */
export function applyOverrides(input: unknown, overrides: readonly Override[]): unknown {
  return overrides.reduce((value, override) => withValue(value, override, 0), input);
}

/** Lists that a scenario has although it does not give them, so that an index into them means something. */
const DEFAULT_LISTS: Readonly<Record<string, readonly unknown[]>> = {
  phases: DEFAULT_PHASES,
  faults: [],
  thresholds: [],
};

function withValue(container: unknown, override: Override, depth: number): unknown {
  const name = override.path[depth];
  if (name === undefined) return override.value;
  const here = override.path.slice(0, depth).join(".");
  const known = container ?? (depth === 1 ? DEFAULT_LISTS[here] : undefined) ?? {};
  if (Array.isArray(known)) {
    const index = /^\d{1,4}$/.test(String(name)) ? Number(name) : Number.NaN;
    if (!(index <= known.length)) {
      const range =
        known.length === 0 ? "it is empty, so only 0" : `0 to ${known.length - 1}, or ${known.length} to add one`;
      throw new InputError(`${override.flag}: ${here} is a list, and ${quote(name)} is none of its indices (${range})`);
    }
    return known.toSpliced(index, 1, withValue(known[index], override, depth + 1));
  }
  if (typeof known !== "object") {
    throw new InputError(`${override.flag}: ${here} is ${quote(known)}, which has no field ${quote(name)}`);
  }
  const others = new Set(ALTERNATIVES.filter((group) => group.includes(String(name))).flat());
  const kept = Object.entries(known).filter(([field]) => field === name || !others.has(field));
  const child: unknown = Object.hasOwn(known, name) ? Reflect.get(known, name) : undefined;
  // fromEntries defines fields, so that one called __proto__ stays a field, and an unknown one.
  return Object.fromEntries([...kept, [name, withValue(child, override, depth + 1)]]);
}

/**
 * Scales the run phases so that together they last `text`, in proportion to their lengths and in whole ticks.
 * @throws InputError when it is no duration, no multiple of the tick, or too short for a tick in each run phase.
 */
export function scaleRunPhases(phases: readonly Phase[], text: string, tickNs: number): Phase[] {
  let totalNs: number;
  try {
    totalNs = parseDuration(text);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`--duration: ${error.message}`, error.details);
    throw error;
  }
  const fail = (message: string) => new InputError(`--duration ${text}: ${message}`);
  if (totalNs % tickNs !== 0) throw fail(`it is not a multiple of the tick, ${formatDuration(tickNs)}`);
  const runs = phases.filter((phase) => phase.kind === "run");
  const oldNs = runs.reduce((sum, phase) => sum + BigInt(phase.ns), 0n);
  if (oldNs === 0n) throw fail("the scenario has no run phase of any length to scale");
  const ticks = BigInt(totalNs / tickNs);
  if (ticks < BigInt(runs.length))
    throw fail(`too short for ${runs.length === 1 ? "a tick" : `a tick in each of ${runs.length} run phases`}`);
  // Each end is rounded, not each length: the lengths add up to the total.
  let oldEndNs = 0n;
  let endTicks = 0n;
  return phases.map((phase) => {
    if (phase.kind !== "run") return phase;
    oldEndNs += BigInt(phase.ns);
    const startTicks = endTicks;
    endTicks = (ticks * oldEndNs) / oldNs;
    if (endTicks === startTicks) throw fail("a run phase would be shorter than a tick");
    return { kind: "run", ns: Number(endTicks - startTicks) * tickNs };
  });
}
