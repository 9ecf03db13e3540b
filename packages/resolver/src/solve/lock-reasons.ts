import type { Namespace } from 'bunny-libos-namespace';
import type { LockedTarget } from 'bunny-libos-spec';
import semver from 'semver';
import { type Allows, asChosen, type HeldBack, heldBack, type Solved } from './held-back.js';
import type { Keeping } from './lock-aims.js';
import { type Lowered, reasonFor } from './lowered.js';

/** What a closure was chosen by. */
interface Choice {
  keep: Keeping;
  renewed: readonly string[];
  /** The oldest versions are preferred: nothing is held back by others. */
  lowest: boolean;
  /** `arch/platform` */
  target: string;
}

/** Why the components of a closure are what they are, told of those of which somebody might expect something newer. */
export class Reasons {
  readonly #solved: Solved;
  readonly #choice: Choice;

  constructor(solved: Solved, choice: Choice) {
    this.#solved = solved;
    this.#choice = choice;
  }

  /** What was named or is new, and is older than the Bunnyfile lets it be. */
  async held(): Promise<HeldBack[]> {
    const { keep, renewed, lowest, target } = this.#choice;
    if (lowest) return [];
    const { direct } = this.#solved;
    const anew = direct.filter((name) => !keep.pins.has(name));
    const names = [...new Set([...renewed, ...anew])];
    return heldBack(this.#solved, names, (name) => this.#allowsBeside(name), target);
  }

  /** What has become older than it was. */
  async lowered(before: LockedTarget, namespace: Pick<Namespace, 'component'>): Promise<Lowered[]> {
    const { lowest, target } = this.#choice;
    const found: Lowered[] = [];
    const others = asChosen(this.#solved, this.#solved.direct);
    for (const { name, version } of before.components) {
      const after = this.#solved.chosen.get(name)?.version;
      if (after === undefined || semver.gte(after, version)) continue;
      const because = lowest
        ? 'the lowest versions are asked for'
        : await reasonFor(this.#solved, { name, version }, namespace, others);
      found.push({ name, target, before: version, after, because });
    }
    return found;
  }

  /** What the others could have become when this one was chosen. */
  #allowsBeside(name: string): Allows {
    const { keep, renewed } = this.#choice;
    const { direct } = this.#solved;
    const at = renewed.indexOf(name);
    if (at < 0) return asChosen(this.#solved, keep.pins.size === 0 ? direct : keep.pins.keys());
    const before = asChosen(this.#solved, renewed.slice(0, at));
    return (candidate) => {
      const pin = keep.held.has(candidate.name) ? keep.pins.get(candidate.name) : undefined;
      const isOlder =
        pin !== undefined && candidate.version !== '' && semver.lt(candidate.version, pin.identity.version);
      return before(candidate) && !isOlder;
    };
  }
}

/** The same of several targets as one. */
export function joinHeld(all: readonly HeldBack[]): HeldBack[] {
  const found = new Map<string, HeldBack>();
  for (const { targets, ...what } of all) {
    const key = JSON.stringify(what);
    found.set(key, { ...what, targets: [...(found.get(key)?.targets ?? []), ...targets] });
  }
  return [...found.values()];
}
