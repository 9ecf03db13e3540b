import { joinReference } from 'bunny-libos-oci';
import { type Lock, toolingRepository } from 'bunny-libos-spec';
import { canonicalRepository } from '../signatures/canonical-repository.js';
import type { Subject } from '../signatures/claims.js';

/** One artifact that a lock pins: a variant of a component, or the tooling layer. */
export interface LockedSubject extends Subject {
  layerHash: string;
  /** The component's name, or `tooling`. */
  name: string;
  version: string;
  /** Of the manifest, in bytes. */
  size: number;
  /** Base reference that the lock has it from. */
  from: string;
}

/** All that the targets of a lock pin, each once, by name and version. Throws BUNNY_EREFERENCE for a base that is none. */
export function lockedSubjects({ framework, targets }: Pick<Lock, 'framework' | 'targets'>): LockedSubject[] {
  const subjects = new Map<string, LockedSubject>();
  for (const { tooling, components } of targets) {
    for (const { name, version, digest, size, layerHash, from } of [
      { ...tooling, name: toolingRepository },
      ...components,
    ]) {
      const repository = canonicalRepository(joinReference(from, `${framework}/${name}`));
      subjects.set(`${repository}@${digest}`, { name, version, digest, size, layerHash, from, repository });
    }
  }
  const order = ({ name, version, digest }: LockedSubject) => `${name}\n${version}\n${digest}`;
  return [...subjects.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}
