import process from "node:process";
import type { CheckProgress } from "../modes/check.js";
import type { RunProgress } from "../pool/pool.js";

const RETURN_AND_CLEAR = "\r\u001b[K";
/** Below this share the time left is a guess. */
const ESTIMATE_FROM = 0.01;

/** One line on stderr that is rewritten, and only there when stderr is a terminal. */
export class ProgressLine {
  #shown = false;

  update(progress: RunProgress): void {
    this.show(formatProgress(progress));
  }

  /** Shows a text instead of what stands there. */
  show(text: string): void {
    process.stderr.write(`${RETURN_AND_CLEAR}${text.slice(0, (process.stderr.columns || 80) - 1)}`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) process.stderr.write(RETURN_AND_CLEAR);
    this.#shown = false;
  }
}

/** The line's text: percent, events, rate, time left. */
export function formatProgress({ step, done, events, elapsedMs }: RunProgress): string {
  const percent = `${Math.floor(done * 100)} %`.padStart(5);
  const left =
    done > ESTIMATE_FROM && done < 1 ? `  ${formatSeconds((elapsedMs / 1000 / done) * (1 - done))} left` : "";
  if (step === "trace") return `${percent}  writing the trace${left}`;
  if (step === "history") return `${percent}  running machines again for the histories of violations${left}`;
  const rate = elapsedMs > 0 ? (events / elapsedMs) * 1000 : 0;
  return `${percent}  ${formatCount(events)} events  ${formatCount(rate)}/s${left}`;
}

/** The line's text for the check of a trace, whose size may not be known. */
export function formatCheckProgress({ done, records, elapsedMs }: CheckProgress): string {
  const rate = elapsedMs > 0 ? (records / elapsedMs) * 1000 : 0;
  const text = `${formatCount(records)} records  ${formatCount(rate)}/s`;
  if (done === null) return text;
  const left =
    done > ESTIMATE_FROM && done < 1 ? `  ${formatSeconds((elapsedMs / 1000 / done) * (1 - done))} left` : "";
  return `${`${Math.floor(done * 100)} %`.padStart(5)}  ${text}${left}`;
}

function formatCount(count: number): string {
  for (const [size, suffix] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (count >= size) return `${(count / size).toFixed(1)}${suffix}`;
  }
  return String(Math.round(count));
}

export function formatSeconds(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
