/** Markup that is put together from pieces: whatever is no markup already is escaped, so that no text can become any. */

/** A piece of HTML or SVG. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Part = Markup | string | number | null | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
/** What a reader cannot see, and what turns the direction of writing around it; line breaks excepted. */
const INVISIBLE = /(?!\n)[\p{Cc}\p{Bidi_Control}\p{Cs}]/gu;

/** A text as the content of an element or of a quoted attribute. */
export function escapeHtml(text: string): string {
  return text
    .replace(INVISIBLE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

/** The markup of a template; its values are escaped unless they are markup. Null stands for nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(
    strings.map((text, index) => text + (index < values.length ? render(values[index] ?? null) : "")).join(""),
  );
}

function render(part: Part): string {
  if (part === null) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "object") return part.map(render).join("");
  return escapeHtml(String(part));
}
