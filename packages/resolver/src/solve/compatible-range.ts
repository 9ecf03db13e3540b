import type { Components } from 'bunny-libos-namespace';
import { type Lock, own } from 'bunny-libos-spec';
import semver from 'semver';

/**
 * The range of what is compatible with the version that a lock has a component or a capability in: `^1.2.0`.
 * Where its targets have several, with the oldest. Undefined where none has it. Throws what the registry throws.
 */
export async function compatibleRange(
  lock: Lock,
  name: string,
  components: Pick<Components, 'component'>,
): Promise<string | undefined> {
  const locked = lock.targets.flatMap((target) => target.components);
  const versions = locked.flatMap((component) => (component.name === name ? [component.version] : []));
  const [oldest] = semver.sort(
    versions.length > 0 ? versions : await providedVersions(locked, name, components),
  );
  return oldest === undefined ? undefined : `^${oldest}`;
}

/** The versions that locked components provide a capability in. */
async function providedVersions(
  locked: Lock['targets'][number]['components'],
  capability: string,
  components: Pick<Components, 'component'>,
): Promise<string[]> {
  const provided = locked.map(async ({ name, version, layerHash }) => {
    const variants = await (await components.component(name))?.repository.variants(version);
    const provides = variants?.find((variant) => variant.layerHash === layerHash)?.identity.provides ?? {};
    return own(provides, capability) ?? [];
  });
  return (await Promise.all(provided)).flat();
}
