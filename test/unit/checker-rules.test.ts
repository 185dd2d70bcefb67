import { describe, expect, it } from "vitest";
import { comeUp } from "../../bench/mutants/lives.js";
import { FAILURE, NOT_ACCEPTED, PENDING, RESOURCES, SUCCESS, TraceWriter } from "../../bench/mutants/trace-writer.js";
import { type RuleId, RULES } from "../../src/contract/rules.js";
import { checkRecords } from "../support/check-trace.js";

const AF = { af: "AF#0v1" };
const SAP = { ...AF, sap: "SAP#0v1" };
const VC = { ...AF, vc: "VC#0v1" };
const FIRST = { ...VC, party: "PARTY#0" };
const SECOND = { ...VC, party: "PARTY#1" };
const OK = { status: SUCCESS };

/** Calls of one MCM, its client and one AF, each in a line; what is wrong is between them. */
class Story extends TraceWriter {
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
    this.call("NdisClOpenAddressFamilyEx", { answer: SUCCESS, yields: AF }, () => this.call("ProtocolCmOpenAf", { ...AF, answer: SUCCESS }));
    this.call("ProtocolClOpenAfCompleteEx", { ...AF, ...OK, from: this.client });
    return this;
  }

  pendOpen(): this {
    this.call("NdisClOpenAddressFamilyEx", { answer: PENDING, yields: AF }, () => this.call("ProtocolCmOpenAf", { ...AF, answer: PENDING }));
    return this;
  }

  completeOpen(status = SUCCESS): this {
    if (status !== SUCCESS) this.release(this.cm);
    this.call("NdisMCmOpenAddressFamilyComplete", { ...AF, status }, () => this.call("ProtocolClOpenAfCompleteEx", { ...AF, status }));
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
    this.call("NdisClRegisterSap", { ...AF, answer: SUCCESS, yields: SAP }, () => this.call("ProtocolCmRegisterSap", { ...SAP, answer: SUCCESS }));
    this.call("ProtocolClRegisterSapComplete", { ...SAP, ...OK, from: this.client });
    return this;
  }

  deregisterSap(answer = PENDING): this {
    this.call("NdisClDeregisterSap", { ...SAP, answer }, () => this.call("ProtocolCmDeregisterSap", { ...SAP, answer }));
    return this;
  }

  createVc(): this {
    this.call("NdisCoCreateVc", { ...AF, answer: SUCCESS, yields: VC }, () => this.call("ProtocolCoCreateVc", { ...VC, to: this.cm, answer: SUCCESS }));
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
    this.call("NdisClMakeCall", { ...VC, answer: SUCCESS }, () => this.call("ProtocolCmMakeCall", { ...handles, answer: SUCCESS }, () => this.activate()));
    this.call("ProtocolClMakeCallComplete", { ...handles, ...OK, from: this.client });
    return this;
  }

  closeCall(answer = PENDING): this {
    this.call("NdisClCloseCall", { ...VC, answer }, () => this.call("ProtocolCmCloseCall", { ...VC, answer }));
    return this;
  }

  addParty(): this {
    this.call("NdisClAddParty", { ...VC, answer: SUCCESS, yields: SECOND }, () => this.call("ProtocolCmAddParty", { ...SECOND, answer: SUCCESS }));
    return this;
  }

  dropParty(party = SECOND, answer = PENDING): this {
    this.call("NdisClDropParty", { ...party, answer }, () => answer === FAILURE || this.call("ProtocolCmDropParty", { ...party, answer }));
    return this;
  }

  notify(answer = PENDING, inside: () => void = () => {}): this {
    this.call("NdisMCmNotifyCloseAddressFamily", { ...AF, answer }, () => this.call("ProtocolClNotifyCloseAf", { ...AF, answer }, inside));
    return this;
  }

  completeNotify(told = SUCCESS): this {
    this.call("NdisClNotifyCloseAddressFamilyComplete", { ...AF, ...OK }, () => this.call("ProtocolCmNotifyCloseAfComplete", { ...AF, status: told }));
    return this;
  }
}

type Tell = (s: Story) => void;

/** Of every rule a story that breaks it, and one that nearly does. */
const STORIES: Readonly<Record<RuleId, readonly [breaks: Tell, nearly: Tell]>> = {
  "irql/caller": [
    (s) => s.open().close().here().call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK, irql: "DEVICE_LEVEL" }),
    (s) => s.open().close().completeClose({ irql: "DISPATCH_LEVEL" }),
  ],
  "irql/callback": [
    (s) => s.pendOpen().call("NdisMCmOpenAddressFamilyComplete", { ...AF, ...OK }, () => s.here().call("ProtocolClOpenAfCompleteEx", { ...AF, ...OK, irql: "DISPATCH_LEVEL" })),
    (s) => {
      s.pendOpen().call("NdisMCmOpenAddressFamilyComplete", { ...AF, ...OK, irql: "DISPATCH_LEVEL" });
      s.call("ProtocolClOpenAfCompleteEx", { ...AF, ...OK });
    },
  ],
  "register/place": [
    (s) => {
      s.call("MiniportInitializeEx", { adapter: 1, answer: SUCCESS });
      s.here().call("NdisMCmRegisterAddressFamilyEx", { adapter: 1, answer: SUCCESS });
    },
    (s) => s.call("MiniportInitializeEx", { adapter: 1, answer: SUCCESS }, () => s.call("NdisMCmRegisterAddressFamilyEx", { adapter: 1, answer: SUCCESS })),
  ],
  "register/duplicate": [(s) => s.here().call("NdisMCmRegisterAddressFamilyEx", { answer: FAILURE }), (s) => s.open()],
  "register/fan-out": [(s) => s.here().call("ProtocolCoAfRegisterNotify"), (s) => s.open()],

  "open/completes-once": [
    (s) => s.pendOpen().here().call("ProtocolClOpenAfCompleteEx", { ...AF, ...OK, from: s.client }),
    (s) => s.pendOpen().completeOpen(),
  ],
  "open/status": [
    (s) => s.pendOpen().here().call("NdisMCmOpenAddressFamilyComplete", { ...AF, status: PENDING }),
    (s) => s.pendOpen().completeOpen(RESOURCES).call("NdisUnbindAdapter", { answer: SUCCESS }),
  ],
  "open/context": [
    (s) => s.pendOpen().here().call("NdisMCmOpenAddressFamilyComplete", { ...AF, ...OK, context: null }),
    (s) => s.pendOpen().call("NdisMCmOpenAddressFamilyComplete", { ...AF, ...OK, context: "0x1" }, () => s.call("ProtocolClOpenAfCompleteEx", { ...AF, ...OK })),
  ],
  "open/owed": [
    (s) => {
      const frame = s.begin("NdisClOpenAddressFamilyEx");
      s.within(frame, () => s.here().call("ProtocolCmOpenAf", { ...AF, answer: PENDING }));
      s.end("NdisClOpenAddressFamilyEx", frame, PENDING, AF);
    },
    (s) => {
      s.pendOpen().wait(11e9);
      s.completeOpen();
    },
  ],
  "open/not-pended": [
    (s) => s.open().here().call("NdisMCmOpenAddressFamilyComplete", { ...AF, ...OK }),
    // Another processor may be faster than the return.
    (s) => {
      const frame = s.begin("NdisClOpenAddressFamilyEx");
      const ask = s.begin("ProtocolCmOpenAf", { ...AF, parent: frame });
      s.completeOpen();
      s.end("ProtocolCmOpenAf", ask, PENDING, AF);
      s.end("NdisClOpenAddressFamilyEx", frame, PENDING, AF);
    },
  ],
  "open/use-before-complete": [
    (s) => s.pendOpen().here().call("NdisClRegisterSap", { ...AF, answer: FAILURE }),
    (s) => s.pendOpen().completeOpen().registerSap(),
  ],
  "open/failed-unbind": [
    (s) =>
      s.pendOpen().release(s.cm).call("NdisMCmOpenAddressFamilyComplete", { ...AF, status: RESOURCES }, () =>
        s.here().call("ProtocolClOpenAfCompleteEx", { ...AF, status: RESOURCES }),
      ),
    (s) => s.pendOpen().completeOpen(RESOURCES).call("NdisUnbindAdapter", { answer: SUCCESS }),
  ],
  "open/failed-handle": [
    (s) => {
      s.pendOpen().completeOpen(RESOURCES).call("NdisUnbindAdapter", { answer: SUCCESS });
      s.here().failToClose();
    },
    (s) => s.pendOpen().completeOpen(RESOURCES).call("NdisUnbindAdapter", { answer: SUCCESS }),
  ],

  "close/outstanding": [(s) => s.open().registerSap().here().failToClose(), (s) => s.open().registerSap().deregisterSap().close()],
  "close/redundant": [(s) => s.open().close().here().call("NdisClCloseAddressFamily", { ...AF, answer: FAILURE }), (s) => s.open().close()],
  "close/client-stale": [
    (s) => s.open().close().completeClose().here().call("NdisClCloseAddressFamily", { ...AF, answer: FAILURE }),
    (s) => s.open().notify().close().completeClose().completeNotify(),
  ],
  "close/blocked": [
    (s) => s.open().close().here().act("wait", { ...AF, irql: "DISPATCH_LEVEL" }),
    (s) => s.open().close().act("wait", AF),
  ],
  "close/completes-once": [
    (s) => s.open().close().here().call("ProtocolClCloseAfComplete", { ...AF, ...OK, from: s.client }),
    // On another processor, before NdisClCloseAddressFamily has returned.
    (s) => {
      const frame = s.begin("NdisClCloseAddressFamily", s.open() && AF);
      const ask = s.begin("ProtocolCmCloseAf", { ...AF, parent: frame });
      s.completeClose();
      s.end("ProtocolCmCloseAf", ask, PENDING, AF);
      s.end("NdisClCloseAddressFamily", frame, PENDING, AF);
    },
  ],
  "close/context-early": [(s) => s.open().close().here().release(s.client), (s) => s.open().close().completeClose()],
  "close/context-leak": [
    (s) => {
      s.open().here().close().release(s.cm).call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK }, () => s.call("ProtocolClCloseAfComplete", { ...AF, ...OK }));
    },
    (s) => s.open().close().completeClose(),
  ],
  "close/unbind": [
    (s) => {
      s.open().call("ProtocolUnbindAdapterEx", { answer: PENDING });
      s.here().call("NdisCloseAdapterEx", { answer: SUCCESS });
    },
    (s) => {
      s.open().call("ProtocolUnbindAdapterEx", { answer: PENDING });
      s.close().completeClose().call("NdisCloseAdapterEx", { answer: SUCCESS });
    },
  ],
  "close/status": [
    (s) => {
      const frame = s.begin("NdisClCloseAddressFamily", s.open() && AF);
      const ask = s.begin("ProtocolCmCloseAf", { ...AF, parent: frame });
      s.here().end("ProtocolCmCloseAf", ask, NOT_ACCEPTED, AF);
      s.end("NdisClCloseAddressFamily", frame, NOT_ACCEPTED, AF);
      s.call("ProtocolClCloseAfComplete", { ...AF, status: NOT_ACCEPTED, from: s.client });
    },
    (s) => {
      s.open().registerSap().deregisterSap().close(NOT_ACCEPTED);
      s.call("ProtocolClCloseAfComplete", { ...AF, status: NOT_ACCEPTED, from: s.client });
    },
  ],
  "close/undrained": [
    (s) => s.open().registerSap().deregisterSap().close().release(s.cm).here().call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK }),
    (s) => s.open().registerSap().deregisterSap(SUCCESS).close().completeClose(),
  ],
  "close/owed": [
    (s) => s.open().here().close(),
    (s) => {
      s.open().close().wait(12e9);
      s.completeClose();
    },
  ],
  "close/complete-status": [(s) => s.open().close().here().call("NdisMCmCloseAddressFamilyComplete", { ...AF, status: FAILURE }), (s) => s.open().close().completeClose()],
  "close/not-pended": [(s) => s.open().here().call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK }), (s) => s.open().close().completeClose()],
  "close/double-complete": [(s) => s.open().close().completeClose().here().call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK }), (s) => s.open().close().completeClose()],
  "close/cm-stale": [
    (s) => s.open().close().completeClose().here().call("NdisMCmNotifyCloseAddressFamily", { ...AF, answer: FAILURE }),
    // The handle of an MCM lives until its completion call returns.
    (s) => {
      s.open().close().release(s.cm).call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK }, () => {
        s.call("NdisMCmNotifyCloseAddressFamily", { ...AF, answer: FAILURE });
        s.call("ProtocolClCloseAfComplete", { ...AF, ...OK }, () => s.release(s.client));
      });
    },
  ],
  "close/family": [(s) => s.open().close().here().call("NdisCmCloseAddressFamilyComplete", { ...AF, ...OK }), (s) => s.open().close().completeClose()],
  "close/cm-leak": [
    (s) => s.open().here().close().call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK }, () => s.call("ProtocolClCloseAfComplete", { ...AF, ...OK }, () => s.release(s.client))),
    (s) => s.open().close().completeClose(),
  ],
  "close/adapter": [
    (s) => {
      s.open().call("ProtocolUnbindAdapterEx", { answer: PENDING });
      s.close().here().call("NdisCloseAdapterEx", { answer: PENDING });
    },
    (s) => {
      s.open().call("ProtocolUnbindAdapterEx", { answer: PENDING });
      s.close().completeClose().call("NdisCloseAdapterEx", { answer: SUCCESS });
    },
  ],

  "notify/required": [
    (s) => {
      const frame = s.begin("MiniportHaltEx", s.open() && {});
      s.here().end("MiniportHaltEx", frame);
    },
    (s) => {
      const frame = s.begin("MiniportHaltEx", s.open() && {});
      s.within(frame, () => s.notify().close().completeClose().completeNotify());
      s.end("MiniportHaltEx", frame);
    },
  ],
  "notify/order": [
    (s) => s.open().registerSap().createVc().makeCall().notify().here().deregisterSap(),
    (s) => s.open().registerSap().createVc().makeCall().notify().closeCall().deregisterSap(),
  ],
  "notify/owed": [
    (s) => s.open().notify().close().here().call("NdisClNotifyCloseAddressFamilyComplete", { ...AF, ...OK }),
    (s) => s.open().notify().close().completeClose().completeNotify(),
  ],
  "notify/completes-once": [
    (s) => {
      s.open().notify().close().completeClose().call("NdisClNotifyCloseAddressFamilyComplete", { ...AF, ...OK }, () =>
        s.here().call("ProtocolCmNotifyCloseAfComplete", { ...AF, status: FAILURE }),
      );
    },
    (s) => s.open().notify(SUCCESS, () => s.close(SUCCESS).release(s.cm).call("ProtocolClCloseAfComplete", { ...AF, ...OK, from: s.client }, () => s.release(s.client))),
  ],

  "sap/status": [
    (s) => {
      const frame = s.begin("NdisClRegisterSap", s.open() && AF);
      const ask = s.begin("ProtocolCmRegisterSap", { ...SAP, parent: frame });
      s.here().end("ProtocolCmRegisterSap", ask, NOT_ACCEPTED, SAP);
    },
    (s) => {
      s.open().call("NdisClRegisterSap", { ...AF, answer: "NDIS_STATUS_INVALID_DATA" }, () =>
        s.call("ProtocolCmRegisterSap", { ...SAP, answer: "NDIS_STATUS_INVALID_DATA" }),
      );
    },
  ],
  "sap/owed": [
    (s) => s.open().registerSap().here().deregisterSap(),
    (s) => s.open().registerSap().deregisterSap().call("NdisMCmDeregisterSapComplete", { ...SAP, ...OK }),
  ],
  "sap/stale": [(s) => s.open().registerSap().deregisterSap().here().call("NdisClDeregisterSap", { ...SAP, answer: FAILURE }), (s) => s.open().registerSap().deregisterSap()],
  "sap/closing": [
    (s) => {
      const frame = s.begin("NdisClDeregisterSap", s.open().registerSap().close() && SAP);
      s.here().end("NdisClDeregisterSap", frame, PENDING, SAP);
    },
    (s) => s.open().registerSap().close().call("NdisClDeregisterSap", { ...SAP, answer: FAILURE }),
  ],

  "vc/create": [
    (s) => {
      const frame = s.begin("NdisCoCreateVc", s.open() && AF);
      const ask = s.begin("ProtocolCoCreateVc", { ...VC, to: s.cm, parent: frame });
      s.here().end("ProtocolCoCreateVc", ask, PENDING, VC);
    },
    (s) => s.open().call("NdisCoCreateVc", { ...AF, answer: RESOURCES }, () => s.call("ProtocolCoCreateVc", { ...VC, to: s.cm, answer: RESOURCES })),
  ],
  "vc/delete": [
    (s) => s.open().createVc().makeCall().here().call("NdisCoDeleteVc", { ...VC, answer: NOT_ACCEPTED }),
    (s) => s.open().createVc().call("NdisCoDeleteVc", { ...VC, answer: SUCCESS }),
  ],
  "vc/activate": [
    (s) => s.open().createVc().here().call("NdisCoSendNetBufferLists", VC),
    (s) => s.open().createVc().makeCall().call("NdisCoSendNetBufferLists", VC),
  ],
  "vc/order": [
    (s) => {
      s.open().call("NdisMCmCreateVc", { ...AF, answer: SUCCESS, yields: VC }, () => s.call("ProtocolCoCreateVc", { ...VC, answer: SUCCESS }));
      s.here().call("NdisMCmDispatchIncomingCall", { ...VC, answer: PENDING });
    },
    (s) => {
      s.open().call("NdisMCmCreateVc", { ...AF, answer: SUCCESS, yields: VC }, () => s.call("ProtocolCoCreateVc", { ...VC, answer: SUCCESS }));
      s.activate().call("NdisMCmDispatchIncomingCall", { ...VC, answer: PENDING });
    },
  ],
  "vc/deactivate": [(s) => s.open().createVc().here().deactivate(NOT_ACCEPTED), (s) => s.open().createVc().activate().deactivate()],

  "call/make": [
    (s) => s.open().createVc().makeCall().here().call("NdisClMakeCall", { ...VC, answer: FAILURE }),
    // One that has failed may be made again.
    (s) => {
      s.open().createVc().call("NdisClMakeCall", { ...VC, answer: FAILURE }, () => s.call("ProtocolCmMakeCall", { ...VC, answer: FAILURE }));
      s.makeCall();
    },
  ],
  "call/owed": [
    (s) => s.open().createVc().makeCall().here().closeCall(),
    (s) => s.open().createVc().makeCall().closeCall().deactivate().call("NdisMCmCloseCallComplete", { ...VC, ...OK }),
  ],
  "call/close": [
    (s) => {
      s.open().createVc().makeCall().call("NdisCoSendNetBufferLists", VC);
      s.here().closeCall();
    },
    (s) => {
      s.open().createVc().makeCall().call("NdisCoSendNetBufferLists", VC);
      s.call("ProtocolCoSendNetBufferListsComplete", VC);
      s.closeCall();
    },
  ],
  "call/incoming-close": [
    (s) => {
      const frame = s.begin("ProtocolClIncomingCloseCall", s.open().createVc().makeCall() && { ...VC, ...OK });
      s.here().end("ProtocolClIncomingCloseCall", frame, undefined, VC);
    },
    (s) => s.open().createVc().makeCall().call("ProtocolClIncomingCloseCall", { ...VC, ...OK }, () => s.closeCall()),
  ],
  "party/drop": [
    (s) => s.open().createVc().makeCall(FIRST).addParty().dropParty(SECOND, SUCCESS).here().dropParty(FIRST, FAILURE),
    (s) => s.open().createVc().makeCall(FIRST).addParty().dropParty(FIRST, SUCCESS),
  ],
};

function tell(how: Tell, isDrained: boolean, id: RuleId) {
  const story = new Story();
  how(story);
  // A SAP that is left on an AF which is closing comes up only where NDIS forwards every close.
  const readings = id === "sap/closing" ? ({ outstandingClose: "forwarded" } as const) : {};
  const verdict = checkRecords(story.lines, { readings, end: () => ({ timeNs: story.timeNs, isDrained }) });
  return { story, verdict };
}

/** Of these a story can only show the breach when nothing is left to happen. */
const IS_OWED: ReadonlySet<string> = new Set(["open/owed", "close/owed", "sap/owed", "call/owed", "close/context-leak", "close/cm-leak"]);

describe("the checker, told by hand", () => {
  it.each(RULES)("flags $id at its line", ({ id }) => {
    const { story, verdict } = tell(STORIES[id][0], IS_OWED.has(id), id);
    expect(story.expectedLine).toBeGreaterThan(0);
    const found = verdict.findings.map(({ rule, line }) => `${line} ${rule}`);
    expect(found).toContain(`${story.expectedLine} ${id}`);
    if (!IS_OWED.has(id)) expect(new Set(verdict.findings.map(({ rule }) => rule))).toEqual(new Set([id]));
  });

  it.each(RULES)("does not flag what nearly breaks $id", ({ id }) => {
    expect(tell(STORIES[id][1], false, id).verdict.findings).toEqual([]);
  });

  it.each(RULES.filter(({ id }) => IS_OWED.has(id)))("leaves $id undecided while its deadline has not passed", ({ id }) => {
    const { verdict } = tell(STORIES[id][0], false, id);
    expect(verdict.findings).toEqual([]);
    expect(verdict.undecided).toBeGreaterThan(0);
  });
});
