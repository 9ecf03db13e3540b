import assert from 'node:assert/strict';
import { BunnyError } from '../src/errors/errors.js';
import type { Document } from '../src/reading/document.js';
import { readBunnyfile } from '../src/reading/read-bunnyfile.js';
import { readComponent } from '../src/reading/read-component.js';
import { readTooling } from '../src/reading/read-tooling.js';

/** Documents of every kind that a person writes, with as many keys as go together. */
const documents: readonly [name: string, read: (text: string) => Document<unknown>, example: object][] = [
  [
    'Bunnyfile',
    (text) => readBunnyfile(text, 'f'),
    {
      version: 'v0.1',
      name: 'app',
      platforms: { framework: 'warren', version: '^1.0', monitor: 'qemu', architecture: 'amd64' },
      registries: ['oci:a', { ref: 'oci:b', mirrors: ['oci:c'] }],
      app: { language: 'c', sources: ['a.c'], include: ['i'], defines: { A: 1 }, flags: '-g' },
      dependencies: {
        libc: '^1',
        net: { version: '1', options: { ipv6: true }, when: { platform: ['qemu'] } },
      },
      options: { main: { log: 1 } },
      providers: { alloc: 'alloc-buddy' },
      settings: { lto: true },
      targets: [{ arch: 'amd64', platform: 'qemu' }, 'arm64/qemu'],
      rootfs: { from: 'scratch', type: 'initrd', include: ['a:/a'] },
      envs: ['A=1'],
      cmd: ['a'],
      entrypoint: 'b',
    },
  ],
  [
    'component.yaml',
    (text) => readComponent(text, 'f'),
    {
      framework: 'warren',
      name: 'net',
      version: '1.0.0',
      description: 'd',
      license: 'MIT',
      dependencies: { libc: { version: '^1', options: { a: 1 }, when: { platform: 'qemu' } } },
      conflicts: { other: '*' },
      provides: { sockets: '1.0.0' },
      options: { size: { type: 'integer', default: 1, minimum: 0, maximum: 9, define: 'SIZE' } },
      affectedBy: ['arch'],
      sources: ['a.c'],
      include: ['include'],
      defines: { A: 1 },
      exclude: ['x'],
      matrix: { arch: ['amd64'], options: [{}] },
    },
  ],
  [
    'tooling.yaml',
    (text) => readTooling(text, 'f'),
    {
      framework: 'warren',
      version: '1.0.0',
      abi: 'w1',
      description: 'd',
      license: 'MIT',
      rootfs: { command: { run: 'sh make.sh', inputs: ['list'] } },
      settings: { lto: [false, true] },
      capabilities: { alloc: 'bump', sched: { default: 'coop', providers: ['rr'] } },
      variables: { cflags: ['-g', { words: '-O2', when: { arch: 'amd64' } }] },
      languages: { c: { files: '*.c', compile: 'gcc -c $in -o $out', depfile: 'gcc' } },
      targets: [
        {
          arch: 'amd64',
          platform: 'qemu',
          link: 'ld $objects -o $out',
          entry: 'boot',
          artifacts: ['elf'],
          monitor: { command: 'qemu $image', memory: 64, exit: { offset: 1, factor: 2 } },
        },
      ],
    },
  ],
];

/** Paths of everything in a document. */
function paths(value: unknown, above: readonly string[] = []): string[][] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...above, key];
    return [path, ...paths(inner, path)];
  });
}

/** The document with `replacement` at a path; without the key where that is undefined. */
function changed(document: object, path: readonly string[], replacement: unknown): string {
  const copy = structuredClone(document) as Record<string, unknown>;
  let parent = copy;
  for (const step of path.slice(0, -1)) parent = parent[step] as Record<string, unknown>;
  parent[path.at(-1) ?? ''] = replacement;
  return JSON.stringify(copy);
}

describe('values that are empty', () => {
  for (const [name, read, example] of documents) {
    it(`are refused at their place, wherever they stand in a ${name}; maps of names may have none`, () => {
      read(JSON.stringify(example));
      const taken: string[] = [];
      for (const path of paths(example)) {
        const text = changed(example, path, null);
        try {
          assert.deepEqual(read(text).value, read(changed(example, path, undefined)).value);
          taken.push(path.join('.'));
        } catch (error) {
          assert.ok(
            error instanceof BunnyError && error.code === 'BUNNY_ETYPE',
            `${path.join('.')}: ${error}`,
          );
          assert.deepEqual(error.where, { file: 'f', line: 1, column: text.indexOf('null') + 1 });
          assert.match(
            `${error.message}\n${error.hint}`,
            /, not empty\ngive it a value, or leave the key out$/,
          );
        }
      }
      const maps = ['conflicts', 'defines', 'dependencies', 'options', 'providers', 'provides', 'settings'];
      assert.deepEqual(
        taken.sort(),
        maps.filter((key) => Object.hasOwn(example, key)),
      );
    });
  }
});
