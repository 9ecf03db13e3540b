import { type Descriptor, indexBytes, maximumManifestSize } from 'bunny-libos-oci';
import {
  annotations,
  BunnyError,
  byText,
  type ComponentIdentity,
  exitStatus,
  mediaTypes,
  type Position,
  variantTag,
} from 'bunny-libos-spec';
import { type Deprecation, deprecationAnnotations } from './deprecation.js';
import { indexEntry } from './push.js';
import { statementAnnotations } from './statements.js';
import type { Variant } from './variant.js';

/** What an index is of, for messages: `net 1.2.0`, and where that is written. */
export interface IndexSubject {
  of: string;
  where: string | Position;
}

/** The bytes of the index of a version. Throws BUNNY_ELIMIT where they are more than registries and readers take. */
export function indexDocument(
  entries: readonly Descriptor[],
  { of, where }: IndexSubject,
  statements: ReadonlyMap<string, string> = new Map(),
  deprecation?: Deprecation | undefined,
): Buffer {
  const manifests = [...entries].sort(byText(hashOf));
  const notes = { ...statementAnnotations(statements), ...deprecationAnnotations(deprecation) };
  const bytes = indexBytes({
    artifactType: mediaTypes.component,
    manifests,
    ...(Object.keys(notes).length === 0 ? {} : { annotations: notes }),
  });
  if (bytes.length <= maximumManifestSize) return bytes;
  throw new BunnyError(
    'BUNNY_ELIMIT',
    `the index of ${of} takes ${bytes.length} bytes for ${manifests.length} variants; registries take ${maximumManifestSize}`,
    {
      where,
      hint: 'give the matrix fewer rows, or divide the component into several',
      exitStatus: exitStatus.usage,
    },
  );
}

/** What an index says of a variant, as far as it is known before that is built. */
export interface PlannedEntry {
  identity: ComponentIdentity;
  layerHash: string;
  deviations: number;
}

/** As long as that of any manifest or layer. */
const unknownContent = { digest: `sha256:${'0'.repeat(64)}`, size: 9_999_999_999 };

/**
 * Throws BUNNY_ELIMIT where the index of a version would be too large with what is `planned` for it beside what is
 * `published`.
 */
export function requireIndexFits(
  planned: readonly PlannedEntry[],
  published: readonly Variant[],
  abi: string,
  subject: IndexSubject,
): void {
  const entries = new Map<string, Descriptor>();
  for (const each of planned) {
    const variant = { ...each, abi, manifest: unknownContent, layer: unknownContent };
    entries.set(variantTag(each.identity.version, each.layerHash), indexEntry(variant));
  }
  for (const each of published)
    entries.set(variantTag(each.identity.version, each.layerHash), indexEntry(each));
  indexDocument([...entries.values()], subject);
}

function hashOf(entry: Descriptor): string {
  return entry.annotations?.[annotations.layerHash] ?? entry.digest;
}
