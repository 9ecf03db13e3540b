import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { repositoryFile } from 'bunny-libos-testing/repository.js';

export const root = repositoryFile('');

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
  private?: boolean;
  bin?: Record<string, string>;
  exports?: unknown;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

export interface Package {
  /** Name of its directory, and of its floor. */
  directory: string;
  /** Where it lies, from the top: `packages/spec`. */
  at: string;
  manifest: Manifest;
  /** What its tsconfig.json refers to, and that of its tests where it has some: `../spec`. */
  references: string[];
  testReferences: string[] | undefined;
  files: SourceFile[];
}

/** Every package of the workspace with what it imports. */
export function readPackages(): Package[] {
  return readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readPackage(name));
}

function readPackage(directory: string): Package {
  const at = join('packages', directory);
  const files = ['src', 'test', 'bench', 'soak'].flatMap((folder) => sourceFiles(at, folder));
  return {
    directory,
    at,
    manifest: readJson<Manifest>(join(root, at, 'package.json')),
    references: readReferences(join(at, 'tsconfig.json')) ?? [],
    testReferences: readReferences(join(at, 'test/tsconfig.json')),
    files: directory === testing ? files.map((file) => ({ ...file, isTest: true })) : files,
  };
}

/** The tests of the whole repository, as if they were a package. */
export function readRootTests(): Package {
  return {
    directory: 'test',
    at: '',
    manifest: readJson<Manifest>(join(root, 'package.json')),
    references: readReferences('test/tsconfig.json') ?? [],
    testReferences: undefined,
    files: sourceFiles('', 'test'),
  };
}

/** What a project of the compiler refers to; undefined where there is none. */
export function readReferences(path: string): string[] | undefined {
  if (!existsSync(join(root, path))) return undefined;
  const { references = [] } = readJson<{ references?: { path: string }[] }>(join(root, path));
  return references.map((each) => each.path);
}

function sourceFiles(at: string, folder: string): SourceFile[] {
  const directory = join(root, at, folder);
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('dist/'))
    .map((name) => ({
      path: join(folder, name),
      isTest: folder !== 'src' || name.endsWith('.test.ts'),
      imports: importsOf(readFileSync(join(directory, name), 'utf8')),
    }));
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

/**
 * What a text takes by name from where, or hands on under a name: `import { a, type B as C } from 'x'` gives x: a, B, and
 * `export { a as b } from './y.js'` gives ./y.js: b.
 */
export function namesFrom(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const add = (from: string, names: readonly string[]) => {
    found.set(from, new Set([...(found.get(from) ?? []), ...names]));
  };
  const statement = /^(?<word>import|export)\s(?:type\s)?\{(?<names>[^}]*)\}\sfrom\s'(?<from>[^']+)'/gm;
  for (const { groups: { word, names = '', from = '' } = {} } of text.matchAll(statement)) {
    for (const each of names.split(',')) {
      const [name, alias = name] = each
        .trim()
        .replace(/^type\s+/, '')
        .split(/\s+as\s+/);
      if (name !== undefined && name !== '') add(from, [(word === 'import' ? name : alias) ?? name]);
    }
  }
  // What is taken of a module that is loaded when it is needed cannot be told from other words.
  for (const [, from = ''] of text.matchAll(/\bimport\('([^']+)'\)/g)) add(from, text.match(/\w+/g) ?? []);
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
