import assert from 'node:assert/strict';
import { canMatchBelow, isPlainPath, matchesGlob, parseGlob } from './glob.js';

describe('matchesGlob', () => {
  const cases: [string, string[], string[]][] = [
    ['*.c', ['a.c', 'a.b.c'], ['d/a.c', 'a.cc', '.a.c', '.c']],
    ['src/**/*.c', ['src/a.c', 'src/x/a.c', 'src/x/y/a.c'], ['a.c', 'src/.x/a.c', 'src/x/.a.c', 'srcs/a.c']],
    ['**', ['a', 'a/b'], ['.a', 'a/.b']],
    ['**/x', ['x', 'a/x', 'a/b/x'], ['a/x/b', 'ax']],
    ['a/**', ['a/b', 'a/b/c', 'a'], ['b']],
    ['a?.[ch]', ['ab.c', 'ac.h'], ['ab.[ch]', 'a.c', 'ab.x']],
    ['[!a-c]*[0-9]', ['d1', 'x-9'], ['a1', 'dx']],
    ['[a', ['[a'], ['a']],
    ['{src,lib}/*.{c,S}', ['src/a.c', 'lib/a.S'], ['src/a.h', 'src,lib/a.c']],
    ['a{b,{c,d}e}', ['ab', 'ace', 'ade'], ['ac', 'abe']],
    ['./src//*.c', ['src/a.c'], ['./src/a.c']],
    ['.config/*', ['.config/a'], ['.config/.a', 'config/a']],
    ['*a*b*c', ['abc', 'xaxbxc'], ['acb', 'abcx']],
  ];
  for (const [glob, yes, no] of cases) {
    it(glob, () => {
      for (const path of yes) assert.ok(matchesGlob(parseGlob(glob), path), path);
      for (const path of no) assert.ok(!matchesGlob(parseGlob(glob), path), path);
    });
  }

  it('takes time in proportion, whatever the pattern', () => {
    assert.ok(!matchesGlob(parseGlob(`${'**/*a'.repeat(40)}/b`), 'a/'.repeat(100)));
    assert.throws(() => parseGlob('{a,b}'.repeat(20)), RangeError);
  });
});

describe('canMatchBelow', () => {
  it('tells which directories need not be looked at', () => {
    const glob = parseGlob('src/*/x/*.c');
    for (const directory of ['src', 'src/a', 'src/a/x']) assert.ok(canMatchBelow(glob, directory), directory);
    for (const directory of ['lib', 'src/a/y', 'src/a/x/z'])
      assert.ok(!canMatchBelow(glob, directory), directory);
    assert.ok(canMatchBelow(parseGlob('**/*.c'), 'any/where'));
    assert.ok(!canMatchBelow(parseGlob('**/*.c'), '.git'));
    assert.ok(!canMatchBelow(parseGlob('*'), 'node_modules'));
  });
});

describe('isPlainPath', () => {
  it('tells paths from patterns', () => {
    assert.ok(isPlainPath('src/main.c'));
    for (const glob of ['*.c', 'a?', '{a,b}', '[ab]']) assert.ok(!isPlainPath(glob));
  });
});
