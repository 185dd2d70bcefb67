import type { CallManagerProfile, Distribution, Operation, Scenario } from "../scenario/scenario.js";

/**
 * Trace records: of an operation that is not pended, the calls of both drivers and that of the first one of itself; one that is pended is completed, and
 * the first one told inside of that. All else is two calls, one of which may be inside the other.
 */
const OPERATION_RECORDS = { synchronous: 6, pended: 8 };
const EXCHANGE_RECORDS = 4;

/** What the objects of an AF add to a trace. */
export interface ObjectMeans {
  /** Records at an open and at a close. */
  readonly openRecords: number;
  readonly closeRecords: number;
  /** Records in a nanosecond for which an AF is open. */
  readonly recordsPerOpenNs: number;
  /** From the end of an AF's hold to its close. */
  readonly teardownNs: number;
}

const NONE: ObjectMeans = { openRecords: 0, closeRecords: 0, recordsPerOpenNs: 0, teardownNs: 0 };

function recordsOf({ pend }: Operation): number {
  return (1 - pend) * OPERATION_RECORDS.synchronous + pend * OPERATION_RECORDS.pended;
}

/**
 * The means of a scenario's objects, as if everything lasted exponentially: then each step of a call comes before the end of its AF's hold with a
 * probability that follows from both means.
 */
export function objectMeansOf(scenario: Scenario, meanOf: (distribution: Distribution) => number): ObjectMeans {
  const { client, callManagers } = scenario;
  if (client.objects === null) return NONE;
  const weights = callManagers.reduce((sum, { weight }) => sum + weight, 0);
  const average = (of: (profile: CallManagerProfile) => number): number =>
    callManagers.reduce((sum, profile) => sum + (profile.weight / weights) * of(profile), 0);
  const time = ({ pend, service }: Operation): number => (pend === 0 ? 0 : pend * meanOf(service));
  const served = (name: "sap" | "call" | "vc" | "party") => ({
    records: average(({ objects }) => recordsOf(objects[name])),
    ns: average(({ objects }) => time(objects[name])),
  });
  const { saps, calls, incoming, parties, remote, answer } = client.objects;
  const [sap, call, vc, party] = [served("sap"), served("call"), served("vc"), served("party")];
  const holdNs = Math.max(meanOf(client.hold), scenario.tickNs);
  const [gapNs, lastsNs] = [meanOf(client.objects.gap), meanOf(client.objects.lasts)];
  const before = (ns: number): number => holdNs / (holdNs + ns);
  const fail = average(({ objects }) => objects.call.fail);
  // Creating and deleting a VC, and activating and deactivating it.
  const ofVc = 2 * EXCHANGE_RECORDS;
  const ofActivity = 2 * EXCHANGE_RECORDS;
  const ofClose = call.records + remote * EXCHANGE_RECORDS;
  const ofParties = parties * (2 * party.records + remote * EXCHANGE_RECORDS);
  const kinds = [
    {
      count: calls,
      records: ofVc + call.records + (1 - fail) * (ofActivity + ofParties + ofClose),
      // A call that fails lasts for no time.
      steps: [call.ns + vc.ns, (1 - fail) * lastsNs, (parties === 0 ? 0 : party.ns) + call.ns],
    },
    {
      count: incoming,
      records: ofVc + ofActivity + recordsOf(answer) + (1 - answer.reject) * (EXCHANGE_RECORDS + ofClose),
      steps: [vc.ns + time(answer), (1 - answer.reject) * lastsNs, call.ns],
    },
  ];
  const perLifecycle = kinds.reduce((sum, { count, records, steps }) => {
    const first = before(gapNs);
    const again = steps.reduce((share, ns) => share * before(ns), first);
    return sum + (count * records * first) / Math.max(1 - again, Number.MIN_VALUE);
  }, 0);
  return {
    openRecords: saps * sap.records,
    closeRecords: saps * sap.records,
    recordsPerOpenNs: perLifecycle / holdNs,
    teardownNs: calls + incoming === 0 ? 0 : call.ns + (parties === 0 ? 0 : party.ns),
  };
}
