/** Where the documents disagree or are silent, the two ways to read them (src/contract/MODEL-DRIVERS.md "Readings", and MODEL-OBJECTS.md); the first is the default. */
export const READINGS = {
  /** Whether ProtocolCmCloseAf may return NDIS_STATUS_NOT_ACCEPTED while work is outstanding: its remarks say so, its table of returns does not. */
  notAcceptedClose: ["legal", "table"],
  /** When a call manager's handle expires: at the return of the completion call for an MCM and at the call for a stand-alone one, or at the call for both. */
  handleExpiry: ["perRole", "atCall"],
  /** Whether a client's handle is dead after a close that failed, or may be closed again. */
  failedClose: ["dead", "retry"],
  /** Which closes reach the call manager: those of AFs on which every object's close or deregister was called, or all. */
  outstandingClose: ["called", "forwarded"],
  /** What a client leaves alone while an open is pended: the AF that is being opened, or every AF of the binding. */
  openScope: ["af", "binding"],
  /** From when on a client may release its context: its ProtocolClCloseAfComplete, or the call manager's completion call. */
  clientRelease: ["atCompletion", "fromCompletionCall"],
  /** What becomes of a close notification that meets an AF which is closing: NDIS fails it, or delivers it all the same. */
  notifyDuringClose: ["fails", "delivered"],
  /** Whether a VC whose call was closed may make another one: the page of closing a call says no, those of its completion and of deactivation yes. */
  vcReuse: ["never", "allowed"],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

export type Switch = keyof typeof READINGS;

/** A reading of each. */
export type Readings = { readonly [Name in Switch]: (typeof READINGS)[Name][number] };

/** What is read where a scenario says nothing else. */
export const DEFAULT_READINGS: Readings = {
  notAcceptedClose: "legal",
  handleExpiry: "perRole",
  failedClose: "dead",
  outstandingClose: "called",
  openScope: "af",
  clientRelease: "atCompletion",
  notifyDuringClose: "fails",
  vcReuse: "never",
};
