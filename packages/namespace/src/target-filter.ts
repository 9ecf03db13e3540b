import type { TargetName } from 'bunny-libos-spec';

/** A filter over targets, from the command line. Empty or missing: any. */
export interface TargetFilter {
  arch?: readonly string[] | undefined;
  platform?: readonly string[] | undefined;
}

/** Whether a target is among those that a filter asks for; one that names nothing asks for all. */
export function matches(filter: TargetFilter, target: TargetName): boolean {
  return includes(filter.arch, target.arch) && includes(filter.platform, target.platform);
}

function includes(allowed: readonly string[] | undefined, value: string): boolean {
  return allowed === undefined || allowed.length === 0 || allowed.includes(value);
}
