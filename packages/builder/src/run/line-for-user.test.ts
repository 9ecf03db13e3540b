import assert from 'node:assert/strict';
import { lineForUser, pathOnHost } from './line-for-user.js';

const directories = {
  source: '/home/u/app',
  roots: new Map([
    ['/src', '/home/u/app'],
    ['/work', '/home/u/.cache/bunny/work/1/amd64-qemu/work'],
    ['/closure/libc', '/cache/libc'],
  ]),
  current: '/home/u',
};
const isSource = (path: string) => ['src/main.c', 'a b.c'].includes(path);
const rewritten = (line: string, current = directories.current) =>
  lineForUser(line, { ...directories, current }, isSource);

describe('lineForUser', () => {
  it('rewrites the ways in which compilers and assemblers name files', () => {
    const cases: [string, string][] = [
      ['src/main.c:3:5: error: x', 'app/src/main.c:3:5: error: x'],
      ["src/main.c: In function 'main':", "app/src/main.c: In function 'main':"],
      ['In file included from src/main.c:1:', 'In file included from app/src/main.c:1:'],
      ['                 from src/main.c:2:', '                 from app/src/main.c:2:'],
      ['src/main.c: Assembler messages:', 'app/src/main.c: Assembler messages:'],
      ['a b.c:1:1: warning: y', 'app/a b.c:1:1: warning: y'],
      ['/closure/libc/include/stdio.h:7:1: note: z', '/cache/libc/include/stdio.h:7:1: note: z'],
      [
        "ld: /work/app/src/main.c.o: in function `main':",
        "ld: .cache/bunny/work/1/amd64-qemu/work/app/src/main.c.o: in function `main':",
      ],
      ["'/src/x.c' and (/src/y.c)", "'app/x.c' and (app/y.c)"],
    ];
    for (const [line, expected] of cases) assert.equal(rewritten(line), expected);
  });

  it('leaves alone what is no path of the sandbox', () => {
    for (const line of [
      'cc1: error: unrecognised option',
      '    3 | int src = 4; // src/main.c:',
      'see /usr/src/main.c and /closure/unknown/x',
      'https://example.org/src/x',
      '/srcs/a /workshop/b',
    ]) {
      assert.equal(rewritten(line), line);
    }
  });

  it('does not take a path of this machine for one of the sandbox', () => {
    const there = { ...directories, source: '/work/app', current: '/tmp' };
    assert.equal(lineForUser('src/main.c:1:1: error', there, isSource), '/work/app/src/main.c:1:1: error');
  });

  it('shows absolute paths to who stands elsewhere', () => {
    assert.equal(rewritten('src/main.c:1:1: error', '/tmp'), '/home/u/app/src/main.c:1:1: error');
    assert.equal(rewritten('src/main.c:1:1: error', '/home/u/app'), 'src/main.c:1:1: error');
  });
});

describe('pathOnHost', () => {
  it('finds files of the sandbox on the host', () => {
    assert.equal(
      pathOnHost('/work/linked', directories),
      '/home/u/.cache/bunny/work/1/amd64-qemu/work/linked',
    );
    assert.equal(pathOnHost('/closure/libc/objects/a.o', directories), '/cache/libc/objects/a.o');
    assert.equal(pathOnHost('/src/a.c', directories), '/home/u/app/a.c');
    assert.equal(pathOnHost('/usr/bin/ld', directories), '/usr/bin/ld');
  });
});
