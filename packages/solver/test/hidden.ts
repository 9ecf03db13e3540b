import type { Candidate, Universe } from '../src/search/universe.js';

/**
 * The same universe, told bit by bit: of each component at first what `shown` says, then each version
 * when it is read, and now and then one more.
 */
export function hidden(
  universe: Universe,
  shown: (name: string) => { versions: boolean; candidates: readonly Candidate[] },
  generous: () => boolean,
): Universe & { versionsRead: Set<string> } {
  const known = new Map<string, Set<string>>();
  const pinned = new Map<string, readonly Candidate[]>();
  const versionsRead = new Set<string>();
  const all = (name: string) => universe.candidates(name) as readonly Candidate[] | undefined;

  const listing = (name: string, candidates: readonly Candidate[]): Candidate[] => {
    const versions = known.get(name);
    if (versions === undefined) {
      return [...(pinned.get(name) ?? []), { name, version: '', id: 'the rest', unread: true }];
    }
    const unread = new Set(candidates.map(({ version }) => version).filter((each) => !versions.has(each)));
    return [
      ...candidates.filter(({ version }) => versions.has(version)),
      ...(pinned.get(name) ?? []).filter(({ version }) => !versions.has(version)),
      ...[...unread].map((version) => ({ name, version, id: version, unread: true })),
    ];
  };

  return {
    versionsRead,
    capability: (name) => universe.capability(name),
    names: () => universe.names?.() ?? [],
    candidates(name) {
      const candidates = all(name);
      if (candidates === undefined) return undefined;
      const first = shown(name);
      if (first.versions) known.set(name, new Set());
      pinned.set(name, first.candidates);
      return listing(name, candidates);
    },
    read(unread) {
      const name = unread[0]?.name ?? '';
      const candidates = all(name) ?? [];
      for (const { version } of unread) {
        const versions = known.get(name) ?? new Set();
        known.set(name, versions);
        if (version === '') continue;
        versions.add(version);
        const another = candidates.find((each) => !versions.has(each.version));
        if (another !== undefined && generous()) versions.add(another.version);
        for (const each of versions) versionsRead.add(`${name} ${each}`);
      }
      return listing(name, candidates);
    },
  };
}
