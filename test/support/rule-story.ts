import { comeUp } from "../../bench/mutants/lives.js";
import { FAILURE, PENDING, SUCCESS, TraceWriter } from "../../bench/mutants/trace-writer.js";

export const AF = { af: "AF#0v1" };
export const SAP = { ...AF, sap: "SAP#0v1" };
export const VC = { ...AF, vc: "VC#0v1" };
export const FIRST = { ...VC, party: "PARTY#0" };
export const SECOND = { ...VC, party: "PARTY#1" };
export const OK = { status: SUCCESS };

/** Calls of one MCM, its client and one AF, each in a line; what is wrong is between them. */
export class Story extends TraceWriter {
  /** Of the next record. */
  expectedLine = 0;

  constructor() {
    super();
    comeUp(this, true);
  }

  /** The next record is the one that breaks the rule, or that began what is not done. */
  here(): this {
    this.expectedLine = this.lines.length + 1;
    return this;
  }

  open(): this {
    this.call("NdisClOpenAddressFamilyEx", { answer: SUCCESS, yields: AF }, () =>
      this.call("ProtocolCmOpenAf", { ...AF, answer: SUCCESS }),
    );
    this.call("ProtocolClOpenAfCompleteEx", { ...AF, ...OK, from: this.client });
    return this;
  }

  pendOpen(): this {
    this.call("NdisClOpenAddressFamilyEx", { answer: PENDING, yields: AF }, () =>
      this.call("ProtocolCmOpenAf", { ...AF, answer: PENDING }),
    );
    return this;
  }

  completeOpen(status = SUCCESS): this {
    if (status !== SUCCESS) this.release(this.cm);
    this.call("NdisMCmOpenAddressFamilyComplete", { ...AF, status }, () =>
      this.call("ProtocolClOpenAfCompleteEx", { ...AF, status }),
    );
    return this;
  }

  release(from: string): this {
    this.act("release", { ...AF, from });
    return this;
  }

  close(answer = PENDING): this {
    this.call("NdisClCloseAddressFamily", { ...AF, answer }, () => this.call("ProtocolCmCloseAf", { ...AF, answer }));
    return this;
  }

  /** NDIS fails it, and the client tells itself so. */
  failToClose(): this {
    this.call("NdisClCloseAddressFamily", { ...AF, answer: FAILURE });
    this.call("ProtocolClCloseAfComplete", { ...AF, status: FAILURE, from: this.client });
    return this;
  }

  completeClose(fields = {}): this {
    this.release(this.cm);
    this.call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK, ...fields }, () =>
      this.call("ProtocolClCloseAfComplete", { ...AF, ...OK }, () => this.release(this.client)),
    );
    return this;
  }

  registerSap(): this {
    this.call("NdisClRegisterSap", { ...AF, answer: SUCCESS, yields: SAP }, () =>
      this.call("ProtocolCmRegisterSap", { ...SAP, answer: SUCCESS }),
    );
    this.call("ProtocolClRegisterSapComplete", { ...SAP, ...OK, from: this.client });
    return this;
  }

  deregisterSap(answer = PENDING): this {
    this.call("NdisClDeregisterSap", { ...SAP, answer }, () =>
      this.call("ProtocolCmDeregisterSap", { ...SAP, answer }),
    );
    return this;
  }

  createVc(): this {
    this.call("NdisCoCreateVc", { ...AF, answer: SUCCESS, yields: VC }, () =>
      this.call("ProtocolCoCreateVc", { ...VC, to: this.cm, answer: SUCCESS }),
    );
    return this;
  }

  activate(): this {
    this.call("NdisMCmActivateVc", { ...VC, answer: SUCCESS });
    return this;
  }

  deactivate(answer = SUCCESS): this {
    this.call("NdisMCmDeactivateVc", { ...VC, answer });
    return this;
  }

  makeCall(handles: object = VC): this {
    this.call("NdisClMakeCall", { ...VC, answer: SUCCESS }, () =>
      this.call("ProtocolCmMakeCall", { ...handles, answer: SUCCESS }, () => this.activate()),
    );
    this.call("ProtocolClMakeCallComplete", { ...handles, ...OK, from: this.client });
    return this;
  }

  closeCall(answer = PENDING): this {
    this.call("NdisClCloseCall", { ...VC, answer }, () => this.call("ProtocolCmCloseCall", { ...VC, answer }));
    return this;
  }

  addParty(): this {
    this.call("NdisClAddParty", { ...VC, answer: SUCCESS, yields: SECOND }, () =>
      this.call("ProtocolCmAddParty", { ...SECOND, answer: SUCCESS }),
    );
    return this;
  }

  dropParty(party = SECOND, answer = PENDING): this {
    this.call(
      "NdisClDropParty",
      { ...party, answer },
      () => answer === FAILURE || this.call("ProtocolCmDropParty", { ...party, answer }),
    );
    return this;
  }

  notify(answer = PENDING, inside: () => void = () => {}): this {
    this.call("NdisMCmNotifyCloseAddressFamily", { ...AF, answer }, () =>
      this.call("ProtocolClNotifyCloseAf", { ...AF, answer }, inside),
    );
    return this;
  }

  completeNotify(told = SUCCESS): this {
    this.call("NdisClNotifyCloseAddressFamilyComplete", { ...AF, ...OK }, () =>
      this.call("ProtocolCmNotifyCloseAfComplete", { ...AF, status: told }),
    );
    return this;
  }
}

/** Tells a story. */
export type Tell = (s: Story) => void;

/** Of every rule a story that breaks it, and one that nearly does. */
export type Stories = Readonly<Record<string, readonly [breaks: Tell, nearly: Tell]>>;
