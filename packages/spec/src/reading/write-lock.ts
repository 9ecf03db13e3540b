import type { Lock, LockedBlob, LockedComponent, LockedTarget, LockedTooling } from '../documents/lock.js';
import { lockSchemas } from '../documents/lock.js';
import { byCodeUnit, byText } from '../words/text-order.js';

/**
 * The text of a lock: one order, whatever the order in memory, so that equal locks are equal bytes and diffs are
 * small. That of one framework is as it was before there could be several.
 */
export function writeLocks(locks: readonly Lock[]): string {
  const [first, ...others] = locks.map(orderedLock).sort(byText(({ framework }) => framework));
  const document =
    first !== undefined && others.length === 0
      ? { schema: lockSchemas.one, ...first }
      : { schema: lockSchemas.several, frameworks: first === undefined ? [] : [first, ...others] };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function orderedLock({ framework, request, targets }: Lock): Lock {
  return {
    framework,
    request,
    targets: targets
      .map(orderedTarget)
      .sort((a, b) => byCodeUnit(a.arch, b.arch) || byCodeUnit(a.platform, b.platform)),
  };
}

function orderedTarget({ arch, platform, settings, tooling, components }: LockedTarget): LockedTarget {
  return {
    arch,
    platform,
    settings: sortedKeys(settings),
    tooling: orderedTooling(tooling),
    components: components.map(orderedComponent).sort((a, b) => byCodeUnit(a.name, b.name)),
  };
}

function orderedTooling(tooling: LockedTooling): LockedTooling {
  const { version, layerHash, digest, size, rules, rootfs, from } = tooling;
  return {
    version,
    from,
    layerHash,
    digest,
    size,
    rules: orderedBlob(rules),
    rootfs: rootfs.map((layer) => ({ ...orderedBlob(layer), diffId: layer.diffId })),
  };
}

function orderedComponent(component: LockedComponent): LockedComponent {
  const { name, version, layerHash, digest, size, layer, from, options, dependencies } = component;
  return {
    name,
    version,
    from,
    options: sortedKeys(options),
    dependencies: dependencies.toSorted(byCodeUnit),
    layerHash,
    digest,
    size,
    layer: orderedBlob(layer),
  };
}

function orderedBlob({ digest, size }: LockedBlob): LockedBlob {
  return { digest, size };
}

function sortedKeys<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(byText(([key]) => key)));
}
