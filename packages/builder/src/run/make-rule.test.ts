import assert from 'node:assert/strict';
import { prerequisites } from './make-rule.js';

describe('prerequisites', () => {
  it('are what stands behind the colon, over all lines', () => {
    const text = 'main.o: src/main.c stdio.h \\\n warren/sched.h \\\n /usr/lib/gcc/stddef.h\n';
    assert.deepEqual(prerequisites(text), [
      'src/main.c',
      'stdio.h',
      'warren/sched.h',
      '/usr/lib/gcc/stddef.h',
    ]);
  });

  it('may hold what make would read otherwise', () => {
    assert.deepEqual(prerequisites('a\\ b.o: a\\ b.c x\\#y.h $$z.h c:d.h\n'), [
      'a b.c',
      'x#y.h',
      '$z.h',
      'c:d.h',
    ]);
  });

  it('may be none', () => {
    assert.deepEqual(prerequisites('main.o:\n'), []);
    assert.deepEqual(prerequisites(''), []);
  });
});
