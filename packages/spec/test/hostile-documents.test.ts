import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BunnyError } from '../src/errors/errors.js';
import { readBunnyfile } from '../src/reading/read-bunnyfile.js';
import { readComponent } from '../src/reading/read-component.js';
import { readComponentConfig } from '../src/reading/read-component-config.js';
import { readLocks } from '../src/reading/read-lock.js';
import { readTooling } from '../src/reading/read-tooling.js';
import { readToolingDocument } from '../src/reading/read-tooling-document.js';

const honest = `framework: warren
name: net
version: 1.2.0
dependencies: { libc: ^1.0, virtio: { version: ^1.1, when: { platform: qemu } } }
options: { ipv6: { type: boolean, default: false } }
sources: [src/*.c, { files: a.S, when: { arch: arm64 } }]
matrix: { arch: [amd64], platform: [qemu], options: [{}, { ipv6: true }] }
platforms: { framework: warren }
languages: { c: { files: '*.c', compile: gcc } }
targets: [{ arch: amd64, platform: qemu, link: ld, monitor: { command: qemu } }]
`;

/** Reads hostile input: any value or a BunnyError will do, nothing else. */
function survives(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof BunnyError)) throw error;
    assert.match(error.code, /^BUNNY_E[A-Z]+$/);
    assert.notEqual(error.message, '');
  }
}

function survivesAll(text: string): void {
  for (const read of [readComponent, readBunnyfile, readTooling, readLocks]) survives(() => read(text, 'f'));
  const bytes = new TextEncoder().encode(text);
  for (const read of [readComponentConfig, readToolingDocument]) survives(() => read(bytes, 'r'));
}

describe('hostile documents', () => {
  it('with values without end are refused before anything is done with them', () => {
    const documents = [
      `dependencies:\n${Array.from({ length: 20_000 }, (_, index) => `  n${index}: '*'\n`).join('')}`,
      `app: { flags: [${'-a,'.repeat(150_000)}] }\n`,
      `app: { flags: [${"'-a',".repeat(100_000)}] }\n`,
      `app:\n  flags:\n${'    - -a\n'.repeat(100_000)}`,
      `app: { flags: ${'-a '.repeat(150_000)} }\n`,
      `app:\n  flags: |\n${'    -a\n'.repeat(50_000)}`,
      `app: { flags: [&a -x${', *a'.repeat(150_000)}] }\n`,
      `${'a: 1\n'.repeat(100_000)}`,
    ];
    for (const text of documents) {
      const start = performance.now();
      for (const read of [readBunnyfile, readComponent, readTooling]) {
        assert.throws(() => read(text, 'f'), { code: 'BUNNY_ETOOLARGE' }, text.slice(0, 50));
      }
      assert.ok(performance.now() - start < 5000, `${text.slice(0, 50)}: ${performance.now() - start} ms`);
    }
    const template = { Bunnyfile: 'a '.repeat(100_000) };
    survives(() => readTooling(JSON.stringify({ template }), 'f'));
  });

  it('arbitrary texts end in a value or a BunnyError', () => {
    const yamlish = fc.stringMatching(/^[-\]a{}[:,&*?|>!%@`'"#\n 0<]*$/, { maxLength: 60 });
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), yamlish), survivesAll), { numRuns: 200 });
  });

  it('arbitrary values in every place of a document do, too', () => {
    const keys = fc.constantFrom(
      ...[
        'framework',
        'name',
        'version',
        'dependencies',
        'options',
        'matrix',
        'sources',
        'scripts',
        'targets',
      ],
      ...[
        'platforms',
        'languages',
        'rootfs',
        'when',
        'files',
        'default',
        '__proto__',
        'constructor',
        'toString',
      ],
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        tie('list'),
        tie('map'),
      ),
      list: fc.array(tie('tree'), { maxLength: 3 }),
      map: fc.array(fc.tuple(keys, tie('tree')), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs)),
    }));
    fc.assert(
      fc.property(tree, (value) => survivesAll(JSON.stringify(value) ?? 'null')),
      { numRuns: 200 },
    );
  });

  it('damage to an honest document does, too', () => {
    fc.assert(
      fc.property(fc.nat(honest.length), fc.nat(20), fc.string({ maxLength: 5 }), (at, length, insert) =>
        survivesAll(honest.slice(0, at) + insert + honest.slice(at + length)),
      ),
      { numRuns: 200 },
    );
  });

  it('leaves the prototypes of JavaScript alone', () => {
    survivesAll('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });
});
