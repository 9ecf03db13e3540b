import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Candidate, Requirement, Universe } from '../src/index.js';
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

/** The same files as a universe: each is read when it is asked for, and a line of it parsed when that version is considered. */
export function cargoUniverse(directory: string): Universe {
  const index = join(directory, 'registry', 'index');
  return {
    candidates(name) {
      const text = readFileSync(`${index}/${indexPath(name)}`, asText);
      const mayBeYanked = text.includes('"yanked":true');
      const candidates: IndexCandidate[] = [];
      for (
        let start = 0, end = text.indexOf('\n');
        end !== -1;
        start = end + 1, end = text.indexOf('\n', start)
      ) {
        candidates.push(new IndexCandidate(name, text, start, end, mayBeYanked));
      }
      return candidates;
    },
    capability: () => undefined,
  };
}

/** The line of an index file from `start` to `end`. */
class IndexCandidate implements Candidate {
  readonly name: string;
  readonly version: string;
  readonly yanked: boolean;
  readonly #text: string;
  readonly #start: number;
  readonly #end: number;
  #dependencies: Record<string, Requirement> | undefined;

  constructor(name: string, text: string, start: number, end: number, mayBeYanked: boolean) {
    // Where cargo writes it: to look for it would take longer than all else here.
    const version = start + `{"name":"${name}","vers":"`.length;
    this.name = name;
    this.version = text.slice(version, text.indexOf('"', version));
    this.yanked = mayBeYanked && text.slice(start, end).includes('"yanked":true');
    this.#text = text;
    this.#start = start;
    this.#end = end;
  }

  get id(): string {
    return this.version;
  }

  get dependencies(): Record<string, Requirement> {
    if (this.#dependencies === undefined) {
      // Without a prototype it is a table from the start: a shape for each set of names would cost more than reading them.
      this.#dependencies = Object.create(null) as Record<string, Requirement>;
      const { deps } = JSON.parse(this.#text.slice(this.#start, this.#end)) as IndexLine;
      for (const { name, req } of deps) this.#dependencies[name] = { version: req.replace(',', '') };
    }
    return this.#dependencies;
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
