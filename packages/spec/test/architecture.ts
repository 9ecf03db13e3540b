import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** The floors of the house, lowest first: imports only run down. */
export const floors = [
  'spec',
  'oci',
  'elf',
  'solver',
  'tooling',
  'namespace',
  'trust',
  'resolver',
  'builder',
  'publisher',
  'importer',
  'project',
  'cli',
];

/** The package of what tests share. It stands above all floors, and only tests import it. */
export const testing = 'testing';

/** Packages that import no other package of ours, so that they can be used on their own. */
export const independent = ['spec', 'oci', 'elf', 'solver'];

export interface Import {
  /** What stands between the quotes. */
  specifier: string;
  /** It is erased when compiled. */
  typeOnly: boolean;
}

export interface SourceFile {
  /** Relative to the package: `src/lock.ts`. */
  path: string;
  isTest: boolean;
  imports: Import[];
}

export interface Manifest {
  name: string;
  bin?: Record<string, string>;
  exports?: unknown;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

export interface Package {
  /** Name of its directory, and of its floor. */
  directory: string;
  manifest: Manifest;
  /** Directories of the packages that tsconfig.json refers to. */
  references: string[];
  files: SourceFile[];
}

/** Every package of the workspace with what it imports. */
export function readPackages(): Package[] {
  return readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readPackage(name));
}

function readPackage(directory: string): Package {
  const at = join(root, 'packages', directory);
  const { references = [] } = readJson<{ references?: { path: string }[] }>(join(at, 'tsconfig.json'));
  return {
    directory,
    manifest: readJson<Manifest>(join(at, 'package.json')),
    references: references.map(({ path }) => path.replace('../', '')),
    files: ['src', 'test', 'bench', 'soak'].flatMap((folder) => sourceFiles(directory, folder)),
  };
}

function sourceFiles(directory: string, folder: string): SourceFile[] {
  const at = join(root, 'packages', directory);
  const names = readdirSync(at).includes(folder)
    ? readdirSync(join(at, folder), { recursive: true, encoding: 'utf8' })
    : [];
  return names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = join(folder, name);
      return {
        path,
        isTest: folder !== 'src' || directory === testing || name.endsWith('.test.ts'),
        imports: importsOf(readFileSync(join(at, path), 'utf8')),
      };
    });
}

/** Imports and re-exports, static and dynamic. */
export function importsOf(text: string): Import[] {
  const statement =
    /^(?:import|export)\s(?<type>type\s)?(?:(?<names>[^'"`;]*?)\sfrom\s*)?['"](?<from>[^'"]+)['"]/gm;
  const call = /\bimport\(\s*['"](?<from>[^'"]+)['"]/g;
  const found: Import[] = [];
  for (const { groups = {} } of text.matchAll(statement)) {
    const names = groups.names?.match(/^\{([^}]*)\}$/)?.[1];
    const allTypes = names?.split(',').every((name) => /^\s*(?:type\s.*)?$/s.test(name)) === true;
    found.push({ specifier: groups.from ?? '', typeOnly: groups.type !== undefined || allTypes });
  }
  for (const { groups = {} } of text.matchAll(call)) {
    found.push({ specifier: groups.from ?? '', typeOnly: false });
  }
  return found;
}

/** `node-fetch`, `bunny-libos-oci`: the package of an import; undefined for relative, internal and built-in ones. */
export function packageOf(specifier: string): string | undefined {
  if (/^(?:\.|#|node:)/.test(specifier)) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The file that a relative import of a file leads to, both relative to their package. */
export function target(file: SourceFile, specifier: string): string {
  return normalize(join(dirname(file.path), specifier)).replace(/\.js$/, '.ts');
}

/** The first circle in a graph, as names; undefined where there is none. */
export function circle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const walk = (name: string, path: string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const next of graph.get(name) ?? []) {
      const found = walk(next, [...path, name]);
      if (found !== undefined) return found;
    }
    done.add(name);
    return undefined;
  };
  for (const name of graph.keys()) {
    const found = walk(name, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
