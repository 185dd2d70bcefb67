import { styleText } from "node:util";
import { wrap } from "./layout.js";

export interface TerminalOptions {
  readonly colour: boolean;
  /** Characters a line; commands to copy are never broken. */
  readonly width: number;
}

const STYLES = {
  heading: "bold",
  faint: "dim",
  good: "green",
  bad: "red",
  bar: "cyan",
} as const;

export type Style = keyof typeof STYLES;

export const LABEL_CHARACTERS = 12;

/** Writes lines in a width and, if wanted, in colour. */
export class Page {
  readonly #lines: string[] = [];
  readonly #options: TerminalOptions;

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  get width(): number {
    return this.#options.width;
  }

  style(style: Style, text: string): string {
    return this.#options.colour && text !== "" ? styleText(STYLES[style], text, { validateStream: false }) : text;
  }

  line(text = ""): void {
    this.#lines.push(text.trimEnd());
  }

  /** A heading after an empty line, with a faint remark beside it, or below it where the width asks for it. */
  heading(text: string, remark = "", style: Style = "heading"): void {
    this.line();
    if (text.length + 2 + remark.length <= this.width) {
      this.line(`${this.style(style, text)}  ${this.style("faint", remark)}`);
      return;
    }
    this.line(this.style(style, text));
    for (const part of wrap(remark, this.width - 2)) this.line(`  ${this.style("faint", part)}`);
  }

  /** A label and what belongs to it, wrapped beside the label and, where there is one, a number. */
  entry(label: string, text: string, number = "", style: Style = "faint"): void {
    const start = `  ${this.style(style, label.padEnd(LABEL_CHARACTERS))}  ${number}`;
    const indent = 2 + Math.max(label.length, LABEL_CHARACTERS) + 2 + number.length;
    wrap(text, this.width - indent).forEach((part, index) => {
      this.line((index === 0 ? start : " ".repeat(indent)) + part);
    });
  }

  paragraph(text: string, indent: string): void {
    for (const part of wrap(text, this.width - indent.length)) this.line(indent + part);
  }

  toString(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}
