/** What attestations say, by the names that people give it and the types that others know. */
export const predicateTypes: Readonly<Record<string, string>> = {
  provenance: 'https://slsa.dev/provenance/v1',
  spdx: 'https://spdx.dev/Document',
  cyclonedx: 'https://cyclonedx.org/bom',
};

/** The type of a predicate: that of a name, or a URI as it is. Undefined for anything else. */
export function predicateType(name: string): string | undefined {
  if (Object.hasOwn(predicateTypes, name)) return predicateTypes[name];
  return /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(name) ? name : undefined;
}

/** How people call a type. */
export function predicateName(type: string): string {
  return Object.entries(predicateTypes).find(([, each]) => each === type)?.[0] ?? type;
}
