/** The lives of SAPs, VCs and parties, as a trace tells them. */
import type { CallName } from "../../src/contract/calls.js";
import type { TraceRecord } from "../../src/contract/reference-trace.js";

type Letters = readonly (readonly [RegExp, string])[];

/** What happens to a SAP. */
const OF_SAP: Letters = [
  [/^ProtocolCmRegisterSap$/, "R"],
  [/^NdisM?CmRegisterSapComplete$/, "c"],
  [/^ProtocolClRegisterSapComplete$/, "C"],
  [/^NdisM?CmDispatchIncomingCall$/, "i"],
  [/^ProtocolClIncomingCall$/, "I"],
  [/^NdisClDeregisterSap$/, "d"],
  [/^ProtocolCmDeregisterSap$/, "D"],
  [/^NdisM?CmDeregisterSapComplete$/, "e"],
  [/^ProtocolClDeregisterSapComplete$/, "E"],
];

/** To a VC and its call. */
const OF_VC: Letters = [
  [/^ProtocolCoCreateVc$/, "c"],
  [/^NdisClMakeCall$/, "m"],
  [/^ProtocolCmMakeCall$/, "M"],
  [/^NdisM?CmActivateVc$/, "a"],
  [/^ProtocolCmActivateVcComplete$/, "A"],
  [/^NdisM?CmMakeCallComplete$/, "x"],
  [/^ProtocolClMakeCallComplete$/, "X"],
  [/^NdisM?CmDispatchIncomingCall$/, "i"],
  [/^ProtocolClIncomingCall$/, "I"],
  [/^NdisClIncomingCallComplete$/, "j"],
  [/^ProtocolCmIncomingCallComplete$/, "J"],
  [/^NdisM?CmDispatchCallConnected$/, "k"],
  [/^ProtocolClCallConnected$/, "K"],
  [/^NdisM?CmDispatchIncomingCloseCall$/, "e"],
  [/^ProtocolClIncomingCloseCall$/, "E"],
  [/^NdisClCloseCall$/, "q"],
  [/^ProtocolCmCloseCall$/, "Q"],
  [/^NdisM?CmDeactivateVc$/, "d"],
  [/^ProtocolCmDeactivateVcComplete$/, "D"],
  [/^NdisM?CmCloseCallComplete$/, "z"],
  [/^ProtocolClCloseCallComplete$/, "Z"],
  [/^Ndis(MCm|Co)DeleteVc$/, "w"],
  [/^ProtocolCoDeleteVc$/, "W"],
];

/** To a party, and to the call that the first party of one comes and goes with. */
const OF_PARTY: Letters = [
  [/^ProtocolCmAddParty$/, "B"],
  [/^NdisM?CmAddPartyComplete$/, "b"],
  [/^ProtocolClAddPartyComplete$/, "P"],
  [/^NdisM?CmDispatchIncomingDropParty$/, "h"],
  [/^ProtocolClIncomingDropParty$/, "H"],
  [/^NdisClDropParty$/, "r"],
  [/^ProtocolCmDropParty$/, "R"],
  [/^NdisM?CmDropPartyComplete$/, "s"],
  [/^ProtocolClDropPartyComplete$/, "S"],
  ...OF_VC.filter(([, letter]) => "MxXqQzZ".includes(letter)),
];

/** The lives of all objects of a kind, by machine and handle: the calls about each, a letter for every one. */
export function objectLives(kind: "sap" | "vc" | "party", trace: readonly TraceRecord[]): Map<string, string> {
  const letters = { sap: OF_SAP, vc: OF_VC, party: OF_PARTY }[kind];
  const lives = new Map<string, string>();
  for (const record of trace) {
    if (record.op !== "call" || record[kind] === undefined) continue;
    // A party's calls are about its VC, too.
    if (kind === "vc" && isOfParty(record.call)) continue;
    const letter = letters.find(([name]) => name.test(record.call))?.[1];
    if (letter === undefined) throw new Error(`${record.call} has a ${kind}`);
    const key = `${record.machine}:${record[kind]}`;
    lives.set(key, (lives.get(key) ?? "") + letter);
  }
  return lives;
}

const isOfParty = (call: CallName): boolean => call.includes("Party");
