/** How a user writes what is on an AF, as objects (src/contract/MODEL-OBJECTS.md), and how call managers serve it. */
import * as z from "./zod.js";
import { distribution } from "./distribution-schema.js";
import { count, probability } from "./fields.js";
import { OBJECTS_PER_KIND_MAX } from "./limits.js";

const objectCount = (description: string) => count(0, OBJECTS_PER_KIND_MAX).prefault(0).meta({ description });

/** An operation that a driver may pend. */
const operation = (what: string, pend: number, service: string) => ({
  pend: probability.prefault(pend).meta({ description: `Probability that ${what} is pended.` }),
  service: distribution
    .prefault({ exponential: service })
    .meta({ description: "From there to its completion, when it is pended." }),
});

/** What clients have on each AF. */
export const clientObjects = z.strictObject({
  saps: objectCount("SAPs that it registers after an open."),
  calls: objectCount("VCs for outgoing calls, each with one call after the other."),
  incoming: objectCount("VCs on which the call manager offers calls, each with one call after the other."),
  parties: objectCount("Parties that it adds to each outgoing call, beside the first."),
  gap: distribution
    .prefault({ exponential: "100us" })
    .meta({ description: "From an open, or from the end of a call, to the next call on the same VC." }),
  lasts: distribution
    .prefault({ exponential: "200us" })
    .meta({ description: "From a call's connection to its end, if the AF is not closed before." }),
  remote: probability
    .prefault(0.5)
    .meta({ description: "Probability that the network ends a call, and not the client." }),
  answer: z
    .strictObject({
      ...operation("the answer to an incoming call", 0, "20us"),
      reject: probability.prefault(0).meta({ description: "Probability that an incoming call is rejected." }),
    })
    .prefault({})
    .meta({ description: "How it answers incoming calls." }),
});

/** How call managers serve that. */
export const callManagerObjects = z.strictObject({
  sap: z
    .strictObject(operation("the registration or deregistration of a SAP", 1, "20us"))
    .prefault({})
    .meta({ description: "How it registers and deregisters SAPs." }),
  call: z
    .strictObject({
      ...operation("the making or the closing of a call", 1, "50us"),
      fail: probability.prefault(0).meta({ description: "Probability that an outgoing call fails." }),
    })
    .prefault({})
    .meta({ description: "How it makes and closes calls." }),
  vc: z
    .strictObject(operation("the activation of a VC, or its deactivation by a stand-alone call manager,", 0, "10us"))
    .prefault({})
    .meta({ description: "How VCs are activated and deactivated." }),
  party: z
    .strictObject(operation("the adding or dropping of a party", 1, "20us"))
    .prefault({})
    .meta({ description: "How it adds and drops parties." }),
});
