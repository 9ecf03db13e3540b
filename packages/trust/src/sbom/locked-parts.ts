import { joinReference } from 'bunny-libos-oci';
import {
  type ComponentConfig,
  type LockedComponent,
  type LockedTarget,
  type ToolingRules,
  toolingRepository,
} from 'bunny-libos-spec';
import { canonicalRepository } from '../signatures/canonical-repository.js';
import type { BilledImage } from './image-bill.js';

/** What an image has of what a lock pins, where its components are known with their configs. Pure. */
export function lockedParts(
  framework: string,
  { tooling }: LockedTarget,
  components: readonly { component: LockedComponent; config: ComponentConfig }[],
  { license, description }: Pick<ToolingRules, 'license' | 'description'>,
): Pick<BilledImage, 'components' | 'tooling'> {
  const nameOf = (from: string, name: string) =>
    canonicalRepository(joinReference(from, `${framework}/${name}`));
  return {
    components: components.map(({ component, config }) => ({
      config,
      repository: nameOf(component.from, component.name),
      digest: component.digest,
      layer: component.layer.digest,
      dependencies: component.dependencies,
    })),
    tooling: {
      framework,
      version: tooling.version,
      repository: nameOf(tooling.from, toolingRepository),
      digest: tooling.digest,
      license,
      description,
    },
  };
}
