import assert from 'node:assert/strict';
import { hostPath, withHostPaths } from './host-paths.js';

const roots = new Map([
  ['/src', '/home/u/app'],
  ['/src/net-1.0.0', '/home/u/net'],
  ['/work', '/src/app'],
  ['/closure/net', '/cache/net'],
  ['/closure/net_core', '/cache/core'],
  ['/closure/net.core', '/cache/dot'],
]);

describe('hostPath', () => {
  it('takes the innermost directory that is known', () => {
    assert.equal(hostPath('/src/a.c', roots), '/home/u/app/a.c');
    assert.equal(hostPath('/src', roots), '/home/u/app');
    assert.equal(hostPath('/src/net-1.0.0/a.c', roots), '/home/u/net/a.c');
    assert.equal(hostPath('/src/net-1.0.0.old/a.c', roots), '/home/u/app/net-1.0.0.old/a.c');
    assert.equal(hostPath('/closure/other/a.h', roots), undefined);
    assert.equal(hostPath('/usr/bin/ld', roots), undefined);
  });
});

describe('withHostPaths', () => {
  const rewritten = (line: string) => withHostPaths(line, roots, (path) => `<${path}>`);

  it('rewrites each path once, wherever it stands', () => {
    const cases: [string, string][] = [
      ['/closure/net_core/include/a.h:3: error', '</cache/core/include/a.h>:3: error'],
      ['/closure/net.core/include/a.h:3: error', '</cache/dot/include/a.h>:3: error'],
      ['it is in /closure/net.', 'it is in </cache/net>.'],
      ["'/src/x.c' and (/src/net-1.0.0/y.c)", "'</home/u/app/x.c>' and (</home/u/net/y.c>)"],
      ['/work/a.o /work', '</src/app/a.o> </src/app>'],
    ];
    for (const [line, expected] of cases) assert.equal(rewritten(line), expected);
  });

  it('leaves alone what is no path of the sandbox', () => {
    for (const line of ['https://example.org/src/x', '/srcs/a /workshop/b /usr/src/c', 'a/src/b ./src/c']) {
      assert.equal(rewritten(line), line);
    }
  });
});
