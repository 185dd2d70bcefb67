import process from "node:process";
import type { WriteStream } from "node:tty";
import type { TerminalOptions } from "../report/terminal.js";

const WIDTH_DEFAULT = 100;
const WIDTH_MIN = 40;
const WIDTH_MAX = 120;

/** What a stream can show; see no-color.org and force-color.org for the two variables. */
export function readTerminal(stream: WriteStream): TerminalOptions {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0";
  const able = stream.isTTY === true && TERM !== "dumb";
  return {
    colour: (NO_COLOR === undefined || NO_COLOR === "") && (able || forced),
    width: Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, stream.columns || WIDTH_DEFAULT)),
  };
}
