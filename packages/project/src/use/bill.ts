import { pinnedConfigs, readRulesLayer } from 'bunny-libos-namespace';
import { type ComponentConfig, type LockedComponent, toolingRepository } from 'bunny-libos-spec';
import { type BilledImage, lockedParts } from 'bunny-libos-trust';
import type { ClosureSource } from './closures.js';

/** What of a lock is told of. */
type Source = Pick<ClosureSource, 'request' | 'target'>;

/** A component that a lock pins, with what was published of it. */
export interface PublishedComponent {
  component: LockedComponent;
  config: ComponentConfig;
}

/**
 * The components of a target, with what their manifests say of them: from the store, else the sources, a request each.
 * Throws what these throw.
 */
export function componentsOf({ request, target }: Source): Promise<PublishedComponent[]> {
  const { store, sources, project } = request;
  return pinnedConfigs(store, target.components, sources, { signal: project.signal });
}

/** What an app is made of for a target, as a lock pins it: before it is built. Throws as `componentsOf`. */
export async function billedImage(source: Source): Promise<BilledImage> {
  const { store, sources, project } = source.request;
  const { tooling, arch, platform } = source.target;
  const { signal } = project;
  const places = sources(tooling.from, toolingRepository);
  const { rules } = await readRulesLayer(store, tooling.rules, places, { signal });
  return {
    name: project.document.value.name,
    target: `${arch}-${platform}`,
    ...lockedParts(project.framework, source.target, await componentsOf(source), rules),
  };
}
