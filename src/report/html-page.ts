/**
 * The frame of a page: no script, nothing from elsewhere. The policy in its head forbids the rest, whatever the texts on the page contain.
 */

import { createHash } from "node:crypto";
import type { Tool } from "../result/schema.js";
import { STYLE } from "./html-style.js";
import { html, Markup } from "./html-text.js";

export interface Badge {
  readonly style: "good" | "bad" | "faint";
  readonly words: string;
}

export interface Page {
  readonly tool: Tool;
  readonly heading: string;
  readonly title: string;
  /** What it is a page of, in a few words each. */
  readonly about: readonly string[];
  readonly warning: string | null;
  readonly badges: readonly Badge[];
  /** Those without content are left out. */
  readonly sections: readonly { readonly id: string; readonly title: string; readonly content: Markup | null }[];
}

/** Whole: a space more, and the policy's hash would not fit. */
const STYLE_ELEMENT = new Markup(`<style>${STYLE}</style>`);

/** A page. */
export function formatPage({ tool, heading, title, about, warning, badges, ...page }: Page): string {
  const sections = page.sections.filter(({ content }) => content !== null);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy()}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="generator" content="${tool.name} ${tool.version}" />
        <title>${title} · ${tool.name}</title>
        <link rel="icon" href="data:," />
        ${STYLE_ELEMENT}
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
          <h1>${heading}</h1>
          <p class="faint">${about.join(" · ")}</p>
          ${warning === null ? null : html`<p class="bad">${warning}</p>`}
          <ul class="badges">
            ${badges.map(({ style, words }) => html`<li class="${style}">${words}</li>`)}
          </ul>
          <nav aria-label="Sections">
            <ul>
              ${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main id="content">
          ${sections.map(
            ({ id, title: name, content }) =>
              html`<section aria-labelledby="${id}">
                <h2 id="${id}">${name}</h2>
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
