import type { LaneEnd } from "../run/lane.js";

/** What comes back from a lane. One that answers nothing has died. */
export type LaneReply = ({ readonly kind: "done" } & LaneEnd) | { readonly kind: "lane-failed"; readonly text: string };
