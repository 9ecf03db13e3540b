import { Bases, rebaseReference, type TransferObserver } from 'bunny-libos-namespace';
import {
  formatReference,
  type Network,
  OciError,
  parseManifestReference,
  parseReference,
} from 'bunny-libos-oci';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  type Position,
  type RegistrySource,
} from 'bunny-libos-spec';

/** Base references to write to. Layouts are relative to `directory`. */
export function openBases(
  references: readonly string[],
  directory: string,
  network: Network,
  onWarning?: (text: string) => void,
): Bases {
  return new Bases(references, directory, { network, onWarning });
}

/** The same to read from: what is not there is an error, not empty. */
export function openSources(
  references: readonly (string | RegistrySource)[],
  directory: string,
  network: Network,
  onWarning?: (text: string) => void,
  observer?: TransferObserver,
): Bases {
  return new Bases(references, directory, { network, onWarning, observer, mustExist: true });
}

/** In the form that the lock uses: layouts relative to the Bunnyfile's directory. Throws BUNNY_EREFERENCE. */
export function baseReferences(
  from: readonly string[] | undefined,
  { value: { registries }, at }: Document<Bunnyfile>,
  directory: string,
): readonly (string | RegistrySource)[] {
  if (from !== undefined || registries.length === 0) {
    return givenBases(from).map((reference) => rebaseReference(reference, process.cwd(), directory));
  }
  for (const [index, { ref, mirrors }] of registries.entries()) {
    for (const reference of [ref, ...mirrors]) requireReference(reference, at(['registries', index]));
  }
  return registries;
}

/** References as they are written on the command line, else in BUNNY_REGISTRY. Throws BUNNY_EREFERENCE. */
export function givenBases(from: readonly string[] | undefined): readonly string[] {
  const references = from ?? (process.env.BUNNY_REGISTRY ?? '').split(/[\s,]+/).filter((each) => each !== '');
  for (const reference of references) {
    requireReference(reference, from === undefined ? 'BUNNY_REGISTRY' : '--from');
  }
  return references;
}

/** Says where a reference stands that cannot be one, before anything is done with the others. */
function requireReference(reference: string, where: Position | string): void {
  try {
    parseReference(reference);
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    const { code, message, hint } = error;
    throw new BunnyError(code, message, {
      where,
      hint,
      cause: error,
      exitStatus: exitStatus.usage,
    });
  }
}

/** The repository of a reference to a manifest, without tag and digest. Throws BUNNY_EREFERENCE. */
export function repositoryOf(reference: string): string {
  return formatReference(parseManifestReference(reference).repository);
}
