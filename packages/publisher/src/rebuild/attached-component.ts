import { join } from 'node:path';
import { type Descriptor, HeldDirectory, listTree, type Store, type Target } from 'bunny-libos-oci';
import { BunnyError, type ComponentConfig, exitStatus, type ToolingRules } from 'bunny-libos-spec';
import { readSources } from '../plan/component-directory.js';
import { inFramework } from '../plan/in-framework.js';
import { type LocalVariant, variantsOf } from '../plan/local-variant.js';
import { componentFile } from '../plan/source-tree.js';

/** A variant that is published, and the rules of its tooling layer. */
export interface Published {
  config: ComponentConfig;
  rules: ToolingRules;
  /** Of the manifest, for messages. */
  where: string;
}

/**
 * The variant that is published, as the sources describe it that are attached to it: the first of the layers that come to
 * its layer hash. Nothing in them is run or compiled before that is known. Throws BUNNY_ESOURCE where none does, and what
 * is thrown of the first of them where none can be read.
 */
export async function attachedComponent(
  layers: readonly Descriptor[],
  published: Published,
  store: Store,
  sources: readonly Target[],
  signal?: AbortSignal,
): Promise<LocalVariant> {
  const failures: unknown[] = [];
  for (const layer of layers) {
    try {
      return await variantIn(await store.unpacked(layer, sources, { signal }), published);
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(error);
    }
  }
  throw failures[0];
}

/** Throws BUNNY_ESOURCE where the tree is not what the layer hash was made from, to the last file. */
async function variantIn(directory: string, { config, rules, where }: Published): Promise<LocalVariant> {
  const { identity, layerHash } = config;
  const { components } = await readSources([join(directory, componentFile)]);
  const local = components.find(({ document }) => document.value.framework === identity.framework);
  if (local === undefined) throw others(where, [`they are not for ${identity.framework}`]);
  const known = new Set([componentFile, ...local.files.map(({ path }) => path)]);
  const unknown = filesBelow(directory).find((path) => !known.has(path));
  if (unknown !== undefined) throw others(where, [`${unknown} is not part of the source tree`]);
  if (local.source !== identity.source) {
    throw others(where, [`the layer is made from ${identity.source}`, `attached are      ${local.source}`]);
  }
  const variants = variantsOf(inFramework(local, rules), rules, identity.tooling);
  const variant = variants.find((each) => each.layerHash === layerHash);
  if (variant === undefined) throw others(where, [`component.yaml describes no layer ${layerHash}`]);
  return variant;
}

/** What is no directory. */
function filesBelow(directory: string): readonly string[] {
  const held = HeldDirectory.open(directory);
  try {
    return listTree(held)
      .filter(({ kind }) => kind !== 'directory')
      .map(({ path }) => path);
  } finally {
    held.close();
  }
}

function others(where: string, details: string[]): BunnyError {
  return new BunnyError('BUNNY_ESOURCE', 'the attached sources are not what this layer is made from', {
    where,
    details,
    hint: 'nothing was compiled; ask its publisher for them: bunny publish --with-source',
    exitStatus: exitStatus.trust,
  });
}
