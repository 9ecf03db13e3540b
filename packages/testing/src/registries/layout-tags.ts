import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface LayoutIndex {
  manifests: { digest: string; annotations?: Record<string, string> }[];
}

const nameAnnotation = 'org.opencontainers.image.ref.name';

/** All tags of an image layout: `warren/libc:1.0.0_…` -> digest of the manifest. */
export async function layoutTags(directory: string): Promise<Map<string, string>> {
  const index = JSON.parse(await readFile(join(directory, 'index.json'), 'utf8')) as LayoutIndex;
  return new Map(
    index.manifests.map(({ digest, annotations }) => [annotations?.[nameAnnotation] ?? '', digest]),
  );
}

/** Those of them that name one variant each: they are never moved. */
export async function variantTags(directory: string): Promise<Map<string, string>> {
  return new Map([...(await layoutTags(directory))].filter(([name]) => /_[0-9a-f]{16}$/.test(name)));
}

/** Takes tags away, as a registry would that lost them. */
export async function removeTags(directory: string, names: readonly string[]): Promise<void> {
  const file = join(directory, 'index.json');
  const index = JSON.parse(await readFile(file, 'utf8')) as LayoutIndex;
  const manifests = index.manifests.filter(
    ({ annotations }) => !names.includes(annotations?.[nameAnnotation] ?? ''),
  );
  await writeFile(file, JSON.stringify({ ...index, manifests }));
}
