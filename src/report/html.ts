/**
 * A result as one page: no script, nothing from elsewhere, every picture with its data. The policy in its head forbids the rest, whatever
 * the result's texts contain.
 */

import { createHash } from "node:crypto";
import { stringify } from "yaml";
import type { Result } from "../result/schema.js";
import { formatCount, formatDuration, formatNumber, formatPlural } from "./format.js";
import { latencySection } from "./html-latency.js";
import { orderingSection } from "./html-ordering.js";
import { definitions, number, table, text } from "./html-parts.js";
import { STYLE } from "./html-style.js";
import { html, Markup, type Part } from "./html-text.js";
import { violationsSection } from "./html-violations.js";
import { describeMeasured, describePartial, hostRows, titleParts, totalsRows } from "./result-words.js";

/** Whole: a space more, and the policy's hash would not fit. */
const STYLE_ELEMENT = new Markup(`<style>${STYLE}</style>`);

interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: (result: Result) => Markup | null;
}

const SECTIONS: readonly Section[] = [
  { id: "happened", title: "What happened", content: totalsSection },
  { id: "latency", title: "How long it took", content: latencySection },
  { id: "order", title: "In what order", content: orderingSection },
  { id: "broke", title: "What broke", content: violationsSection },
  { id: "thresholds", title: "Thresholds", content: thresholdsSection },
  { id: "speed", title: "How fast", content: hostSection },
  { id: "reproduce", title: "To reproduce", content: reproduceSection },
];

/** The page of a result. */
export function formatHtml(result: Result): string {
  const sections = SECTIONS.flatMap(({ content, ...section }) => {
    const markup = content(result);
    return markup === null ? [] : [{ ...section, content: markup }];
  });
  const title = `${result.scenario.name}, seed ${result.seed}`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy()}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="generator" content="${result.tool.name} ${result.tool.version}" />
        <title>${title} · ${result.tool.name}</title>
        <link rel="icon" href="data:," />
        ${STYLE_ELEMENT}
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
          <h1>${result.scenario.name}</h1>
          <p class="faint">${titleParts(result).join(" · ")}</p>
          ${result.partial === undefined ? null : html`<p class="bad">${describePartial(result)}</p>`}
          <ul class="badges">
            ${badges(result)}
          </ul>
          <nav aria-label="Sections">
            <ul>
              ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main id="content">
          ${sections.map(
            ({ id, title, content }) =>
              html`<section aria-labelledby="${id}">
                <h2 id="${id}">${title}</h2>
                ${content}
              </section> `,
          )}
        </main>
      </body>
    </html> `.text;
}

/** Only this style sheet, and the empty picture that keeps a browser from asking for one. */
function policy(): string {
  const hash = createHash("sha256").update(STYLE).digest("base64");
  return `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

function badges({ violations, warnings, thresholds, partial }: Result): Markup[] {
  const missed = thresholds.filter(({ pass }) => !pass).length;
  const badge = (isGood: boolean, words: string): Markup => html`<li class="${isGood ? "good" : "bad"}">${words}</li>`;
  return [
    ...(partial === undefined ? [] : [badge(false, "stopped early")]),
    badge(
      violations.total === 0,
      violations.total === 0 ? "no violations" : formatPlural(violations.total, "violation"),
    ),
    ...(warnings.total === 0 ? [] : [html`<li class="faint">${formatPlural(warnings.total, "warning")}</li>`]),
    ...(thresholds.length === 0
      ? []
      : [
          badge(
            missed === 0,
            missed === 0 ? "all thresholds met" : `${missed} of ${formatPlural(thresholds.length, "threshold")} missed`,
          ),
        ]),
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
