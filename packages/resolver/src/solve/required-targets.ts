import { BunnyError, exitStatus, type Position, type TargetName, type ToolingRules } from 'bunny-libos-spec';
import { sameTarget, targetLabel } from '../lock/request.js';
import type { ResolveOptions } from './resolve-options.js';

/** Throws BUNNY_ETARGET where the framework has not all targets that are asked for, or nothing is asked for. */
export function requireTargets(
  wanted: readonly TargetName[],
  { bunnyfile: document, filter, file }: ResolveOptions,
  rules: ToolingRules,
): void {
  const impossible = wanted.find((target) => !includesTarget(rules.targets, target));
  if (wanted.length > 0 && impossible === undefined) return;
  const { framework, targets, architecture, monitor } = document.value;
  const asked = impossible ?? {
    arch: filter.arch?.join(',') ?? architecture ?? 'any',
    platform: filter.platform?.join(',') ?? monitor ?? 'any',
  };
  const index = targets.findIndex((target) => sameTarget(target, asked));
  throw new BunnyError('BUNNY_ETARGET', `${framework} has no target ${targetLabel(asked)}`, {
    where:
      index === -1 ? (unknownPlatform(document, filter, rules) ?? file) : document.at(['targets', index]),
    hint: `${framework} ${rules.version} offers ${rules.targets.map(targetLabel).join(', ')}`,
    exitStatus: exitStatus.unsatisfiable,
  });
}

/** The place of a key of `platforms` whose value no target has. */
function unknownPlatform(
  { value, at }: ResolveOptions['bunnyfile'],
  filter: ResolveOptions['filter'],
  { targets }: ToolingRules,
): Position | undefined {
  const keys = { architecture: 'arch', monitor: 'platform' } as const;
  for (const [key, fact] of Object.entries(keys) as ['architecture' | 'monitor', keyof TargetName][]) {
    const named = filter[fact] === undefined ? value[key] : undefined;
    if (named !== undefined && !targets.some((target) => target[fact] === named))
      return at(['platforms', key]);
  }
  return undefined;
}

/** Whether a target is among others, whatever else is said of it. */
export function includesTarget(targets: readonly TargetName[], target: TargetName): boolean {
  return targets.some((each) => sameTarget(each, target));
}
