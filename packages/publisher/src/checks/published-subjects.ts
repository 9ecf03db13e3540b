import { type Bases, type FoundVariant, type Namespace, readVariantConfig } from 'bunny-libos-namespace';
import { BunnyError, type ComponentConfig, exitStatus } from 'bunny-libos-spec';
import type { AbiSubject } from './abi-compare.js';
import { attachedTypes } from './attached-types.js';

/** Every variant of these components that is published and not yanked. Configs are read when they are asked for. */
export async function publishedSubjects(
  names: Iterable<string>,
  namespace: Namespace,
  bases: Bases,
  signal?: AbortSignal | undefined,
): Promise<AbiSubject[]> {
  const lists = await Promise.all(
    [...new Set(names)].map(async (name) => {
      const component = await namespace.component(name);
      const versions = component?.repository.versions ?? [];
      const kept = versions.filter((version) => component?.repository.isYanked(version) === false);
      const variants = await Promise.all(
        kept.map((version) => component?.repository.variants(version) ?? []),
      );
      return variants.flat().map((variant): AbiSubject => {
        const found = { ...variant, from: component?.from ?? '' };
        return {
          identity: variant.identity,
          layerHash: variant.layerHash,
          config: () => configOf(found, bases, signal),
          types: () => {
            const { framework, name: component } = found.identity;
            return attachedTypes(bases.repository(found.from, framework, component), found.manifest, {
              signal,
            });
          },
        };
      });
    }),
  );
  return lists.flat();
}

async function configOf(
  { identity, manifest, from }: FoundVariant,
  bases: Bases,
  signal: AbortSignal | undefined,
): Promise<ComponentConfig> {
  const target = bases.repository(from, identity.framework, identity.name);
  const config = await readVariantConfig(target, manifest.digest, { signal });
  if (config !== undefined) return config;
  throw new BunnyError('BUNNY_ENOTFOUND', `${identity.name} ${identity.version} is gone from the registry`, {
    where: `${target.name}@${manifest.digest}`,
    hint: 'run `bunny index rebuild` on its repository',
    exitStatus: exitStatus.registry,
  });
}
