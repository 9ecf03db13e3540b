import type { Bases } from 'bunny-libos-namespace';
import type { Store } from 'bunny-libos-oci';
import type { ToolingRules } from 'bunny-libos-spec';
import { newestTooling } from './tooling-repository.js';

/** Components that the rules of a framework name: base components, and providers of capabilities. Sorted. */
export function componentsOfRules({ targets, languages, capabilities }: ToolingRules): string[] {
  const names = [
    ...targets.flatMap(({ base }) => Object.keys(base)),
    ...Object.values(languages).flatMap(({ implies }) => Object.keys(implies)),
    ...Object.values(capabilities).flatMap(({ default: byDefault, providers }) => [
      ...(byDefault === undefined ? [] : [byDefault]),
      ...providers,
    ]),
  ];
  return [...new Set(names)].sort();
}

/**
 * Components to start from where a framework has no catalog: those that the rules of its newest tooling
 * layer name, on the first base that has one. Throws what reading a tooling layer throws.
 */
export async function frameworkSeeds(place: {
  store: Store;
  bases: Bases;
  framework: string;
  signal?: AbortSignal | undefined;
}): Promise<string[]> {
  const tooling = await newestTooling(place);
  return tooling === undefined ? [] : componentsOfRules(tooling.document.rules);
}
