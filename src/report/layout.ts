/** Text in a fixed width: wrapped paragraphs, aligned columns, bars. Nothing here knows of colour. */

/**
 * Breaks a text at spaces into lines of at most `width` characters; a longer word gets a line of its own.
 * @returns at least one line
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Columns aligned to the right, each as wide as its widest cell, `gap` spaces apart. */
export function alignColumns(rows: readonly (readonly string[])[], gap: number): string[][] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  }
  return rows.map((row) => row.map((cell, column) => cell.padStart((widths[column] ?? 0) + (column === 0 ? 0 : gap))));
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/**
 * A bar of block characters, in steps of an eighth of a character; anything above nothing is visible.
 * @param share of the full length, 0 to 1
 */
export function drawBar(share: number, length: number): string {
  const eighths = share > 0 ? Math.max(1, Math.round(share * length * 8)) : 0;
  return "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
}
