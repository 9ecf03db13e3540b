import type { ArtifactType } from './artifact.js';
import { elf } from './elf.js';

/** Every artifact type. */
const types: readonly ArtifactType[] = [elf];

/** What `--type` may name, as far as Bunny itself makes it. */
export const artifactTypeNames: readonly string[] = types.map(({ type }) => type);

/** The type of this name. Throws where there is none: names are checked where they are given. */
export function artifactType(name: string): ArtifactType {
  const found = types.find(({ type }) => type === name);
  if (found === undefined) throw new Error(`nothing makes ${name}`);
  return found;
}
