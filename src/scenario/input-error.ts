/** Where in an input text a value stands; lines and columns count from 1. */
export interface InputPosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Bad input from the user: one clear message, exit code 2. The message says what is wrong with which value; the
 * suggestion, where there is one, says what was probably meant.
 */
export class InputError extends Error {
  override readonly name = "InputError";
  constructor(
    message: string,
    readonly details: { readonly position?: InputPosition; readonly suggestion?: string } = {},
  ) {
    super(message);
  }
}
