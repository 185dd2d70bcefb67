import { draw, machineKey, PURPOSE, saysYes } from "./draw.js";
import { OPERATIONS, type OperationName } from "./operations.js";
import type { ReferenceClientObjects, ReferenceOperation, ReferenceSetup } from "./reference-layout.js";
import type { AfObject, Vc } from "./reference-objects.js";
import { sampleTicks, type SamplerTable } from "./sampler.js";

type ObjectPurpose = "operationPends" | "operationService" | "callFails" | "callLasts" | "remote" | "gap";

/** What chance decides of the SAPs, VCs, calls and parties of one machine (MODEL-OBJECTS.md, "Draws"). */
export class ReferenceObjectLuck {
  readonly #keys: Readonly<Record<ObjectPurpose, bigint>>;

  constructor(
    { scenario: { seed } }: ReferenceSetup,
    /** What clients have on their AFs. */
    readonly objects: ReferenceClientObjects,
    machine: number,
  ) {
    const keyOf = (purpose: ObjectPurpose): bigint => machineKey(seed, machine, PURPOSE[purpose]);
    this.#keys = {
      operationPends: keyOf("operationPends"),
      operationService: keyOf("operationService"),
      callFails: keyOf("callFails"),
      callLasts: keyOf("callLasts"),
      remote: keyOf("remote"),
      gap: keyOf("gap"),
    };
  }

  /** Until the next call of a VC. */
  gap(vc: Vc): number {
    return sampleTicks(this.objects.gap, this.#draw("gap", vc));
  }

  /** How long a call is connected. */
  lasts(vc: Vc): number {
    return sampleTicks(this.objects.lasts, this.#draw("callLasts", vc));
  }

  /** Whether the network ends a call. */
  endsRemotely(vc: Vc): boolean {
    return saysYes(this.#draw("remote", vc), this.objects.remoteThreshold);
  }

  callFails(vc: Vc): boolean {
    return saysYes(this.#draw("callFails", vc), vc.slot.callManager.profile.callFailThreshold);
  }

  /** Whether the client rejects an incoming call. */
  rejects(vc: Vc): boolean {
    return saysYes(this.#draw("callFails", vc), this.objects.rejectThreshold);
  }

  pends(object: AfObject, operation: OperationName): boolean {
    const { number } = OPERATIONS[operation];
    return saysYes(this.#draw("operationPends", object, number), this.#profile(object, operation).pendThreshold);
  }

  service(object: AfObject, operation: OperationName): number {
    const { number } = OPERATIONS[operation];
    const table: SamplerTable = this.#profile(object, operation).service;
    return sampleTicks(table, this.#draw("operationService", object, number));
  }

  #profile({ slot }: AfObject, operation: OperationName): ReferenceOperation {
    const { profile } = OPERATIONS[operation];
    return profile === "answer" ? this.objects.answer : slot.callManager.profile.operations[profile];
  }

  #draw(purpose: ObjectPurpose, { index, generation }: AfObject, n = 0): bigint {
    return draw(this.#keys[purpose], index, generation, n);
  }
}
