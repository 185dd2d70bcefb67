/**
 * Histories of a live run, from its trace: it cannot be run again. Which record broke a rule only a judge can say, as in races the call that
 * wins may be recorded before or after the other: so the checker of traces judges the AF's records.
 */

import { OP_BINDING_CALL } from "../../assembly/abi/codes.js";
import * as L from "../../assembly/abi/layout.js";
import { createChecker } from "../contract/checker/checker.js";
import type { TraceEvent } from "../contract/checker/event.js";
import type { Finding } from "../contract/checker/verdict.js";
import { unrecordedBreach } from "../contract/unrecorded.js";
import { SlotPlaces, type Place } from "../kernel/topology.js";
import { TraceFormatter } from "../kernel/trace-record.js";
import { HISTORY_FIRST, HISTORY_LAST, type History, type TraceRecord } from "../measure/history.js";
import { formOf, type Violation } from "../measure/outcome.js";
import type { LivePlan } from "./live-plan.js";
import { liveTraceRecords } from "./live-trace.js";

/** A record, and whether it belongs to the history of the violation, or tells the judge alone of the drivers. */
interface Entry {
  readonly record: TraceRecord;
  readonly isOwn: boolean;
}

/** What a trace has about one violation: records of drivers, and of the AF's life and the one that follows on its slot. */
class Dossier {
  readonly #entries: Entry[] = [];
  #earlier = 0;

  constructor(
    readonly violation: Violation,
    readonly tickNs: number,
    /** Of the violation's slot. */
    readonly place: Place,
  ) {}

  take(view: DataView, format: () => TraceRecord): void {
    const { slot, generation } = this.violation;
    if (view.getUint8(L.TRACE_OP) >= OP_BINDING_CALL) {
      const record = format();
      this.#entries.push({ record, isOwn: generation === 0 && this.#isOfDrivers(record) });
    } else if (generation > 0 && view.getUint32(L.TRACE_SLOT, true) === slot) {
      const life = view.getUint32(L.TRACE_GENERATION, true);
      if (life < generation) this.#earlier++;
      else if (life <= generation + 1) this.#entries.push({ record: format(), isOwn: true });
    }
  }

  finish(plan: LivePlan): History {
    const { generation, tick } = this.violation;
    const brokenBy = this.#findBreach(plan);
    const own = this.#entries.filter(({ isOwn }) => isOwn).map(({ record }) => record);
    const until = brokenBy ?? own.findLast(({ timeNs }) => timeNs <= tick * this.tickNs)?.seq ?? 0;
    const told = own.filter(({ seq }) => seq <= until);
    const between = Math.max(0, told.length - HISTORY_FIRST - HISTORY_LAST);
    const shown = between === 0 ? told : [...told.slice(0, HISTORY_FIRST), ...told.slice(-HISTORY_LAST)];
    return {
      records: shown,
      brokenBy,
      leftOut: { lives: Math.max(0, generation - 1), recordsOfLives: this.#earlier, recordsBetween: between },
    };
  }

  /** `seq` of the record that breaks the rule; null when none does. An obligation that time alone breaks is found at its beginning. */
  #findBreach({ scenario }: LivePlan): number | null {
    const { rule, slot, generation, tick } = this.violation;
    if (unrecordedBreach(rule) !== undefined) return null;
    const last = this.#entries.at(-1)?.record.timeNs ?? 0;
    const checker = createChecker({
      deadlines: scenario.deadlines,
      readings: scenario.contract,
      end: () => ({ timeNs: last, isDrained: false }),
    });
    for (const { record } of this.#entries) checker.take({ ...record, line: record.seq } as TraceEvent);
    const af = generation === 0 ? null : `AF#${slot}v${generation}`;
    const own = new Set(this.#entries.filter(({ isOwn }) => isOwn).map(({ record }) => record.seq));
    // The call of an open has no handle yet.
    const isIt = (finding: Finding): boolean =>
      finding.rule === rule && own.has(finding.line) && (finding.af === af || finding.af === null);
    const found = checker.end().findings.find((finding) => isIt(finding) && finding.timeNs >= tick * this.tickNs);
    return found?.line ?? null;
  }

  #isOfDrivers({ adapter, from, to }: TraceRecord): boolean {
    const client = `client:${this.place.client}`;
    return from === client || to === client || adapter === this.place.adapter;
  }
}

/** What led to violations of a live run that was traced, by formOf. */
export function liveHistories(
  memory: WebAssembly.Memory,
  plan: LivePlan,
  violations: readonly Violation[],
): Map<string, History> {
  const { topology, tickNs } = plan.scenario;
  const places = new SlotPlaces(topology, topology.afs);
  const dossiers = violations.map((violation) => new Dossier(violation, tickNs, places.placeOf(violation.slot)));
  if (dossiers.length === 0) return new Map();
  const formatter = new TraceFormatter(plan.scenario, 0);
  for (const record of liveTraceRecords(memory, plan)) {
    let formatted: TraceRecord | null = null;
    const format = (): TraceRecord => (formatted ??= JSON.parse(formatter.format(record, 0)) as TraceRecord);
    for (const dossier of dossiers) dossier.take(record, format);
  }
  return new Map(dossiers.map((dossier) => [formOf(dossier.violation), dossier.finish(plan)]));
}
