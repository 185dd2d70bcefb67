/** A trace as bytes to events in order, with account of what was not usable. */

import type { CodedEvent } from "../contract/checker/event.js";
import { formatDuration } from "../scenario/units.js";
import type { RecordTaker } from "./json-lines.js";
import { LineCutter, type LineTaker } from "./lines.js";
import { OrderWindow } from "./order-window.js";
import { LineProblem } from "./record.js";

/** Problems that are kept; all are counted. */
const PROBLEMS_KEPT = 10;

/** A line that was passed over. */
export interface SkippedLine {
  readonly line: number;
  readonly message: string;
  readonly suggestion?: string;
}

/** What was read of a trace so far. */
export interface Reading {
  /** Records that were given on, or are about to be. */
  readonly records: number;
  readonly skipped: number;
  /** The first of them. */
  readonly firstSkipped: readonly SkippedLine[];
  /** Records that were out of order and were put into it. */
  readonly sorted: number;
  /** Of those skipped, what came too late for that. */
  readonly late: number;
  /** Times of the first and of the last record in order; null: there was none. */
  readonly fromNs: number | null;
  readonly toNs: number | null;
}

export interface ReaderOptions {
  /** Records within which those that are out of order are sorted. */
  readonly window: number;
  readonly onEvent: (event: CodedEvent) => void;
  /** Called for every line that is skipped. */
  readonly onSkip?: (line: SkippedLine) => void;
}

/** Reads a trace that is pushed in, in whatever pieces. */
export class TraceReader {
  readonly #options: ReaderOptions;
  readonly #order: OrderWindow;
  readonly #cutter: LineCutter;
  readonly #firstSkipped: SkippedLine[] = [];
  #records = 0;
  #skipped = 0;
  #late = 0;
  #first: CodedEvent | null = null;
  #last: CodedEvent | null = null;

  /** @param open makes what reads the lines */
  constructor(options: ReaderOptions, open: (taker: RecordTaker) => LineTaker) {
    this.#options = options;
    const { onEvent } = options;
    this.#order = new OrderWindow(
      options.window,
      (event) => {
        this.#first ??= event;
        this.#last = event;
        onEvent(event);
      },
      (event, last) => this.#skipLate(event, last),
    );
    this.#cutter = new LineCutter(
      open({
        takeEvent: (event) => {
          this.#records++;
          this.#order.take(event);
        },
        takeProblem: (line, problem) => this.skip(line, problem),
      }),
    );
  }

  push(bytes: Uint8Array): void {
    this.#cutter.push(bytes);
  }

  /** The stream has ended. */
  finish(): void {
    this.#cutter.finish();
    this.#order.finish();
  }

  get reading(): Reading {
    return {
      records: this.#records,
      skipped: this.#skipped,
      firstSkipped: this.#firstSkipped,
      sorted: this.#order.sorted,
      late: this.#late,
      fromNs: this.#first?.timeNs ?? null,
      toNs: this.#last?.timeNs ?? null,
    };
  }

  skip(line: number, { message, suggestion }: LineProblem): void {
    const skipped: SkippedLine = { line, message, ...(suggestion !== undefined && { suggestion }) };
    this.#skipped++;
    if (this.#firstSkipped.length < PROBLEMS_KEPT) this.#firstSkipped.push(skipped);
    this.#options.onSkip?.(skipped);
  }

  #skipLate({ line, timeNs }: CodedEvent, last: CodedEvent): void {
    this.#records--;
    this.#late++;
    const by = formatDuration(last.timeNs - timeNs);
    const place = last.timeNs === timeNs ? "in sequence" : `by ${by}`;
    const { window } = this.#options;
    this.skip(
      line,
      new LineProblem(
        `the record comes too late ${place}: line ${last.line} stands more than ${window} records before it (--window)`,
      ),
    );
  }
}
