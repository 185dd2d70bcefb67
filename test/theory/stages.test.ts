import { describeModels } from "./latency-claims.js";
import { STAGES } from "./models.js";

describeModels(STAGES, "stages.md");
