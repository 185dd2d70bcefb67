import { FAILURE, NOT_ACCEPTED, PENDING, RESOURCES, SUCCESS } from "../../bench/mutants/trace-writer.js";
import { AF, OK, type Stories } from "./rule-story.js";

/** Rules of the groups irql, register, open, close and notify. */
export const AF_RULE_STORIES: Stories = {
  "irql/caller": [
    (s) =>
      s
        .open()
        .close()
        .here()
        .call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK, irql: "DEVICE_LEVEL" }),
    (s) => s.open().close().completeClose({ irql: "DISPATCH_LEVEL" }),
  ],
  "irql/callback": [
    (s) =>
      s
        .pendOpen()
        .call("NdisMCmOpenAddressFamilyComplete", { ...AF, ...OK }, () =>
          s.here().call("ProtocolClOpenAfCompleteEx", { ...AF, ...OK, irql: "DISPATCH_LEVEL" }),
        ),
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
    (s) =>
      s.call("MiniportInitializeEx", { adapter: 1, answer: SUCCESS }, () =>
        s.call("NdisMCmRegisterAddressFamilyEx", { adapter: 1, answer: SUCCESS }),
      ),
  ],
  "register/duplicate": [(s) => s.here().call("NdisMCmRegisterAddressFamilyEx", { answer: FAILURE }), (s) => s.open()],
  "register/fan-out": [(s) => s.here().call("ProtocolCoAfRegisterNotify"), (s) => s.open()],

  "open/completes-once": [
    (s) =>
      s
        .pendOpen()
        .here()
        .call("ProtocolClOpenAfCompleteEx", { ...AF, ...OK, from: s.client }),
    (s) => s.pendOpen().completeOpen(),
  ],
  "open/status": [
    (s) =>
      s
        .pendOpen()
        .here()
        .call("NdisMCmOpenAddressFamilyComplete", { ...AF, status: PENDING }),
    (s) => s.pendOpen().completeOpen(RESOURCES).call("NdisUnbindAdapter", { answer: SUCCESS }),
  ],
  "open/context": [
    (s) =>
      s
        .pendOpen()
        .here()
        .call("NdisMCmOpenAddressFamilyComplete", { ...AF, ...OK, context: null }),
    (s) =>
      s
        .pendOpen()
        .call("NdisMCmOpenAddressFamilyComplete", { ...AF, ...OK, context: "0x1" }, () =>
          s.call("ProtocolClOpenAfCompleteEx", { ...AF, ...OK }),
        ),
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
    (s) =>
      s
        .open()
        .here()
        .call("NdisMCmOpenAddressFamilyComplete", { ...AF, ...OK }),
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
    (s) =>
      s
        .pendOpen()
        .here()
        .call("NdisClRegisterSap", { ...AF, answer: FAILURE }),
    (s) => s.pendOpen().completeOpen().registerSap(),
  ],
  "open/failed-unbind": [
    (s) =>
      s
        .pendOpen()
        .release(s.cm)
        .call("NdisMCmOpenAddressFamilyComplete", { ...AF, status: RESOURCES }, () =>
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

  "close/outstanding": [
    (s) => s.open().registerSap().here().failToClose(),
    (s) => s.open().registerSap().deregisterSap().close(),
  ],
  "close/redundant": [
    (s) =>
      s
        .open()
        .close()
        .here()
        .call("NdisClCloseAddressFamily", { ...AF, answer: FAILURE }),
    (s) => s.open().close(),
  ],
  "close/client-stale": [
    (s) =>
      s
        .open()
        .close()
        .completeClose()
        .here()
        .call("NdisClCloseAddressFamily", { ...AF, answer: FAILURE }),
    (s) => s.open().notify().close().completeClose().completeNotify(),
  ],
  "close/blocked": [
    (s) =>
      s
        .open()
        .close()
        .here()
        .act("wait", { ...AF, irql: "DISPATCH_LEVEL" }),
    (s) => s.open().close().act("wait", AF),
  ],
  "close/completes-once": [
    (s) =>
      s
        .open()
        .close()
        .here()
        .call("ProtocolClCloseAfComplete", { ...AF, ...OK, from: s.client }),
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
      s.open()
        .here()
        .close()
        .release(s.cm)
        .call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK }, () =>
          s.call("ProtocolClCloseAfComplete", { ...AF, ...OK }),
        );
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
    (s) =>
      s
        .open()
        .registerSap()
        .deregisterSap()
        .close()
        .release(s.cm)
        .here()
        .call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK }),
    (s) => s.open().registerSap().deregisterSap(SUCCESS).close().completeClose(),
  ],
  "close/owed": [
    (s) => s.open().here().close(),
    (s) => {
      s.open().close().wait(12e9);
      s.completeClose();
    },
  ],
  "close/complete-status": [
    (s) =>
      s
        .open()
        .close()
        .here()
        .call("NdisMCmCloseAddressFamilyComplete", { ...AF, status: FAILURE }),
    (s) => s.open().close().completeClose(),
  ],
  "close/not-pended": [
    (s) =>
      s
        .open()
        .here()
        .call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK }),
    (s) => s.open().close().completeClose(),
  ],
  "close/double-complete": [
    (s) =>
      s
        .open()
        .close()
        .completeClose()
        .here()
        .call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK }),
    (s) => s.open().close().completeClose(),
  ],
  "close/cm-stale": [
    (s) =>
      s
        .open()
        .close()
        .completeClose()
        .here()
        .call("NdisMCmNotifyCloseAddressFamily", { ...AF, answer: FAILURE }),
    // The handle of an MCM lives until its completion call returns.
    (s) => {
      s.open()
        .close()
        .release(s.cm)
        .call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK }, () => {
          s.call("NdisMCmNotifyCloseAddressFamily", { ...AF, answer: FAILURE });
          s.call("ProtocolClCloseAfComplete", { ...AF, ...OK }, () => s.release(s.client));
        });
    },
  ],
  "close/family": [
    (s) =>
      s
        .open()
        .close()
        .here()
        .call("NdisCmCloseAddressFamilyComplete", { ...AF, ...OK }),
    (s) => s.open().close().completeClose(),
  ],
  "close/cm-leak": [
    (s) =>
      s
        .open()
        .here()
        .close()
        .call("NdisMCmCloseAddressFamilyComplete", { ...AF, ...OK }, () =>
          s.call("ProtocolClCloseAfComplete", { ...AF, ...OK }, () => s.release(s.client)),
        ),
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
    (s) =>
      s
        .open()
        .notify()
        .close()
        .here()
        .call("NdisClNotifyCloseAddressFamilyComplete", { ...AF, ...OK }),
    (s) => s.open().notify().close().completeClose().completeNotify(),
  ],
  "notify/completes-once": [
    (s) => {
      s.open()
        .notify()
        .close()
        .completeClose()
        .call("NdisClNotifyCloseAddressFamilyComplete", { ...AF, ...OK }, () =>
          s.here().call("ProtocolCmNotifyCloseAfComplete", { ...AF, status: FAILURE }),
        );
    },
    (s) =>
      s.open().notify(SUCCESS, () =>
        s
          .close(SUCCESS)
          .release(s.cm)
          .call("ProtocolClCloseAfComplete", { ...AF, ...OK, from: s.client }, () => s.release(s.client)),
      ),
  ],
};
