const TABLE_MIN = 1 << 8;
/** Of an entry: machine, slot, and the id + 1, 0 where nothing is. */
const ENTRY_WORDS = 3;

/** Of every slot of our simulator the AF that was opened last: open addressing with linear probing. */
export class SlotTable {
  #entries = new Uint32Array(TABLE_MIN * ENTRY_WORDS);
  #count = 0;

  /** An AF of this slot is opened; the one before it, or -1. */
  take(machine: number, slot: number, id: number): number {
    const at = this.#placeOf(machine, slot);
    const past = this.#entries[at + 2]! - 1;
    if (past < 0) this.#count++;
    this.#put(at, machine, slot, id + 1);
    if (this.#count * 2 * ENTRY_WORDS > this.#entries.length) this.#grow();
    return past;
  }

  /** Where the entry of a slot is, or is to be. */
  #placeOf(machine: number, slot: number): number {
    const entries = this.#entries;
    const mask = entries.length / ENTRY_WORDS - 1;
    const hash = Math.imul(slot ^ Math.imul(machine, 0x85eb_ca6b), 0x9e37_79b1);
    for (let n = (hash ^ (hash >>> 15)) & mask; ; n = (n + 1) & mask) {
      const at = n * ENTRY_WORDS;
      if (entries[at + 2] === 0 || (entries[at] === machine && entries[at + 1] === slot)) return at;
    }
  }

  #put(at: number, machine: number, slot: number, entry: number): void {
    this.#entries[at] = machine;
    this.#entries[at + 1] = slot;
    this.#entries[at + 2] = entry;
  }

  #grow(): void {
    const old = this.#entries;
    this.#entries = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += ENTRY_WORDS) {
      const [machine, slot, entry] = [old[at]!, old[at + 1]!, old[at + 2]!];
      if (entry !== 0) this.#put(this.#placeOf(machine, slot), machine, slot, entry);
    }
  }
}
