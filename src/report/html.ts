/** A result as one page: every picture with its data. */

import { stringify } from "yaml";
import type { Result } from "../result/schema.js";
import { formatCount, formatDuration, formatNumber, formatPlural } from "./format.js";
import { latencySection } from "./html-latency.js";
import { orderingSection } from "./html-ordering.js";
import { formatPage, type Badge } from "./html-page.js";
import { definitions, number, table, text } from "./html-parts.js";
import { seriesSection } from "./html-series.js";
import { html, type Markup, type Part } from "./html-text.js";
import { violationsSection } from "./html-violations.js";
import { describeMeasured, describePartial, hostRows, titleParts, totalsRows } from "./result-words.js";

interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: (result: Result) => Markup | null;
}

const SECTIONS: readonly Section[] = [
  { id: "happened", title: "What happened", content: totalsSection },
  { id: "latency", title: "How long it took", content: latencySection },
  { id: "time", title: "Over time", content: seriesSection },
  { id: "order", title: "In what order", content: orderingSection },
  { id: "broke", title: "What broke", content: violationsSection },
  { id: "thresholds", title: "Thresholds", content: thresholdsSection },
  { id: "speed", title: "How fast", content: hostSection },
  { id: "reproduce", title: "To reproduce", content: reproduceSection },
];

/** The page of a result. */
export function formatHtml(result: Result): string {
  return formatPage({
    tool: result.tool,
    heading: result.scenario.name,
    title: `${result.scenario.name}, seed ${result.seed}`,
    about: titleParts(result),
    warning: result.partial === undefined ? null : describePartial(result.partial),
    badges: badges(result),
    sections: SECTIONS.map(({ content, ...section }) => ({ ...section, content: content(result) })),
  });
}

function badges({ violations, warnings, thresholds, partial }: Result): Badge[] {
  const missed = thresholds.filter(({ pass }) => !pass).length;
  const judge = (isGood: boolean, words: string): Badge => ({ style: isGood ? "good" : "bad", words });
  const whole = violations.total === 0;
  const of = formatPlural(thresholds.length, "threshold");
  return [
    ...(partial === undefined ? [] : [judge(false, "stopped early")]),
    judge(whole, whole ? "no violations" : formatPlural(violations.total, "violation")),
    ...(warnings.total === 0 ? [] : [{ style: "faint" as const, words: formatPlural(warnings.total, "warning") }]),
    ...(thresholds.length === 0
      ? []
      : [judge(missed === 0, missed === 0 ? "all thresholds met" : `${missed} of ${of} missed`)]),
  ];
}

function totalsSection(result: Result): Markup {
  const rows = totalsRows(result).map(([label, count, remark]) => [label, formatCount(count), remark]);
  return table("Totals of the run", [text(""), number("count"), text("")], rows);
}

function thresholdsSection({ thresholds }: Result): Markup | null {
  if (thresholds.length === 0) return null;
  const rows = thresholds.map(({ text: wanted, value, pass }): Part[] => [
    wanted,
    describeMeasured(wanted, value),
    pass ? html`<span class="good">met</span>` : html`<strong class="bad">missed</strong>`,
  ]);
  return table("Thresholds of the scenario", [text("wanted"), number("measured"), text("")], rows);
}

function hostSection(result: Result): Markup {
  const { runs = [] } = result.host;
  const rows = runs.map((run, index) => [
    index + 1,
    formatDuration(run.wallMs * 1e6),
    formatDuration(run.setupMs * 1e6),
    formatNumber(run.nsPerEvent),
  ]);
  const columns = [number("run"), number("time"), number("set-up"), number("ns an event")];
  return html`<p>
      An event is one close requested or one close reported to the client. Only this part depends on the computer.
    </p>
    ${definitions(hostRows(result))}${
      rows.length === 0
        ? null
        : html`<details>
            <summary>Data: every run</summary>
            ${table("Runs", columns, rows)}
          </details>`
    }`;
}

function reproduceSection({ command, digest, seed, scenario, partial, tool }: Result): Markup {
  const remark = partial
    ? "The digest is that of the run so far."
    : "The digest is the same on every computer, with any number of workers.";
  return html`<p>With ${tool.name} ${tool.version}:</p>
    <pre class="wraps">${command}</pre>
    ${definitions([["seed", seed], ...(digest === undefined ? [] : [["digest", html`<code>${digest}</code>`] as const])])}
    ${digest === undefined ? null : html`<p class="faint">${remark}</p>`}
    <details>
      <summary>The scenario as it was resolved</summary>
      <pre tabindex="0" aria-label="The scenario as it was resolved">${stringify(scenario)}</pre>
    </details>`;
}
