import { FAILURE, NOT_ACCEPTED, PENDING, RESOURCES, SUCCESS } from "../../bench/mutants/trace-writer.js";
import { AF, FIRST, OK, SAP, SECOND, type Stories, VC } from "./rule-story.js";

/** Rules of the groups sap, vc, call and party. */
export const OBJECT_RULE_STORIES: Stories = {
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
    (s) =>
      s
        .open()
        .registerSap()
        .deregisterSap()
        .call("NdisMCmDeregisterSapComplete", { ...SAP, ...OK }),
  ],
  "sap/stale": [
    (s) =>
      s
        .open()
        .registerSap()
        .deregisterSap()
        .here()
        .call("NdisClDeregisterSap", { ...SAP, answer: FAILURE }),
    (s) => s.open().registerSap().deregisterSap(),
  ],
  "sap/closing": [
    (s) => {
      const frame = s.begin("NdisClDeregisterSap", s.open().registerSap().close() && SAP);
      s.here().end("NdisClDeregisterSap", frame, PENDING, SAP);
    },
    (s) =>
      s
        .open()
        .registerSap()
        .close()
        .call("NdisClDeregisterSap", { ...SAP, answer: FAILURE }),
  ],

  "vc/create": [
    (s) => {
      const frame = s.begin("NdisCoCreateVc", s.open() && AF);
      const ask = s.begin("ProtocolCoCreateVc", { ...VC, to: s.cm, parent: frame });
      s.here().end("ProtocolCoCreateVc", ask, PENDING, VC);
    },
    (s) =>
      s
        .open()
        .call("NdisCoCreateVc", { ...AF, answer: RESOURCES }, () =>
          s.call("ProtocolCoCreateVc", { ...VC, to: s.cm, answer: RESOURCES }),
        ),
  ],
  "vc/delete": [
    (s) =>
      s
        .open()
        .createVc()
        .makeCall()
        .here()
        .call("NdisCoDeleteVc", { ...VC, answer: NOT_ACCEPTED }),
    (s) =>
      s
        .open()
        .createVc()
        .call("NdisCoDeleteVc", { ...VC, answer: SUCCESS }),
  ],
  "vc/activate": [
    (s) => s.open().createVc().here().call("NdisCoSendNetBufferLists", VC),
    (s) => s.open().createVc().makeCall().call("NdisCoSendNetBufferLists", VC),
  ],
  "vc/order": [
    (s) => {
      s.open().call("NdisMCmCreateVc", { ...AF, answer: SUCCESS, yields: VC }, () =>
        s.call("ProtocolCoCreateVc", { ...VC, answer: SUCCESS }),
      );
      s.here().call("NdisMCmDispatchIncomingCall", { ...VC, answer: PENDING });
    },
    (s) => {
      s.open().call("NdisMCmCreateVc", { ...AF, answer: SUCCESS, yields: VC }, () =>
        s.call("ProtocolCoCreateVc", { ...VC, answer: SUCCESS }),
      );
      s.activate().call("NdisMCmDispatchIncomingCall", { ...VC, answer: PENDING });
    },
  ],
  "vc/deactivate": [
    (s) => s.open().createVc().here().deactivate(NOT_ACCEPTED),
    (s) => s.open().createVc().activate().deactivate(),
  ],

  "call/make": [
    (s) =>
      s
        .open()
        .createVc()
        .makeCall()
        .here()
        .call("NdisClMakeCall", { ...VC, answer: FAILURE }),
    // One that has failed may be made again.
    (s) => {
      s.open()
        .createVc()
        .call("NdisClMakeCall", { ...VC, answer: FAILURE }, () =>
          s.call("ProtocolCmMakeCall", { ...VC, answer: FAILURE }),
        );
      s.makeCall();
    },
  ],
  "call/owed": [
    (s) => s.open().createVc().makeCall().here().closeCall(),
    (s) =>
      s
        .open()
        .createVc()
        .makeCall()
        .closeCall()
        .deactivate()
        .call("NdisMCmCloseCallComplete", { ...VC, ...OK }),
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
    (s) =>
      s
        .open()
        .createVc()
        .makeCall()
        .call("ProtocolClIncomingCloseCall", { ...VC, ...OK }, () => s.closeCall()),
  ],
  "party/drop": [
    (s) => s.open().createVc().makeCall(FIRST).addParty().dropParty(SECOND, SUCCESS).here().dropParty(FIRST, FAILURE),
    (s) => s.open().createVc().makeCall(FIRST).addParty().dropParty(FIRST, SUCCESS),
  ],
};
