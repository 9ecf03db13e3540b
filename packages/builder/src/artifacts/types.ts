import { BunnyError, exitStatus, type Position } from 'bunny-libos-spec';
import type { ArtifactType } from './artifact.js';
import { elf } from './elf.js';
import { oci } from './oci.js';

/** Every artifact type. */
const types: readonly ArtifactType[] = [elf, oci];

/**
 * The types of these names, each once; the first of `named`, which the rules of a target name, where none is asked for.
 * Throws BUNNY_EARTIFACT where there is no such type, or images of this kind (`what`) are not made so.
 */
export function artifactTypes(
  asked: readonly string[] | undefined,
  named: readonly string[],
  what: string,
  where: Position | string,
): ArtifactType[] {
  const possible = types.filter(({ type, isForAll }) => isForAll === true || named.includes(type));
  const wanted = asked ?? named.slice(0, 1);
  return [...new Set(wanted)].map((name) => {
    const found = possible.find(({ type }) => type === name);
    if (found !== undefined) return found;
    throw new BunnyError('BUNNY_EARTIFACT', `${what} as ${name}`, {
      where,
      hint: `choose a type that exists: ${possible.map(({ type }) => type).join(', ')}`,
      exitStatus: exitStatus.unsatisfiable,
    });
  });
}

/** Names of all types. */
export const artifactTypeNames: readonly string[] = types.map(({ type }) => type);
