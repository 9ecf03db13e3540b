import assert from 'node:assert/strict';
import { GlobPatterns, isPattern, plainStart } from './glob-pattern.js';

function matches(pattern: string, path: string): boolean {
  const patterns = new GlobPatterns([pattern]);
  return patterns.isWhole(
    path.split('/').reduce((state, part) => patterns.follow(state, part), patterns.start),
  );
}

describe('globs', () => {
  const table: [pattern: string, yes: string[], no: string[]][] = [
    ['main.c', ['main.c'], ['xmain.c', 'main.cc', 'a/main.c']],
    ['./a//b/', ['a/b'], ['a', 'b']],
    ['*.c', ['a.c', 'a.b.c'], ['.c', '.a.c', 'a/b.c', 'a.cc']],
    ['*', ['a', 'README'], ['.a', 'a/b']],
    ['?.c', ['a.c'], ['.c', 'ab.c', '..c']],
    ['.*', ['.a'], ['a']],
    ['src/.*.c', ['src/.y.c'], ['src/y.c']],
    ['**/*.c', ['a.c', 'a/b/c.c'], ['.git/a.c', 'a/.b/c.c', 'a/.c.c']],
    ['src/**', ['src/a', 'src/a/b'], ['src', 'srcx', 'src/.a', 'src/.a/b']],
    ['*/**', ['a/b', 'a/b/c'], ['a', '.a/b']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['a/xb', 'b']],
    ['**/.x/**', ['a/.x/b', '.x/b'], ['a/x/b']],
    ['a**b', ['ab', 'axb'], ['a/b']],
    ['[ab].c', ['a.c', 'b.c'], ['c.c']],
    ['[!a-c].c', ['d.c'], ['a.c', '.c']],
    ['[^a]', ['b'], ['a', '.']],
    ['[]a]', [']', 'a'], ['b']],
    ['[[:digit:]x]', ['1', 'x'], ['a', ':']],
    ['[a', ['[a'], ['a']],
    ['{a,b*}.c', ['a.c', 'b.c', 'bb.c'], ['c.c', 'aa.c']],
    ['{a,{b,c}}', ['a', 'b', 'c'], ['d', '{b']],
    ['{a}', ['{a}'], ['a']],
    ['{1..3}', ['1', '2', '3'], ['4', '1..3']],
    ['{a,.b}', ['a', '.b'], ['b']],
    ['{src,lib/x}/**/*.{c,h}', ['src/a.c', 'lib/x/y/a.h'], ['lib/a.c', 'src/a.S']],
    ['{src/,}*.c', ['src/a.c', 'a.c'], ['lib/a.c']],
    ['a/{**,b}/c', ['a/q/r/c', 'a/b/c', 'a/c'], ['a/q']],
    ['@(a/b|c)', ['a/b', 'c'], ['a', 'b']],
    ['(a|b).c', ['a.c', 'b.c'], ['ab.c']],
    ['?(a)b', ['b', 'ab'], ['aab']],
    ['*(a|b)', ['a', 'abba'], ['c', 'abc']],
    ['+(a|b)c', ['ac', 'abac'], ['c']],
    ['!(config).h', ['x.h', 'config2.h', 'con.h'], ['config.h', '.h', '.x.h']],
    ['!(*.h)', ['a.c'], ['a.h', '.c']],
    ['foo!(bar)', ['foo', 'foobaz', 'foobarr'], ['foobar', 'fo']],
    ['!(a|b)/c', ['x/c'], ['a/c', 'b/c', 'x/y/c']],
    ['!(!(a))', ['a'], ['b']],
    ['a-b/c++.c', ['a-b/c++.c'], ['a-b/c.c']],
    ['(x)/[q].c', ['(x)/[q].c', 'x/q.c'], ['(x/q.c']],
    ['{a,b', ['{a,b'], ['a']],
    ['({a)b}', ['({a)b}'], ['ab']],
    ['a\\*', ['a*'], ['ab']],
    ['!a', [], ['a', 'b', '!a']],
    ['../a', [], ['a', '../a']],
    ['{..,a}/b', ['a/b'], ['b']],
    ['größe.?', ['größe.c'], ['größe']],
  ];
  for (const [pattern, yes, no] of table) {
    it(`read ${pattern} as people do`, () => {
      for (const path of yes) assert.equal(matches(pattern, path), true, path);
      for (const path of no) assert.equal(matches(pattern, path), false, path);
    });
  }

  it('take time in proportion to pattern and name, whatever they are', () => {
    const name = 'a'.repeat(255);
    const deep = Array.from({ length: 120 }, () => 'a').join('/');
    const nested = (open: string, close: string, times: number) =>
      `${open.repeat(times)}a${close.repeat(times)}`;
    const patterns = [
      `${'*a'.repeat(300)}*b`,
      `${'?*'.repeat(300)}b`,
      nested('+(', ')', 300),
      nested('*(*', '*)', 200),
      nested('+(a|', ')', 200),
      nested('{a,', '}', 250),
      `${'{a,b}'.repeat(180)}c`,
      '('.repeat(900),
      '{'.repeat(900),
      nested('{', '}', 400),
      '['.repeat(900),
      `${'[!'.repeat(400)}]`,
      `${nested('!(', ')', 8)}b`,
      `${'!(a*)'.repeat(8)}b`,
      `${'+(a|aa|aaa)'.repeat(60)}b`,
      `${'**/'.repeat(300)}b`,
      `${'**/*/'.repeat(100)}b`,
    ];
    for (const pattern of patterns) {
      const start = performance.now();
      assert.equal(matches(pattern, `${name}x/y`), false);
      assert.equal(matches(pattern, `${deep}/x`), false);
      matches(pattern, name);
      // A second for what takes some milliseconds: the machine may have other things to do.
      assert.ok(performance.now() - start < 2000, `${pattern.slice(0, 20)}: ${performance.now() - start} ms`);
    }
  });

  it('stand for a thousand others at most', () => {
    assert.throws(() => new GlobPatterns(['{a/,b/}'.repeat(100)]), { code: 'BUNNY_EPATH' });
    assert.throws(() => new GlobPatterns(['!(a)'.repeat(9)]), { code: 'BUNNY_EPATH' });
    assert.ok(matches('{a/,b/}'.repeat(9), 'a/b/a/b/a/b/a/b/b'));
  });

  it('say by which directories they begin', () => {
    assert.deepEqual(['src/lib/*.c', './src//x/y', '*.c', 'a/{b,c}/d'].map(plainStart), [
      'src/lib',
      'src/x',
      '',
      'a',
    ]);
    assert.deepEqual(['a/b.c', 'a*', 'a(b'].map(isPattern), [false, true, true]);
  });
});
