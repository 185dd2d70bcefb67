import { PENDING, SUCCESS, type TraceWriter } from "./trace-writer.js";

/** What a life does where it has a choice: a number from 0 on, below n. */
export type Choose = (n: number) => number;

/** A life goes on in steps, between which those of others come. */
export type Life = Generator<void, void, void>;

/** How the objects of one AF are named, and who is about. */
export interface Actors {
  readonly w: TraceWriter;
  readonly choose: Choose;
  readonly isMcm: boolean;
  readonly af: string;
}

export const form = ({ isMcm }: Actors, name: string): string => (isMcm ? `NdisMCm${name}` : `NdisCm${name}`);
export const often = ({ choose }: Actors): boolean => choose(2) === 1;

/** An operation that the other driver answers at once or pends; `ask` null: NDIS answers. The request has the handles of `asked` only when it takes them. */
export function* operate(
  actors: Actors,
  names: {
    readonly request: string;
    readonly ask: string;
    readonly complete: string;
    readonly tell: string;
    readonly by?: "client" | "cm";
  },
  requested: Record<string, string>,
  asked: Record<string, string>,
  result = SUCCESS,
  inside: () => void = () => {},
  before: () => Life = function* () {},
): Life {
  const { w } = actors;
  const isPended = often(actors);
  const isEarly = isPended && actors.choose(6) === 0;
  const answer = isPended ? PENDING : result;
  const completion = (): void =>
    w.call(names.complete, { ...asked, status: result }, () => w.call(names.tell, { ...asked, status: result }));
  w.call(names.request, { ...requested, answer, yields: asked }, () => {
    w.call(names.ask, { ...asked, answer }, () => {
      if (!isPended || isEarly) inside();
      if (isEarly) completion();
    });
  });
  if (!isPended) {
    const self = names.by === "cm" ? w.cm : w.client;
    w.call(names.tell, { ...asked, from: self, to: self, status: result });
  } else if (!isEarly) {
    yield;
    yield* before();
    inside();
    completion();
  }
}
