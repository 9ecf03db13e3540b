import assert from 'node:assert/strict';
import { readCompilerWrapper } from './compiler-wrapper.js';

const triple = 'aarch64-solo5-none-static';

/** A wrapper that compiles by these words. */
const wrapper = (...words: string[]) =>
  [
    'case ${M} in',
    '    compile)',
    `        exec ${words.join(' \\\n            ')} \\`,
    '            "$@"',
    '        ;;',
  ]
    .join('\n')
    .concat('\nesac\n');

describe('readCompilerWrapper', () => {
  it('gives the flags without the directories', () => {
    const text = wrapper(
      'clang -target aarch64',
      '-nostdinc',
      `-isystem \${I}/${triple}`,
      '-I ${I}/solo5',
      '-mabi=lp64',
    );
    assert.throws(() => readCompilerWrapper(text, triple, 'cc'), { code: 'BUNNY_EIMPORT' });
    const good = text.replace('clang -target aarch64', 'clang --target=aarch64-none');
    assert.deepEqual(readCompilerWrapper(good, triple, 'cc'), {
      flags: ['--target=aarch64-none', '-nostdinc', '-mabi=lp64'],
      hasOwnHeaders: true,
    });
  });

  for (const word of [
    '$(id)',
    '`id`',
    '-x;id',
    '"-O2"',
    '-I /etc',
    '-isystem ${I}/other',
    '@file',
    'file.c',
  ]) {
    it(`refuses ${word}`, () => {
      assert.throws(() => readCompilerWrapper(wrapper('cc', word), triple, 'cc'), { code: 'BUNNY_EIMPORT' });
    });
  }

  it('refuses what is no such script', () => {
    for (const text of ['', '\x7fELF', 'exec cc "$@"\n', wrapper('cc').replace('compile)', 'link)')]) {
      assert.throws(() => readCompilerWrapper(text, triple, 'cc'), { code: 'BUNNY_EIMPORT' });
    }
  });
});
