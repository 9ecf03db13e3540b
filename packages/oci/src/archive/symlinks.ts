import { type Node, refusal } from './tree.js';

/** A place in a tree, or where one would be. */
interface Place {
  /** From the root on. */
  parts: string[];
  /** How many of the parts, from the first on, are directories of the tree: below others there is nothing to look up. */
  known: number;
}

/** A symlink that is being followed. */
interface Step {
  link: string;
  at: Place;
  /** Parts of the target that are still to be gone, the next one last. */
  waiting: string[];
}

/** Nothing of a tree is so deep: what would be there leads nowhere. */
const deepest = 4096;

/**
 * Throws BUNNY_EARCHIVE where a symlink, followed through all others, leaves the root. Absolute targets
 * begin at the root where `absolute` says that the tree is a root filesystem; else they leave it. Each link is
 * followed once, so that time is bounded by the length of their targets.
 */
export function checkSymlinks(nodes: ReadonlyMap<string, Node>, absolute: boolean): void {
  const walk = new Walk(nodes, absolute);
  for (const [path, node] of nodes) if (node.kind === 'symlink') walk.follow(path, node.target);
}

class Walk {
  readonly #nodes: ReadonlyMap<string, Node>;
  readonly #absolute: boolean;
  /** Where the links lead that were followed; undefined for those in a circle, or into one, which lead nowhere. */
  readonly #ends = new Map<string, Place | undefined>();
  #steps: Step[] = [];

  constructor(nodes: ReadonlyMap<string, Node>, absolute: boolean) {
    this.#nodes = nodes;
    this.#absolute = absolute;
  }

  follow(path: string, target: string): void {
    if (this.#ends.has(path)) return;
    this.#enter(path, target);
    for (let step = this.#steps.at(-1); step !== undefined; step = this.#steps.at(-1)) {
      const part = step.waiting.pop();
      if (part === undefined) this.#arrive(step);
      else if (part === '..') this.#up(step);
      else if (part !== '' && part !== '.') this.#down(step, part);
    }
  }

  #enter(link: string, target: string): void {
    if (target.startsWith('/') && !this.#absolute) throw outward(link, target);
    const parts = target.startsWith('/') ? [] : link.split('/').slice(0, -1);
    const waiting = target.split('/').reverse();
    // Entered already, and marked as one that leads nowhere unless it comes to its end.
    this.#ends.set(link, undefined);
    this.#steps.push({ link, at: { parts, known: parts.length }, waiting });
  }

  #arrive({ link, at }: Step): void {
    this.#ends.set(link, at);
    this.#steps.pop();
    const above = this.#steps.at(-1);
    if (above !== undefined) above.at = copyOf(at);
  }

  #up({ link, at }: Step): void {
    if (at.parts.pop() === undefined) throw outward(link, '..');
    at.known = Math.min(at.known, at.parts.length);
  }

  #down(step: Step, part: string): void {
    const { at } = step;
    const path = at.known === at.parts.length ? [...at.parts, part].join('/') : undefined;
    const node = path === undefined ? undefined : this.#nodes.get(path);
    if (path === undefined || node?.kind !== 'symlink') {
      at.parts.push(part);
      if (node?.kind === 'directory') at.known++;
      if (at.parts.length > deepest) this.#steps = [];
      return;
    }
    if (!this.#ends.has(path)) {
      this.#enter(path, node.target);
      return;
    }
    const end = this.#ends.get(path);
    if (end === undefined) this.#steps = [];
    else step.at = copyOf(end);
  }
}

function copyOf({ parts, known }: Place): Place {
  return { parts: [...parts], known };
}

function outward(link: string, target: string): Error {
  return refusal(link, `link out of its root, to ${JSON.stringify(target.slice(0, 300))}`);
}
