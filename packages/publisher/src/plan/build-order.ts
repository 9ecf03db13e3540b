import { BunnyError, exitStatus } from 'bunny-libos-spec';
import semver from 'semver';
import type { LocalComponent } from './component-directory.js';

/**
 * Sorts components so that each comes after those it depends on; the given order decides between equals.
 * Providers of a capability come first too, as far as that is possible. Throws BUNNY_ECYCLE where
 * declared dependencies lead back to where they started.
 */
export function buildOrder(components: readonly LocalComponent[]): LocalComponent[] {
  const order: LocalComponent[] = [];
  const done = new Set<LocalComponent>();
  const path: LocalComponent[] = [];

  const visit = (component: LocalComponent): void => {
    if (done.has(component)) return;
    const start = path.indexOf(component);
    if (start !== -1) throw cycle([component, ...path.slice(start + 1)]);
    path.push(component);
    for (const dependency of namedDependencies(component, components)) visit(dependency);
    path.pop();
    if (done.has(component)) return;
    done.add(component);
    order.push(component);
  };
  for (const component of components) visit(component);
  return providersFirst(order);
}

/** Components that another names itself, by a range that they satisfy. */
function namedDependencies(of: LocalComponent, all: readonly LocalComponent[]): LocalComponent[] {
  const { dependencies, framework } = of.document.value;
  return all.filter(({ document: { value: other } }) => {
    const dependency = Object.hasOwn(dependencies, other.name) ? dependencies[other.name] : undefined;
    return (
      dependency !== undefined &&
      other.framework === framework &&
      semver.satisfies(other.version, dependency.version, { includePrerelease: true })
    );
  });
}

/** Moves providers ahead of those that ask for their capability, where they do not depend on them. */
function providersFirst(order: readonly LocalComponent[]): LocalComponent[] {
  const result: LocalComponent[] = [];
  const visiting = new Set<LocalComponent>();
  const visit = (component: LocalComponent): void => {
    if (visiting.has(component)) return;
    visiting.add(component);
    const { dependencies } = component.document.value;
    for (const dependency of namedDependencies(component, order)) visit(dependency);
    for (const other of order) {
      if (Object.keys(other.document.value.provides).some((name) => Object.hasOwn(dependencies, name)))
        visit(other);
    }
    result.push(component);
  };
  for (const component of order) visit(component);
  return result;
}

function cycle(members: readonly [LocalComponent, ...LocalComponent[]]): BunnyError {
  const [first] = members;
  const names = [...members, first].map(({ document }) => document.value.name);
  return new BunnyError('BUNNY_ECYCLE', `components depend on each other in a cycle: ${names.join(' -> ')}`, {
    where: first.document.at(['dependencies', names[1] ?? '']),
    details: members.map(
      ({ document, file }) => `${document.value.name} ${document.value.version} (${file})`,
    ),
    hint: 'take one of these dependencies out: what every image has (`base` in tooling.yaml) is used undeclared, other things that both need go into a third component',
    exitStatus: exitStatus.usage,
  });
}
