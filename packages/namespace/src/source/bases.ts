import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { joinReference, type Network, parseReference, type Target } from 'bunny-libos-oci';
import { BunnyError, exitStatus, type RegistrySource } from 'bunny-libos-spec';
import { FailoverTarget, type Place } from './failover-target.js';
import { SourceHealth } from './source-health.js';
import type { TransferObserver } from './transfer-observer.js';

const layoutPrefix = 'oci:';

export interface BasesOptions {
  /** Opens repositories. */
  network: Pick<Network, 'open'>;
  /** Told once of each base that fails while another is asked in its place. */
  onWarning?: ((text: string) => void) | undefined;
  observer?: TransferObserver | undefined;
  /** Layouts that are not there are an error to who reads names, not empty: `requireThere`. */
  mustExist?: boolean | undefined;
}

/**
 * The base references that a command reads from or writes to, in order: `host/namespace`, `oci:DIR`, each
 * with its mirrors. Relative layout directories are relative to `directory`, the Bunnyfile's: that is how a
 * lock names them. Targets are opened once and shared, so that their connections and tokens are too.
 */
export class Bases {
  /** Without the mirrors. */
  readonly references: readonly string[];
  readonly #options: BasesOptions;
  readonly #mirrors = new Map<string, readonly string[]>();
  readonly #directory: string;
  readonly #network: Pick<Network, 'open'>;
  readonly #observer: TransferObserver | undefined;
  readonly #health: SourceHealth;
  readonly #mustExist: boolean;
  readonly #targets = new Map<string, Target>();

  constructor(references: readonly (string | RegistrySource)[], directory: string, options: BasesOptions) {
    this.#options = options;
    const sources = references.map((each) => (typeof each === 'string' ? { ref: each, mirrors: [] } : each));
    this.references = sources.map(({ ref }) => ref);
    for (const { ref, mirrors } of sources) this.#mirrors.set(ref, mirrors);
    this.#directory = directory;
    this.#network = options.network;
    this.#observer = options.observer;
    this.#mustExist = options.mustExist ?? false;
    this.#health = new SourceHealth(options.onWarning);
  }

  /** These bases, or where there are none, the given ones, opened in the same way. */
  orElse(references: readonly string[]): Bases {
    if (this.references.length > 0) return this;
    return new Bases(references, this.#directory, this.#options);
  }

  /**
   * To be called before a base is asked which names it has. Throws BUNNY_ENOTFOUND where it is an image layout that
   * must be there and is not, and no mirror stands in for it: a disk that is not mounted must not count as a registry
   * that has nothing, as the next base could take its names over then.
   */
  requireThere(base: string): void {
    if (!this.#mustExist || this.#mirrorsOf(base).length > 0) return;
    const place = parseReference(rebaseReference(base, this.#directory, '/'));
    if (place.kind === 'registry' || existsSync(join(place.directory, 'oci-layout'))) return;
    throw new BunnyError('BUNNY_ENOTFOUND', `there is no image layout in ${place.directory}`, {
      where: base,
      hint: 'correct the reference, mount what should be there, or publish to it first',
      exitStatus: exitStatus.unsatisfiable,
    });
  }

  /**
   * The repository of a component (or of `tooling`, `catalog`) under a base, for reading what is there and
   * for writing. Mirrors of the base stand in where it cannot be reached.
   */
  repository(base: string, framework: string, name: string): Target {
    const first = this.#place(base, framework, name);
    const mirrors = this.#mirrorsOf(base).map((each) => this.#place(each, framework, name));
    return mirrors.length === 0 ? first.target : new FailoverTarget(first, mirrors, { health: this.#health });
  }

  /**
   * Where content of a repository under `base` can be read, best first; digests tell that it is the same
   * everywhere. A base of this command comes with its mirrors before it, then the other bases; a base that
   * only a lock names comes after all of them, as whoever leaves it out wants another one asked.
   */
  sources(base: string, framework: string, name: string): Target[] {
    const places = this.#contentPlaces(base, framework, name);
    return places.map((place, index) => {
      const next = places[index + 1]?.base;
      if (next === undefined && this.#observer === undefined) return place.target;
      return new FailoverTarget(place, [], { health: this.#health, next, observer: this.#observer });
    });
  }

  /** The same sources as one target, to copy from. */
  anySource(base: string, framework: string, name: string): Target {
    const [first, ...others] = this.#contentPlaces(base, framework, name);
    if (first === undefined) return this.repository(base, framework, name);
    return new FailoverTarget(first, others, { health: this.#health });
  }

  #contentPlaces(base: string, framework: string, name: string): Place[] {
    const others = this.references.filter((reference) => reference !== base);
    const ordered = others.length === this.references.length ? [...others, base] : [base, ...others];
    const bases = new Set(ordered.flatMap((each) => [...this.#mirrorsOf(each), each]));
    return [...bases].map((each) => this.#place(each, framework, name));
  }

  #mirrorsOf(base: string): readonly string[] {
    return this.#mirrors.get(base) ?? [];
  }

  #place(base: string, framework: string, name: string): Place {
    const reference = joinReference(rebaseReference(base, this.#directory, '/'), `${framework}/${name}`);
    const target = this.#targets.get(reference) ?? this.#network.open(reference);
    this.#targets.set(reference, target);
    return { base, target };
  }
}

/**
 * Rewrites a layout reference that is relative to `from` so that it is relative to `to` (absolute where
 * `to` is `/`). Registry references and absolute directories stay as they are.
 */
export function rebaseReference(reference: string, from: string, to: string): string {
  if (!reference.startsWith(layoutPrefix)) return reference;
  const [, directory = '', rest = ''] = /^([^:]*)(.*)$/s.exec(reference.slice(layoutPrefix.length)) ?? [];
  if (isAbsolute(directory)) return reference;
  const absolute = resolve(from, directory);
  const rebased = to === '/' ? absolute : relative(to, absolute) || '.';
  return `${layoutPrefix}${rebased}${rest}`;
}
