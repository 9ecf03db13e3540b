import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { withoutDebug } from '../src/without-debug.js';

const source = `
#define ONE 1
static int counter;
int shared = ONE;
extern int other(int);
__attribute__((constructor)) static void start(void) { counter = other(shared); }
inline int folded(int x) { return x + 1; }
int *place(void) { start(); return &counter + folded(ONE); }
__asm__(".section .text.group,\\"axG\\",@progbits,group_name,comdat\\n.globl grouped\\ngrouped: nop\\n.previous");
`;

describe('withoutDebug', function () {
  this.timeout(20_000);
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'bunny-debug-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const run = (program: string, ...words: string[]) =>
    execFileSync(program, words, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  /** Compiles the source in a directory of its own, which debugging data names. */
  const compile = (place: string, compiler: string, ...flags: string[]) => {
    mkdirSync(join(directory, place), { recursive: true });
    writeFileSync(join(directory, place, 'a.c'), source);
    const words = ['-O1', ...flags, '-c', 'a.c', '-o', 'a.o'];
    execFileSync(compiler, words, { cwd: join(directory, place) });
    return join(directory, place, 'a.o');
  };

  for (const compiler of ['gcc', 'aarch64-linux-gnu-gcc']) {
    it(`leaves of ${compiler} what strip leaves: sections, relocations, symbols, and the linked bytes`, () => {
      const object = compile(`${compiler}-one`, compiler, '-g3');
      const bare = join(directory, 'bare.o');
      writeFileSync(bare, withoutDebug(readFileSync(object), object));
      const prefix = compiler.replace(/gcc$/, '');
      run(`${prefix}objcopy`, '--strip-debug', object, 'judge.o');
      const sections = (file: string) => run('readelf', '-S', '--wide', file).match(/(?<=\] )\.\S+/g);
      assert.deepEqual(sections(bare), sections('judge.o'));
      for (const [program, words] of [
        ['nm', []],
        ['objdump', ['-r', '-s', '-d']],
      ] as const) {
        const told = (file: string) => run(`${prefix}${program}`, ...words, file).replaceAll(file, 'object');
        assert.equal(told(bare), told('judge.o'));
      }
      const warnings = run('readelf', '-a', '--wide', bare);
      assert.doesNotMatch(warnings, /Warning|debug/i);
      const linked = (file: string) => {
        run(
          `${prefix}ld`,
          '-e',
          'place',
          '--defsym',
          'other=0',
          '-s',
          '--build-id=none',
          '-o',
          'image',
          file,
        );
        return readFileSync(join(directory, 'image'));
      };
      assert.deepEqual(linked(bare), linked(object));
    });
  }

  it('makes objects equal that differ in what debuggers are told', () => {
    const one = compile('here', 'gcc', '-g3');
    const two = compile('there', 'gcc', '-g3', '-include', 'stddef.h');
    const plain = compile('plain', 'gcc', '-g0');
    const bare = [one, two, plain].map((file) => withoutDebug(readFileSync(file), file));
    assert.notDeepEqual(readFileSync(one), readFileSync(two));
    assert.deepEqual(bare[0], bare[1]);
    assert.deepEqual(bare[0], bare[2]);
    assert.deepEqual(withoutDebug(bare[0] ?? Buffer.alloc(0), 'again'), bare[0]);
  });

  it('leaves bytecode as it is', () => {
    const object = readFileSync(compile('lto', 'gcc', '-g', '-flto'));
    assert.deepEqual(withoutDebug(object, 'lto'), object);
  });

  it('refuses what is damaged, and never fails in another way', () => {
    const object = readFileSync(compile('damaged', 'gcc', '-g3'));
    const byte = fc.tuple(fc.nat(object.length - 1), fc.nat(255));
    const damage = fc.oneof(
      byte,
      fc.tuple(fc.nat(63), fc.nat(255)),
      fc.tuple(fc.integer({ min: object.length - 4000, max: object.length - 1 }), fc.nat(255)),
    );
    fc.assert(
      fc.property(
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        fc.nat(object.length),
        (bytes, length) => {
          const copy = Buffer.from(object.subarray(0, length % 3 === 0 ? length : object.length));
          for (const [at, value] of bytes) if (at < copy.length) copy[at] = value;
          try {
            assert.ok(withoutDebug(copy, 'x').length <= copy.length + 100_000);
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'BUNNY_EIMPORT');
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
