import { isAbsolute, relative, resolve } from 'node:path';
import { joinReference, openTarget, type Target, type TargetOptions } from '@bunny/oci';

const layoutPrefix = 'oci:';

/**
 * The base references that a command reads from or writes to, in order: `host/namespace`, `oci:DIR`.
 * Relative layout directories are relative to `directory`, the Bunnyfile's: that is how a lock names
 * them. Targets are opened once and shared, so that their connections and tokens are too.
 */
export class Bases {
  readonly references: readonly string[];
  readonly #directory: string;
  readonly #options: TargetOptions;
  readonly #targets = new Map<string, Target>();

  constructor(references: readonly string[], directory: string, options: TargetOptions = {}) {
    this.references = references;
    this.#directory = directory;
    this.#options = options;
  }

  /** The repository of a component (or of `tooling`, `catalog`) under a base. */
  repository(base: string, framework: string, name: string): Target {
    const reference = joinReference(rebaseReference(base, this.#directory, '/'), `${framework}/${name}`);
    const opened = this.#targets.get(reference);
    if (opened !== undefined) return opened;
    const target = openTarget(reference, this.#options);
    this.#targets.set(reference, target);
    return target;
  }

  /** The repository under `base` first, then under every other base: mirrors hold the same digests. */
  sources(base: string, framework: string, name: string): Target[] {
    const others = this.references.filter((reference) => reference !== base);
    return [base, ...others].map((each) => this.repository(each, framework, name));
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
