/**
 * What the schema of scenarios, and that of results, need of zod. The build bundles this file in its place (rolldown.config.js): most of zod, which takes
 * a tenth of a second to load, is then left out. Unbundled it does the same.
 */
export {
  array,
  boolean,
  exactOptional,
  literal,
  looseObject,
  NEVER,
  number,
  object,
  record,
  strictObject,
  string,
  toJSONSchema,
  tuple,
  union,
  type core,
  type input,
  type output,
  type RefinementCtx,
  type ZodType,
} from "zod";
