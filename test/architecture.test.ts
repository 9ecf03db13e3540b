import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  circle,
  floors,
  importsOf,
  independent,
  type Manifest,
  namesFrom,
  type Package,
  packageOf,
  readJson,
  readPackages,
  readReferences,
  readRootTests,
  root,
  type SourceFile,
  target,
  testing,
} from './workspace.js';

const packages = readPackages();
const rootTests = readRootTests();
const byName = new Map(packages.map((one) => [one.manifest.name, one]));
const rootManifest = readJson<Manifest>(join(root, 'package.json'));

/** What `complain` says of every import of every file, without repetition. */
function complaints(
  complain: (one: Package, file: SourceFile, specifier: string, typeOnly: boolean) => string | undefined,
): string[] {
  const all = [...packages, rootTests].flatMap((one) =>
    one.files.flatMap((file) =>
      file.imports.map(({ specifier, typeOnly }) => complain(one, file, specifier, typeOnly)),
    ),
  );
  return [...new Set(all.filter((complaint) => complaint !== undefined))].sort();
}

const place = (one: Package, file: SourceFile) => join(one.at, file.path);

/** A program whose bundle is packed needs nothing to be installed beside it. */
const isBundled = ({ manifest }: Package) => manifest.bin !== undefined && manifest.exports === undefined;

describe('the architecture', () => {
  it('has a floor for every package', () => {
    const unknown = packages.map(({ directory }) => directory).filter((name) => !floors.includes(name));
    assert.deepEqual(unknown, [testing]);
  });

  it('lets imports only run down', () => {
    const upward = complaints((one, file, specifier) => {
      const other = byName.get(packageOf(specifier) ?? '');
      if (other === undefined || other === one || !floors.includes(one.directory)) return undefined;
      // Unit tests are compiled with the sources, before it.
      if (other.directory === testing && !file.path.startsWith('src/')) return undefined;
      const isDown = floors.indexOf(other.directory) < floors.indexOf(one.directory);
      if (isDown && !independent.includes(one.directory)) return undefined;
      return `${place(one, file)} imports ${specifier}`;
    });
    assert.deepEqual(upward, []);
  });

  it('lets packages touch each other only through their faces', () => {
    const trespasses = complaints((one, file, specifier) => {
      const other = byName.get(packageOf(specifier) ?? '');
      // That package has no face: its modules are imported one by one.
      const isDeep = other !== undefined && other.directory !== testing && other.manifest.name !== specifier;
      const isOutside = specifier.startsWith('.') && target(file, specifier).startsWith('..');
      return isDeep || isOutside ? `${place(one, file)} imports ${specifier}` : undefined;
    });
    assert.deepEqual(trespasses, []);
  });

  it('has packages that stand alone which name no command and no flag of Bunny', () => {
    const words = /^(?!\s*(?:\/?\*|\/\/)).*['"`][^'"`]*(?:\s--[a-z][a-z-]+|\bbunny [a-z]+)/gm;
    const named = packages
      .filter(({ directory }) => independent.includes(directory) && directory !== 'spec')
      .flatMap((one) =>
        one.files
          .filter(({ isTest }) => !isTest)
          .flatMap(({ path }) =>
            [...readFileSync(join(root, 'packages', one.directory, path), 'utf8').matchAll(words)].map(
              ([line]) => `${one.directory}/${path}: ${line.trim()}`,
            ),
          ),
      );
    assert.deepEqual(named, []);
  });

  it('has faces of what somebody else uses, unless they are packed for others', () => {
    const used = new Map<string, Set<string>>();
    for (const one of [...packages, rootTests]) {
      for (const file of one.files) {
        const text = readFileSync(join(root, place(one, file)), 'utf8');
        for (const [from, names] of namesFrom(text)) {
          if (from !== one.manifest.name) used.set(from, new Set([...(used.get(from) ?? []), ...names]));
        }
      }
    }
    const inner = packages.filter(({ directory, manifest }) => manifest.private && directory !== testing);
    const idle = inner.flatMap(({ at, manifest }) => {
      const face = namesFrom(readFileSync(join(root, at, 'src/index.ts'), 'utf8'));
      const exported = [...face.values()].flatMap((names) => [...names]);
      return exported.filter((name) => !used.get(manifest.name)?.has(name)).map((name) => `${at}: ${name}`);
    });
    assert.deepEqual(idle, []);
  });

  it('has no circle of files', () => {
    for (const one of [...packages, rootTests]) {
      const graph = new Map(
        one.files.map((file) => [
          file.path,
          file.imports
            .filter(({ specifier, typeOnly }) => !typeOnly && specifier.startsWith('.'))
            .map(({ specifier }) => target(file, specifier)),
        ]),
      );
      assert.deepEqual(circle(graph), undefined, one.directory);
    }
  });

  it('has folders that are floors: what is imported from another is never imported back', () => {
    for (const one of packages) {
      const graph = new Map<string, string[]>();
      for (const file of one.files) {
        if (!file.path.startsWith('src/') || file.path.endsWith('.test.ts') || file.path === 'src/index.ts')
          continue;
        const folder = dirname(file.path);
        const others = file.imports
          .filter(({ specifier }) => specifier.startsWith('.'))
          .map(({ specifier }) => dirname(target(file, specifier)))
          .filter((other) => other !== folder && other.startsWith('src'));
        graph.set(folder, [...(graph.get(folder) ?? []), ...others]);
      }
      assert.deepEqual(circle(graph), undefined, one.directory);
    }
  });

  it('declares what it imports', () => {
    const undeclared = complaints((one, file, specifier, typeOnly) => {
      const name = packageOf(specifier);
      if (name === undefined || name === one.manifest.name) return undefined;
      const { dependencies = {}, devDependencies = {} } = one.manifest;
      if (Object.hasOwn(dependencies, name)) return undefined;
      const mayBeDev = file.isTest || typeOnly || isBundled(one);
      if (mayBeDev && Object.hasOwn(devDependencies, name)) return undefined;
      if (file.isTest && Object.hasOwn(rootManifest.devDependencies ?? {}, name)) return undefined;
      return `${place(one, file)} imports ${specifier}`;
    });
    assert.deepEqual(undeclared, []);
  });

  it('declares nothing that it does not import', () => {
    const idle = packages.flatMap((one) => {
      const { dependencies = {}, devDependencies = {} } = one.manifest;
      const declared = Object.keys(isBundled(one) ? devDependencies : dependencies);
      const used = new Set(
        one.files
          .filter(({ isTest }) => !isTest || one.directory === testing)
          .flatMap(({ imports }) => imports.map((i) => packageOf(i.specifier))),
      );
      return declared
        .filter((name) => !name.startsWith('@types/') && !used.has(name))
        .map((name) => `${one.directory}: ${name}`);
    });
    assert.deepEqual(idle, []);
  });

  it('builds packages in the order in which they import', () => {
    for (const one of packages) {
      const { dependencies = {}, devDependencies = {} } = one.manifest;
      const ours = Object.keys({ ...dependencies, ...devDependencies }).flatMap(
        (name) => byName.get(name) ?? [],
      );
      assert.deepEqual(
        one.references.toSorted(),
        ours.map(({ directory }) => `../${directory}`).sort(),
        one.directory,
      );
    }
  });

  it('builds tests as projects of their own, which may import what stands above their package', () => {
    for (const { directory, files, testReferences } of packages) {
      const hasTests = files.some(({ path }) => !path.startsWith('src/'));
      const expected = hasTests ? ['..', `../../${testing}`] : undefined;
      assert.deepEqual(testReferences, expected, directory);
    }
    const projects = packages.flatMap(({ at, testReferences }) =>
      testReferences === undefined ? [at] : [at, `${at}/test`],
    );
    assert.deepEqual(readReferences('tsconfig.json')?.sort(), [...projects, 'test'].sort());
  });

  it('names built-in modules as such', () => {
    const builtins = new Set([
      'fs',
      'path',
      'os',
      'crypto',
      'http',
      'https',
      'url',
      'util',
      'stream',
      'zlib',
      'assert',
    ]);
    const bare = complaints((one, file, specifier) =>
      builtins.has(specifier.split('/')[0] ?? '') ? `${place(one, file)} imports ${specifier}` : undefined,
    );
    assert.deepEqual(bare, []);
  });

  it('keeps what is pure pure', () => {
    const allowed: Record<string, readonly string[]> = { spec: ['node:crypto'], elf: [], solver: [] };
    const impure = complaints((one, file, specifier) => {
      const modules = allowed[one.directory];
      if (modules === undefined || file.isTest || !specifier.startsWith('node:')) return undefined;
      return modules.includes(specifier) ? undefined : `${place(one, file)} imports ${specifier}`;
    });
    assert.deepEqual(impure, []);
  });

  it('opens targets by way of the one network that a command makes', () => {
    const shortcuts =
      /(?<!\.)\b(?:openTarget|listRepositories|checkLogin|new (?:Network|RegistryClient|Layout))\b(?=[(,}\s])/g;
    const made = packages
      .filter(({ directory }) => !independent.includes(directory))
      .flatMap((one) =>
        one.files
          .filter(({ isTest }) => !isTest)
          .flatMap((file) => {
            const text = readFileSync(join(root, place(one, file)), 'utf8');
            return (text.match(shortcuts) ?? []).map((word) => `${place(one, file)}: ${word}`);
          }),
      );
    assert.deepEqual(made, ['packages/cli/src/project/network.ts: new Network']);
  });

  it('gives every file a name that tells its subject', () => {
    const vague = packages.flatMap((one) =>
      one.files
        .filter(({ path }) => /(?:^|[/-])(?:utils?|helpers?|common|misc|shared|stuff)(?:[./-]|$)/.test(path))
        .map((file) => place(one, file)),
    );
    assert.deepEqual(vague, []);
  });
});

describe('the reading of imports', () => {
  it('finds every form', () => {
    const text = [
      "import a from 'a';",
      "import { b, type B } from './b.js';",
      "import { type C, type D } from '@scope/c/d.js';",
      "import type { E } from 'e';",
      "import * as f from 'node:f';",
      "import 'g';",
      "import {\n  h,\n  i,\n} from 'h';",
      "export * from './j.js';",
      "export type { K } from './k.js';",
      'export { l };',
      // Put together here, so that this file does not seem to import it.
      `const m = await ${'import'}('m');`,
    ].join('\n');
    assert.deepEqual(
      importsOf(text).map(({ specifier, typeOnly }) => `${specifier}${typeOnly ? ' (type)' : ''}`),
      ['a', './b.js', '@scope/c/d.js (type)', 'e (type)', 'node:f', 'g', 'h', './j.js', './k.js (type)', 'm'],
    );
    assert.equal(packageOf('@scope/c/d.js'), '@scope/c');
    assert.equal(packageOf('a/b'), 'a');
    assert.equal(packageOf('./b.js'), undefined);
  });

  it('finds circles', () => {
    assert.deepEqual(
      circle(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['b']],
        ]),
      ),
      ['b', 'c', 'b'],
    );
    assert.equal(
      circle(
        new Map([
          ['a', ['b', 'c']],
          ['b', ['c']],
          ['c', []],
        ]),
      ),
      undefined,
    );
  });
});
