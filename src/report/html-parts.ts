/** Pieces that several parts of a page are made of. */

import { html, type Markup, type Part } from "./html-text.js";

/** A picture is drawn twice, so that its letters are as large on a phone: the style sheet shows the one that fits. */
export const WIDTHS = { wide: 680, narrow: 340 } as const;
export type WidthName = keyof typeof WIDTHS;

/** A column of a table; numbers are aligned to the right. */
export interface Column {
  readonly title: string;
  readonly kind: "text" | "number";
}

export const text = (title: string): Column => ({ title, kind: "text" });
export const number = (title: string): Column => ({ title, kind: "number" });

/** A table; the first cell of a row is its heading. It scrolls by itself where it is wider than the page. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Part[])[]): Markup {
  const cell = (part: Part, index: number): Markup => {
    const isNumber = columns[index]?.kind === "number";
    if (index === 0)
      return isNumber ? html`<th scope="row" class="number">${part}</th>` : html`<th scope="row">${part}</th>`;
    return isNumber ? html`<td class="number">${part}</td>` : html`<td>${part}</td>`;
  };
  const head = columns.map(({ title, kind }) =>
    kind === "number" ? html`<th scope="col" class="number">${title}</th>` : html`<th scope="col">${title}</th>`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map(cell)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

export interface Picture {
  readonly title: string;
  /** What is seen, in a sentence or two. */
  readonly caption: Part;
  readonly draw: (width: number) => Drawing;
  /** Of the picture's data. */
  readonly data: Markup;
}

export interface Drawing {
  readonly height: number;
  readonly content: Part;
}

/** A picture for every width, its caption, and its data in a table that opens. */
export function figure({ title, caption, draw, data }: Picture): Markup {
  const pictures = (Object.keys(WIDTHS) as WidthName[]).map((name) => {
    const width = WIDTHS[name];
    const { height, content } = draw(width);
    return html`<svg
      class="${name}"
      role="img"
      aria-label="${title}"
      viewBox="0 0 ${width} ${height}"
      width="${width}"
      height="${height}"
    >
      ${content}
    </svg> `;
  });
  return html`<figure>
    ${pictures}
    <figcaption>${caption}</figcaption>
    <details>
      <summary>Data: ${title}</summary>
      ${data}
    </details>
  </figure> `;
}

/** Coordinates need no more than a tenth of a pixel. */
export function at(coordinate: number): string {
  return String(Math.round(coordinate * 10) / 10);
}

/** Terms and what they mean. */
export function definitions(entries: readonly (readonly [term: string, meaning: Part])[]): Markup {
  return html`<dl>
    ${entries.map(
      ([term, meaning]) =>
        html`<dt>${term}</dt>
          <dd>${meaning}</dd> `,
    )}
  </dl>`;
}
