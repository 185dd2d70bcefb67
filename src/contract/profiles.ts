/** Deals profiles to this many adapters by smooth weighted round robin (MODEL.md "Objects"): the index of each one's profile. */
export function dealProfiles(weights: readonly number[], adapters: number): number[] {
  const credits = weights.map(() => 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: adapters }, () => {
    let winner = 0;
    for (let i = 0; i < weights.length; i++) {
      credits[i]! += weights[i]!;
      if (credits[i]! > credits[winner]!) winner = i;
    }
    credits[winner]! -= total;
    return winner;
  });
}
