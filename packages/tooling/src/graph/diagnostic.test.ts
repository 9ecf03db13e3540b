import assert from 'node:assert/strict';
import { missingHeaders } from './diagnostic.js';

describe('missingHeaders', () => {
  it('reads what gcc and clang say, once each', () => {
    const lines = [
      'src/main.c:2:10: fatal error: net/tcp.h: No such file or directory',
      '    2 | #include <net/tcp.h>',
      "src/other.c:3:10: fatal error: 'net/ip.h' file not found",
      'src/third.c:9:10: fatal error: net/tcp.h: No such file or directory',
    ];
    assert.deepEqual(missingHeaders(lines), ['net/tcp.h', 'net/ip.h']);
  });

  it('takes nothing else for one', () => {
    const lines = [
      'src/main.c:2:10: error: expected expression',
      'gcc: error: src/none.c: No such file or directory',
      'gcc: fatal error: no input files',
    ];
    assert.deepEqual(missingHeaders(lines), []);
  });
});
