/** What broke: each rule with its sources, the places where it broke, and for the first one what led to it. */

import type { Result, ResultViolation, ResultViolations } from "../result/schema.js";
import { formatCount, formatPlural, formatTime } from "./format.js";
import { figure, number, table, text } from "./html-parts.js";
import { drawSequence } from "./html-sequence.js";
import { html, type Markup, type Part } from "./html-text.js";
import { byFirstPlace, pageAddress, seenBy, subjectOf } from "./result-words.js";

/** Of a rule; a result has a few dozen. */
const PLACES_SHOWN = 100;

const KINDS = {
  violation: { style: "rule", one: "violation" },
  warning: { style: "rule warning", one: "warning" },
} as const;

/** The section on violations and warnings. */
export function violationsSection({ violations, warnings }: Result): Markup {
  const broken =
    violations.total === 0
      ? html`<p class="good">Nothing: every rule that was checked held.</p>`
      : html`<p class="bad">${countsOf(violations, "violation")}.</p>
          ${rulesOf(violations, "violation")}`;
  if (warnings.total === 0) return broken;
  return html`${broken}
    <h3>Warnings</h3>
    <p>${countsOf(warnings, "warning")}. Of these rules the documentation says "should"; they fail no run.</p>
    ${rulesOf(warnings, "warning")}`;
}

function countsOf({ total, byRule }: ResultViolations, one: string): string {
  return `${formatPlural(total, one)} of ${formatPlural(Object.keys(byRule).length, "rule")}`;
}

function rulesOf(broken: ResultViolations, kind: keyof typeof KINDS): Markup[] {
  return byFirstPlace(broken).map(([rule, count]) => {
    const places = broken.first.filter((violation) => violation.rule === rule);
    const { style, one } = KINDS[kind];
    const [first] = places;
    return html`<article class="${style}">
      <h3>${rule} <span class="faint">${formatPlural(count, one)}</span></h3>
      ${first === undefined ? null : describeFirst(first, places)}
    </article> `;
  });
}

function describeFirst(first: ResultViolation, places: readonly ResultViolation[]): Markup {
  return html`<p>${first.text}</p>
    <p>
      Source:
      ${first.source.map((name, index) => html`${index === 0 ? "" : ", "}<a href="${pageAddress(name)}" rel="noreferrer">${name}</a>`)}
    </p>
    <p>First at ${formatTime(first.timeNs)}, ${seenBy(first)}, ${subjectOf(first)}.</p>
    ${first.history === undefined ? null : history(first)}
    <p>To see it again:</p>
    <pre class="wraps">${first.reproduce}</pre>
    ${places.length > 1 ? placesTable(places) : null}`;
}

function history(violation: ResultViolation): Markup {
  const title = `what led to ${violation.rule} at ${subjectOf(violation)}`;
  return figure({
    title,
    caption: "What led to it: calls, and dashed what they return. Time runs downward.",
    draw: (width) => drawSequence(violation, width),
    data: recordsTable(title, violation),
  });
}

function recordsTable(title: string, { history = [], brokenBy }: ResultViolation): Markup {
  const rows = history.map((record): Part[] => [
    record.seq,
    formatTime(record.timeNs),
    record.processor,
    record.irql,
    record.op,
    record.call ?? "",
    record.from === undefined ? "" : record.to === undefined ? record.from : `${record.from} → ${record.to}`,
    record.seq === brokenBy
      ? html`${record.status ?? ""} <strong class="bad">breaks the rule</strong>`
      : (record.status ?? ""),
  ]);
  const columns = [
    number("seq"),
    number("at"),
    number("cpu"),
    text("irql"),
    text("op"),
    text("call"),
    text("who"),
    text("status"),
  ];
  return table(`Trace records: ${title}`, columns, rows);
}

function placesTable(places: readonly ResultViolation[]): Markup {
  const shown = places.slice(0, PLACES_SHOWN);
  const rows = shown.map((place) => [
    formatTime(place.timeNs),
    place.machine,
    place.adapter,
    subjectOf(place),
    html`<code>${place.reproduce}</code>`,
  ]);
  const caption = `The first ${formatCount(shown.length)} places`;
  return html`<details>
    <summary>${caption}</summary>
    ${table(caption, [number("at"), number("machine"), number("adapter"), text("who"), text("to see it again")], rows)}
  </details>`;
}
