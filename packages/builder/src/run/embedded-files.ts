import { readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { WorkPlace } from 'bunny-libos-tooling';
import type { Step } from '../plan/build-plan.js';
import { ownPath } from './own-path.js';

const kept = 'embedded.json';

/** What takes a whole file into an object: no dependency file names that, but for `#embed` of newest compilers. */
const embedding = /incbin|#\s*embed\b/i;
const literal = /"((?:[^"\\\n]|\\.){1,4096})"|<([^>\n]{1,4096})>/g;

/** A source is not larger. Bytes. */
const largestSource = 4 * 1024 * 1024;

/** First output of a step -> files of the app, by path from the Bunnyfile. */
type Embedded = Readonly<Record<string, readonly string[]>>;

/** The files of the app that the last compilation of each object may have embedded, by path from the Bunnyfile. */
export function embeddedFiles(work: Pick<WorkPlace, 'kept'>): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(work.kept<Embedded>(kept) ?? {}));
}

/**
 * Notes what the steps that were run may have embedded: where something that they read mentions `.incbin` or `#embed`, all of
 * it is searched for names of files. A file that is named there for another reason costs no more than a
 * compilation. `searched` are directories that names may be relative to, as are those of the sources and the app's own.
 */
export function noteEmbedded(
  ran: readonly Step[],
  work: Pick<WorkPlace, 'dependencies' | 'keep' | 'kept'>,
  root: string,
  searched: readonly string[],
): void {
  const compiled = ran.filter(({ kind }) => kind === 'compile');
  if (compiled.length === 0) return;
  const known = new Map(embeddedFiles(work));
  const namesOf = memoised((path) => namesIn(join(root, path)));
  let isChanged = false;
  for (const { inputs, outputs } of compiled) {
    const [output = ''] = outputs;
    const read = [...inputs, ...(work.dependencies().get(output) ?? [])].flatMap(
      (path) => ownPath(path) ?? [],
    );
    const places = [
      ...new Set(['.', ...searched.flatMap((path) => ownPath(path) ?? []), ...read.map(posix.dirname)]),
    ];
    const texts = read.map(namesOf);
    // A macro of a header may take the name from the source.
    const names = texts.some(({ embeds }) => embeds) ? texts.flatMap((each) => each.names) : [];
    const files = names.flatMap((name) => places.flatMap((place) => fileOf(root, place, name) ?? []));
    const before = known.get(output) ?? [];
    const now = [...new Set(files)].sort();
    if (now.length === 0) known.delete(output);
    else known.set(output, now);
    isChanged ||= before.join('\0') !== now.join('\0');
  }
  if (isChanged) work.keep(kept, Object.fromEntries(known));
}

function memoised<T>(make: (path: string) => T): (path: string) => T {
  const made = new Map<string, T>();
  return (path) => {
    const value = made.get(path) ?? make(path);
    made.set(path, value);
    return value;
  };
}

/** What stands in quotes in a source, and whether it embeds files. */
function namesIn(file: string): { embeds: boolean; names: readonly string[] } {
  try {
    if (statSync(file).size > largestSource) return { embeds: false, names: [] };
    const text = readFileSync(file, 'utf8');
    // In a string of C, quotes have backslashes before them.
    const found = [...text.replaceAll('\\"', '"').matchAll(literal)];
    return {
      embeds: embedding.test(text),
      names: found.map(([, quoted, angled]) => quoted ?? angled ?? ''),
    };
  } catch {
    return { embeds: false, names: [] };
  }
}

/** The file of the app that a name means, by path from the Bunnyfile. */
function fileOf(root: string, place: string, name: string): string | undefined {
  const own = ownPath(posix.join(place, name));
  if (own === undefined) return undefined;
  return statSync(join(root, own), { throwIfNoEntry: false })?.isFile() ? own : undefined;
}
