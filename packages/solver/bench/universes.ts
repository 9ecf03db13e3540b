import type { Candidate, Requirement } from '../src/search/universe.js';

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A universe on its own, with what an app asks of it. */
export interface Generated {
  candidates: Candidate[];
  requirements: Record<string, Requirement>;
}

export interface Shape {
  components: number;
  versions: number;
  /** How many others a component needs at most; five unless said. */
  dependencies?: number;
  /** Share of the dependencies that leave out the newest versions, so that wishes collide and older versions must be tried. */
  narrow: number;
  /** How many components the app itself asks for. */
  wishes: number;
  seed: number;
}

/**
 * Components like those of a package registry: each needs some others that come before it, a few
 * popular ones more often. The oldest versions need nothing narrow, so there is a closure.
 */
export function generate({
  components,
  versions,
  dependencies: most = 5,
  narrow,
  wishes,
  seed,
}: Shape): Generated {
  const random = randomNumbers(seed);
  const candidates: Candidate[] = [];
  for (let i = 0; i < components; i++) {
    const names = dependenciesOf(i, most, random);
    for (let minor = 0; minor < versions; minor++) {
      const dependencies: Record<string, Requirement> = {};
      for (const name of names) {
        const low = Math.floor(random() * Math.min(minor + 1, versions / 2));
        const high = low + 1 + Math.floor(random() * (versions - low - 1));
        const isNarrow = random() < narrow && minor > 0;
        dependencies[name] = {
          version: isNarrow ? `>=1.${low}.0 <1.${high}.0` : `^1.${minor > 0 ? low : 0}.0`,
        };
      }
      const version = `1.${minor}.0`;
      candidates.push({ name: nameOf(i), version, id: version, dependencies });
    }
  }
  const requirements: Record<string, Requirement> = {};
  for (let i = 0; i < wishes; i++) {
    requirements[nameOf(components - 1 - Math.floor((random() * components) / 4))] = { version: '^1.0.0' };
  }
  return { candidates, requirements };
}

export function nameOf(index: number): string {
  return `c${String(index).padStart(6, '0')}`;
}

function dependenciesOf(index: number, most: number, random: () => number): string[] {
  const names = new Set<string>();
  const count = Math.floor(random() * (most + 1));
  for (let i = 0; i < count && index > 0; i++) {
    const popular = random() < 0.3;
    names.add(nameOf(Math.floor(random() * (popular ? Math.min(index, 1 + index / 20) : index))));
  }
  return [...names];
}
