import { InputError } from "../../src/scenario/input-error.js";

/** The InputError that something throws. */
export function inputErrorOf(run: () => unknown): InputError {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("no InputError was thrown");
}

/** The InputError that a promise is rejected with. */
export async function inputRejectionOf(promise: Promise<unknown>): Promise<InputError> {
  const settled = await promise.then(
    () => () => {},
    (error: unknown) => () => {
      throw error;
    },
  );
  return inputErrorOf(settled);
}
