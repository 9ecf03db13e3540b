import { compareText } from './order.js';
import type { Candidate, Capability, Universe } from './universe.js';

/** A universe that is wholly in memory, and answers at once. */
export interface MemoryUniverse extends Universe {
  candidates(name: string): readonly Candidate[] | undefined;
  capability(name: string): Capability | undefined;
  names(): Iterable<string>;
}

/**
 * A universe of these candidates, in any order. A name that some of them provide is a capability;
 * `capabilities` adds defaults and providers, and decides their order.
 */
export function memoryUniverse(
  candidates: Iterable<Candidate>,
  capabilities: Readonly<Record<string, Partial<Capability>>> = {},
): MemoryUniverse {
  const components = new Map<string, Candidate[]>();
  const found = new Map<string, Set<string>>();
  for (const candidate of candidates) {
    const listed = components.get(candidate.name);
    if (listed === undefined) components.set(candidate.name, [candidate]);
    else listed.push(candidate);
    for (const capability of Object.keys(candidate.provides ?? {})) {
      const providers = found.get(capability);
      if (providers === undefined) found.set(capability, new Set([candidate.name]));
      else providers.add(candidate.name);
    }
  }
  const known = new Map<string, Capability>();
  for (const name of new Set([...found.keys(), ...Object.keys(capabilities)])) {
    const declared = Object.hasOwn(capabilities, name) ? capabilities[name] : undefined;
    const providers = [...(declared?.providers ?? []), ...[...(found.get(name) ?? [])].sort(compareText)];
    known.set(name, { ...declared, providers: [...new Set(providers)] });
  }
  return {
    candidates: (name) => components.get(name),
    capability: (name) => known.get(name),
    names: () => [...components.keys(), ...known.keys()],
  };
}
