import type { Components } from 'bunny-libos-namespace';
import { type Lock, own } from 'bunny-libos-spec';
import semver from 'semver';

/** A range for what locks have in one version or in several. */
export interface CompatibleRange {
  range: string;
  /** Whether it is so for all that they have. */
  coversAll: boolean;
}

/**
 * The range of what is compatible with the version that locks have a component or a capability in: `^1.2.0`.
 * Where their targets have several, with the oldest. `components` are those of each framework. Undefined where none has it. Throws what the registry throws.
 */
export async function compatibleRange(
  locks: readonly Lock[],
  name: string,
  components: ReadonlyMap<string, Pick<Components, 'component'>>,
): Promise<CompatibleRange | undefined> {
  const found = locks.map(async ({ framework, targets }) => {
    const locked = targets.flatMap((target) => target.components);
    const versions = locked.flatMap((component) => (component.name === name ? [component.version] : []));
    const known = components.get(framework);
    return versions.length > 0 || known === undefined ? versions : providedVersions(locked, name, known);
  });
  const versions = semver.sort((await Promise.all(found)).flat());
  const [oldest] = versions;
  if (oldest === undefined) return undefined;
  const range = `^${oldest}`;
  return { range, coversAll: versions.every((version) => semver.satisfies(version, range)) };
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
