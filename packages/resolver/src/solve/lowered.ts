import type { Namespace } from 'bunny-libos-namespace';
import type { LockedTooling, TargetName } from 'bunny-libos-spec';
import semver from 'semver';
import { targetLabel } from '../lock/request.js';
import { type Allows, objectionsTo, type Solved } from './held-back.js';

/** A component, or the tooling layer, that has become older than the lock before had it. */
export interface Lowered {
  name: string;
  /** `arch/platform` */
  target: string;
  before: string;
  after: string;
  /** Why: one clause. */
  because: string;
}

/** Why a component is not the version any more that it was, in one clause. */
export async function reasonFor(
  solved: Solved,
  { name, version }: { name: string; version: string },
  namespace: Pick<Namespace, 'component'>,
  allows: Allows,
): Promise<string> {
  const component = await namespace.component(name);
  if (component?.repository.isYanked(version)) return `${version} is yanked`;
  if (component !== undefined && !component.repository.versions.includes(version)) {
    return `${component.from} does not list ${version} any more`;
  }
  const known = await solved.universe.known(name);
  if (solved.universe.isOpen(name) && !known.some((each) => each.version === version)) {
    return `${version} was not made for this tooling layer`;
  }
  const objections = await objectionsTo(solved, name, version, allows);
  return objections.join(', and ') || `${version} is incompatible with the rest`;
}

/** The tooling layer of a target, where it has become older. `range` is what the Bunnyfile asks for, `name` what it is told as. */
export function loweredTooling(
  before: LockedTooling | undefined,
  after: LockedTooling,
  { name, range, target }: { name: string; range: string; target: TargetName },
): Lowered[] {
  if (before === undefined || semver.gte(after.version, before.version)) return [];
  const because = semver.satisfies(before.version, range)
    ? `${after.from} does not list ${before.version} any more`
    : `Bunnyfile asks for ${range}`;
  const [from, to] = [before.version, after.version];
  return [{ name, target: targetLabel(target), before: from, after: to, because }];
}
