/** The checks across fields of a scenario with SAPs, VCs, calls and parties as objects. */
import { type Check, probabilityCheck } from "./check.js";
import { OBJECTS_PER_TABLE_MAX } from "./limits.js";
import type { Path } from "./load.js";
import type { CallManagerProfile, CountDistribution, Distribution, Scenario } from "./scenario.js";
import { formatCount } from "./units.js";

const OPERATIONS = ["sap", "call", "vc", "party"] as const;

const isNone = (count: CountDistribution) => (count.kind === "constant" ? count.count : count.mean) === 0;

/** The largest of a machine's tables of objects. */
function largestTable({ client: { objects }, topology }: Scenario): number {
  if (objects === null) return 0;
  const { saps, calls, incoming, parties } = objects;
  const vcs = calls + incoming;
  return Math.ceil(topology.afs / topology.machines) * Math.max(saps, parties === 0 ? vcs : vcs * (parties + 1));
}

/** Of the whole scenario. */
export const OBJECT_CHECKS: readonly Check<Scenario>[] = [
  probabilityCheck(["client", "objects", "remote"], ({ client }) => client.objects?.remote ?? 0),
  probabilityCheck(["client", "objects", "answer", "pend"], ({ client }) => client.objects?.answer.pend ?? 0),
  probabilityCheck(["client", "objects", "answer", "reject"], ({ client }) => client.objects?.answer.reject ?? 0),
  {
    at: [
      ["client", "objects"],
      ["client", "outstanding"],
    ],
    holds: ({ client: { objects, outstanding } }) =>
      objects === null || (isNone(outstanding.vcs) && isNone(outstanding.saps)),
    message: () => "with objects the numbers of client.outstanding must be 0: what is on an AF is given once",
  },
  {
    at: [
      ["client", "objects", "incoming"],
      ["client", "objects", "saps"],
    ],
    holds: ({ client: { objects } }) => objects === null || objects.incoming === 0 || objects.saps > 0,
    message: () => "incoming calls need a SAP: client.objects.saps must be 1 at least",
  },
  {
    at: [
      ["client", "objects"],
      ["topology", "afs"],
    ],
    holds: (scenario) => largestTable(scenario) <= OBJECTS_PER_TABLE_MAX,
    message: (scenario) =>
      `${formatCount(largestTable(scenario))} objects of a kind in one machine are too many: at most ${OBJECTS_PER_TABLE_MAX}`,
  },
];

/** Of a call manager profile. */
export const OBJECT_PROFILE_CHECKS: readonly Check<CallManagerProfile>[] = [
  ...OPERATIONS.map((name) =>
    probabilityCheck<CallManagerProfile>(["objects", name, "pend"], ({ objects }) => objects[name].pend),
  ),
  probabilityCheck(["objects", "call", "fail"], ({ objects }) => objects.call.fail),
];

/** The times of objects, and where they stand. */
export function objectDistributions(
  { client: { objects }, callManagers }: Scenario,
  profilePath: (index: number) => Path,
): [Path, Distribution][] {
  const ofClient: [Path, Distribution][] =
    objects === null
      ? []
      : [
          [["client", "objects", "gap"], objects.gap],
          [["client", "objects", "lasts"], objects.lasts],
          [["client", "objects", "answer", "service"], objects.answer.service],
        ];
  const ofProfiles = callManagers.flatMap((profile, index) =>
    OPERATIONS.map((name): [Path, Distribution] => [
      [...profilePath(index), "objects", name, "service"],
      profile.objects[name].service,
    ]),
  );
  return [...ofClient, ...ofProfiles];
}
