import { validate } from '#validators/catalog';
import type { CatalogEntry, NameGroup } from '../documents/catalog.js';
import { readJsonDocument } from './document.js';
import type { Path, Problem } from './problem.js';

/**
 * Reads what a catalog says of one component. `where` is its reference or digest, for messages.
 * Throws one BunnyError with all that is wrong: BUNNY_EJSON, BUNNY_EUNKNOWNKEY, BUNNY_ETYPE, BUNNY_ENAME,
 * BUNNY_EVERSION, BUNNY_ETOOLARGE, and BUNNY_EMETADATA where it refers to variants that it does not list.
 */
export function readCatalogEntry(bytes: Uint8Array, where: string): CatalogEntry {
  const normalise = (raw: CatalogEntry) => raw;
  return readJsonDocument(bytes, where, { validate, normalise, check });
}

function check({ versions }: CatalogEntry): Problem[] {
  return versions.flatMap(({ version, variants, contents }, index) => {
    const groups: [string, readonly NameGroup[]][] = Object.entries(contents ?? {});
    const strayNames = groups
      .filter(([, list]) => list.some((group) => group.variants?.some((each) => each >= variants.length)))
      .map(([key]) =>
        problem(['versions', index, 'contents', key], `${version}: a variant that is not listed`),
      );
    const strayTags = variants.some(({ tag }) => !tag.startsWith(`${version}_`))
      ? [problem(['versions', index, 'variants'], `${version}: the tag of another version`)]
      : [];
    return [...strayNames, ...strayTags];
  });
}

function problem(path: Path, message: string): Problem {
  return { code: 'BUNNY_EMETADATA', message, path, hint: 'run `bunny catalog rebuild` on the framework' };
}
