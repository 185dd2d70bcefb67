/**
 * The cells of a row of CSV (RFC 4180), trimmed; null when a quoted cell is still open at the end, so that the next line belongs to it.
 *
 * @param separator one character
 */
export function splitRow(text: string, separator: string): string[] | null {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === " ") at++;
    let cell = "";
    if (text[at] === '"') {
      at++;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote < 0) return null;
        cell += text.slice(at, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        cell += '"';
        at++;
      }
    }
    const end = text.indexOf(separator, at);
    cell += text.slice(at, end < 0 ? text.length : end);
    cells.push(cell.trim());
    if (end < 0) return cells;
    at = end + 1;
  }
}
