import { describe, expect, it } from "vitest";
import { batchMeans, studentLimits } from "./batch-means.js";
import { mm1SojournVariance } from "./closed-forms.js";
import { judge, MISS } from "./judge.js";
import { judgeModel } from "./judge-model.js";
import { describeModels } from "./latency-claims.js";
import { QUEUES } from "./models.js";

describeModels(QUEUES, "queues.md");

describe("batch means of M/M/1, 50 % busy", () => {
  it("vary as theory says of sojourns in a row, and not as independent sojourns would", () => {
    const serviceNs = 10_000;
    const sojournNs = 2 * serviceNs;
    const batches = 64;
    const squares = judgeModel(QUEUES[0]!).simulation.latencies.flatMap((sequence) => {
      const length = Math.floor(sequence.length / batches);
      return batchMeans(sequence, batches).map((mean) => length * (mean - sojournNs) ** 2);
    });
    const claim = {
      what: "variance of the mean of n, times n",
      predicted: mm1SojournVariance({ rate: 0.5 / serviceNs, serviceNs }),
      wrong: [{ theory: "independent sojourns", predicted: sojournNs ** 2 }],
    };
    expect(judge(claim, studentLimits(squares, MISS))).toMatchObject({ holds: true, notExcluded: [] });
  });
});
