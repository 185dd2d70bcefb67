/** The kinds of fields that the scenario schema is built from; each reads what a user writes and says what was wrong. */
import * as z from "./zod.js";
import { InputError } from "./input-error.js";
import { nearest } from "./suggest.js";
import { parseCount, parseDuration, parseRate, quote } from "./units.js";

/** What an issue carries beside its message. */
export interface IssueParams {
  readonly suggestion?: string;
}

function report(context: z.RefinementCtx, message: string, suggestion: string | undefined): never {
  const params: IssueParams = suggestion === undefined ? {} : { suggestion };
  context.addIssue({ code: "custom", message, params });
  return z.NEVER;
}

/** Runs a parser that throws InputError, and turns that into an issue at the field. */
function reading<In, Out>(parse: (value: In) => Out): (value: In, context: z.RefinementCtx) => Out {
  return (value, context) => {
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return report(context, error.message, error.details.suggestion);
    }
  };
}

const DURATION_PATTERN = "^\\d+(\\.\\d+)?([eE][+-]?\\d+)?\\s*(ns|us|\u00b5s|\u03bcs|ms|s)$";
const COUNT_PATTERN = "^\\d+(\\.\\d+)?([eE][+-]?\\d+)?\\s*[kMG]?$";
const RATE_PATTERN = "^\\d+(\\.\\d+)?([eE][+-]?\\d+)?\\s*[kMG]?\\s*/\\s*s$";

// The patterns are for editors, through the JSON Schema; the parsers decide, with better messages.
function text(pattern: string) {
  return z.string().meta({ pattern });
}

/** A duration between two bounds, in whole nanoseconds once read; `range` names the bounds in messages. */
export function durationWithin(fromNs: number, toNs: number, range: string) {
  return z
    .union([z.number().meta({ const: 0 }), text(DURATION_PATTERN)], {
      error: "expected a duration such as 100ns, 20us, 1.5ms or 10s",
    })
    .transform(
      reading((value) => {
        const ns = parseDuration(value);
        if (ns < fromNs || ns > toNs) throw new InputError(`${quote(value)} is out of range: ${range}`);
        return ns;
      }),
    );
}

/** Any duration. Where a field occurs many times its schema is built once, because building schemas is a good part of every start. */
export const duration = durationWithin(0, Number.MAX_SAFE_INTEGER, "");

/** A whole number between two bounds, suffixes k, M and G allowed. */
export function count(minimum: number, maximum: number) {
  return z
    .union([z.number().meta({ type: "integer", minimum, maximum }), text(COUNT_PATTERN)], {
      error: "expected a count such as 1000, 10k, 1M or 1e6",
    })
    .transform(
      reading((value) => {
        const number = parseCount(value);
        if (number < minimum) throw new InputError(`${quote(value)} is too small: at least ${minimum}`);
        if (number > maximum) throw new InputError(`${quote(value)} is too large: at most ${maximum}`);
        return number;
      }),
    );
}

/** A rate a second, above 0. */
export const rate = z
  .string({ error: "expected a rate such as 2M/s" })
  .meta({ pattern: RATE_PATTERN })
  .transform(
    reading((value) => {
      const perSecond = parseRate(value);
      if (perSecond > 0) return perSecond;
      throw new InputError(`${quote(value)} is no rate: it must be above 0`);
    }),
  );

/** A plain number between two bounds, both included. */
export function number(minimum: number, maximum: number) {
  return z
    .number({ error: (issue) => `expected a number from ${minimum} to ${maximum}, not ${quote(issue.input)}` })
    .meta({ minimum, maximum })
    .transform(
      reading((value) => {
        if (value >= minimum && value <= maximum) return value;
        throw new InputError(`${quote(value)} is out of range: from ${minimum} to ${maximum}`);
      }),
    );
}

export const probability = number(0, 1);

/** One of a few names. */
export function choice<const Names extends readonly [string, ...string[]]>(names: Names) {
  return z
    .string({ error: `expected one of: ${names.join(", ")}` })
    .meta({ enum: names })
    .transform((value, context): Names[number] => {
      const found = names.find((name) => name === value);
      return found ?? report(context, `${quote(value)} is not one of: ${names.join(", ")}`, nearest(value, names));
    });
}

/** One line of text. */
export function line(maximumLength: number) {
  return z
    .string({ error: "expected text" })
    .meta({ maxLength: maximumLength })
    .transform(
      reading((value) => {
        if (/\p{Cc}/u.test(value)) throw new InputError(`${quote(value)} is not one line of text`);
        if (value.length > maximumLength)
          throw new InputError(`the text is too long: at most ${maximumLength} characters`);
        return value;
      }),
    );
}

/**
 * A mapping with exactly one of several fields, which says of which kind the value is; `override.ts` replaces the other
 * fields when one is set.
 */
export function oneOf<Shape extends Record<string, z.ZodType>>(shape: Shape) {
  const names = Object.keys(shape);
  return z
    .strictObject(shape)
    .partial()
    .meta({ minProperties: 1, maxProperties: 1 })
    .transform((value, context): z.output<Shape[keyof Shape]> => {
      const given: [string, unknown][] = Object.entries(value).filter(([, field]) => field !== undefined);
      const only = given.length === 1 ? given[0] : undefined;
      if (only !== undefined) return only[1] as z.output<Shape[keyof Shape]>;
      const found = given.length === 0 ? "none" : given.map(([name]) => name).join(" and ");
      return report(context, `expected exactly one of ${names.join(", ")}; found ${found}`, undefined);
    });
}
