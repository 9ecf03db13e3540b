import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Edge, ninjaFile } from './ninja.js';

function inDirectory<T>(use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'bunny-ninja-'));
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Anything that a file may be called, except for line breaks and what stands for a directory. */
const hostileName = fc
  .string({ unit: fc.constantFrom(...' $:|\'"\\#&;*?~<>()[]{}=@%^!-ab.é'), minLength: 1, maxLength: 8 })
  .filter((name) => name !== '.' && name !== '..');

describe('ninjaFile', () => {
  it('brings hostile words and file names through ninja and the shell', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(
        fc.uniqueArray(hostileName, { minLength: 2, maxLength: 6 }),
        fc.array(fc.string().map((text) => text.replaceAll(/[\n\r\0]/g, ''))),
        (names, words) => {
          inDirectory((directory) => {
            const inputs = names.slice(1).map((name) => `./in ${name}`);
            const output = `./out ${names[0]}`;
            for (const input of inputs) writeFileSync(join(directory, input), input);
            const script = 'out=$1; shift; for word; do printf "%s\\0" "$word"; done > "$out"';
            const edge: Edge = {
              command: ['sh', '-c', script, 'sh', output, ...inputs, ...words],
              inputs,
              outputs: [output],
              description: 'print',
            };
            writeFileSync(join(directory, 'build.ninja'), ninjaFile({ edges: [edge] }, '.'));
            execFileSync('ninja', { cwd: directory });
            const printed = readFileSync(join(directory, output), 'utf8').split('\0').slice(0, -1);
            assert.deepEqual(printed, [...inputs, ...words]);
            assert.match(execFileSync('ninja', { cwd: directory, encoding: 'utf8' }), /no work to do/);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('runs a command that is too long for one shell word', () => {
    inDirectory((directory) => {
      const words = Array.from({ length: 40_000 }, (_, index) => `word-${index}`);
      const edge: Edge = {
        command: ['sh', '-c', 'out=$1; shift; echo $# > "$out"', 'sh', 'count', ...words],
        inputs: [],
        outputs: ['count'],
        description: 'count',
      };
      writeFileSync(join(directory, 'build.ninja'), ninjaFile({ edges: [edge] }, '.'));
      execFileSync('ninja', { cwd: directory });
      assert.equal(readFileSync(join(directory, 'count'), 'utf8'), '40000\n');
      assert.deepEqual(readdirSync(directory).sort(), ['.ninja_log', 'build.ninja', 'count']);
    });
  });

  it('gives the same text for the same graph, with every kind of input', () => {
    const edge: Edge = {
      command: ['cc', '-c', 'a b.c'],
      inputs: ['a b.c'],
      implicit: ['stamp'],
      orderOnly: ['made.h'],
      outputs: ['a.o', 'a.lst'],
      depfile: 'a.o.d',
      description: 'compile a b.c',
    };
    const text = ninjaFile({ edges: [edge] }, '/work');
    assert.match(text, /^build a\.o a\.lst: run a\$ b\.c \| stamp \|\| made\.h$/m);
    assert.match(text, /^ {2}words = cc -c 'a b\.c'$/m);
    assert.match(text, /^ {2}deps = gcc\n {2}depfile = a\.o\.d$/m);
    assert.equal(ninjaFile({ edges: [{ ...edge }] }, '/work'), text);
  });

  it('refuses sources that it cannot follow by a dependency file, and follows all others', () => {
    inDirectory((directory) => {
      const edges = [...' $:|\'"#&;*?~<>()[]{}=@%^!-+,_ab.`é'].map((character): Edge => {
        const [source, output] = [`./x${character}y.c`, `./x${character}y.o`];
        writeFileSync(join(directory, source), '');
        const command = ['gcc', '-E', '-MD', '-MF', `${output}.d`, source, '-o', output];
        return { command, inputs: [source], outputs: [output], depfile: `${output}.d`, description: source };
      });
      const refused: string[] = [];
      const taken = edges.filter((edge) => {
        try {
          return ninjaFile({ edges: [edge] }, '.') !== '';
        } catch (error) {
          assert.equal((error as { code?: unknown }).code, 'BUNNY_EPATH');
          refused.push(edge.description.slice(3, -3));
          return false;
        }
      });
      assert.equal(refused.sort().join(''), '"&\'*;<>?^`|');
      writeFileSync(join(directory, 'build.ninja'), ninjaFile({ edges: taken }, '.'));
      execFileSync('ninja', { cwd: directory });
      assert.match(execFileSync('ninja', { cwd: directory, encoding: 'utf8' }), /no work to do/);
    });
  });

  it('refuses line breaks and empty paths, and says of which edge', () => {
    const edge: Edge = { command: ['true'], inputs: ['a'], outputs: ['c'], description: 'compile a' };
    for (const [wrong, word] of [
      [{ inputs: ['a\nb'] }, '"a\\nb"'],
      [{ command: ['cc', '-DX=1\r'] }, '"-DX=1\\r"'],
      [{ outputs: [''] }, '""'],
    ] as const) {
      assert.throws(() => ninjaFile({ edges: [{ ...edge, ...wrong }] }, '.'), {
        code: 'BUNNY_EPATH',
        message: `ninja cannot express ${word}`,
        where: 'compile a',
      });
    }
  });
});
