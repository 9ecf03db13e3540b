/** How often something is written that others write at the same time. */
const maximumRounds = 20;

/** How one round of `writeUntilComplete` looks and writes. */
export interface Rounds<T> {
  /** What still has to be written; undefined where what is there has it all. */
  look(round: number): Promise<T | undefined>;
  write(missing: T): Promise<void>;
  /** What to throw where others write it without pause. */
  giveUp(): Error;
}

/**
 * Writes what others may write at the same time: registries have no compare-and-swap, so whoever writes last would undo the
 * others' work. Looks, writes what is missing, and looks again, until nothing is: writers of one instant all find each
 * other, as the last of them sees everything that was there before.
 */
export async function writeUntilComplete<T>({ look, write, giveUp }: Rounds<T>): Promise<void> {
  for (let round = 0; round < maximumRounds; round++) {
    const missing = await look(round);
    if (missing === undefined) return;
    await write(missing);
    await pause(round);
  }
  throw giveUp();
}

/** Writers that met once should not meet again. */
function pause(round: number): Promise<void> {
  return new Promise((done) => setTimeout(done, Math.random() * 20 * round));
}
