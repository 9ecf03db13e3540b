import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Candidate, Requirement, Universe } from '../src/search/universe.js';
import type { Generated } from './universes.js';

/** One line of an index file, as far as it matters here. */
interface IndexLine {
  deps: readonly { name: string; req: string }[];
}

/** Writes a universe as a cargo package with a local registry beside it: index files only, as resolving reads no more. */
export function writeCargoRegistry({ candidates, requirements }: Generated, directory: string): void {
  const files = new Map<string, string[]>();
  for (const { name, version, dependencies = {} } of candidates) {
    const deps = Object.entries(dependencies).map(([name, { version }]) => ({
      name,
      req: version.replace(' ', ', '),
      features: [],
      optional: false,
      default_features: true,
      target: null,
      kind: 'normal',
    }));
    const line = {
      name,
      vers: version,
      deps,
      cksum: '0'.repeat(64),
      features: {},
      yanked: false,
      links: null,
    };
    const path = join(directory, 'registry', 'index', indexPath(name));
    const lines = files.get(path) ?? [];
    files.set(path, lines);
    lines.push(JSON.stringify(line));
  }
  for (const [path, lines] of files) write(path, `${lines.join('\n')}\n`);
  const source = `[source.crates-io]\nreplace-with = "local"\n\n[source.local]\nlocal-registry = "${join(directory, 'registry')}"\n`;
  write(join(directory, 'app', '.cargo', 'config.toml'), source);
  const wishes = Object.entries(requirements).map(([name, { version }]) => `${name} = "${version}"`);
  const manifest = `[package]\nname = "app"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\n${wishes.join('\n')}\n`;
  write(join(directory, 'app', 'Cargo.toml'), manifest);
  write(join(directory, 'app', 'src', 'lib.rs'), '');
  write(join(directory, 'app', 'wishes.json'), JSON.stringify(requirements));
}

// Given 'utf8', Node makes such an object for each file.
const asText = { encoding: 'utf8', flag: 'r' } as const;

/**
 * The same files as a universe: each is read when it is asked for. Its text is not kept, as V8 would copy all of them from
 * one part of its heap to the next: the dependencies of the newest version, which is mostly the one that is wanted, are
 * parsed with it, and for those of another the file is read again.
 */
export function cargoUniverse(directory: string): Universe {
  const index = join(directory, 'registry', 'index');
  return {
    candidates(name) {
      const file = `${index}/${indexPath(name)}`;
      const text = readFileSync(file, asText);
      const mayBeYanked = text.includes('"yanked":true');
      const candidates: IndexCandidate[] = [];
      for (let start = 0, end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
        const candidate = new IndexCandidate(file, name, versionAt(text, start, name), start);
        if (mayBeYanked) candidate.yanked = text.slice(start, end).includes('"yanked":true');
        candidates.push(candidate);
        start = end + 1;
      }
      candidates.at(-1)?.read(text);
      return candidates;
    },
    capability: () => undefined,
  };
}

/** The version in the line that begins at `start`. It is where cargo writes it: to look for it would take longer than all else. */
function versionAt(text: string, start: number, name: string): string {
  const version = start + `{"name":"${name}","vers":"`.length;
  return text.slice(version, text.indexOf('"', version));
}

/** The line of an index file that begins at `start`. */
class IndexCandidate implements Candidate {
  readonly name: string;
  readonly version: string;
  yanked = false;
  readonly #file: string;
  readonly #start: number;
  #dependencies: Record<string, Requirement> | undefined;

  constructor(file: string, name: string, version: string, start: number) {
    this.name = name;
    this.version = version;
    this.#file = file;
    this.#start = start;
  }

  get id(): string {
    return this.version;
  }

  get dependencies(): Record<string, Requirement> {
    return this.#dependencies ?? this.read(readFileSync(this.#file, asText));
  }

  /** Takes the dependencies from the text of the file. */
  read(text: string): Record<string, Requirement> {
    // Without a prototype it is a table from the start: a shape for each set of names would cost more than reading them.
    const dependencies = Object.create(null) as Record<string, Requirement>;
    const line = text.slice(this.#start, text.indexOf('\n', this.#start));
    for (const { name, req } of (JSON.parse(line) as IndexLine).deps)
      dependencies[name] = { version: req.replace(',', '') };
    this.#dependencies = dependencies;
    return dependencies;
  }
}

export function readWishes(directory: string): Record<string, Requirement> {
  return JSON.parse(readFileSync(join(directory, 'app', 'wishes.json'), 'utf8')) as Record<
    string,
    Requirement
  >;
}

function indexPath(name: string): string {
  return `${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
