import assert from 'node:assert/strict';
import { isLicenceAllowed } from '../src/index.js';

describe('licence expressions', () => {
  it('are met by what is allowed, and by nothing else', () => {
    const allowed = ['MIT', 'BSD-3-Clause', 'GPL-2.0-only WITH Classpath-exception-2.0'];
    const cases: [string | undefined, boolean][] = [
      ['MIT', true],
      ['mit', true],
      ['ISC', false],
      ['MIT OR ISC', true],
      ['ISC OR MIT', true],
      ['MIT AND ISC', false],
      ['MIT AND BSD-3-Clause', true],
      ['ISC AND MIT OR MIT', true],
      ['ISC AND (MIT OR MIT)', false],
      ['(MIT OR ISC) AND BSD-3-Clause', true],
      ['GPL-2.0-only', false],
      ['GPL-2.0-only WITH Classpath-exception-2.0', true],
      ['GPL-2.0-only WITH GCC-exception-2.0', false],
      ['MIT WITH Bison-exception-2.2', true],
      [undefined, false],
      ['', false],
      ['MIT OR', false],
      ['OR MIT', false],
      ['MIT MIT', false],
      ['(MIT', false],
      ['MIT)', false],
      ['ISC OR (MIT', false],
    ];
    for (const [expression, is] of cases) {
      assert.equal(isLicenceAllowed(expression, allowed), is, String(expression));
    }
  });
});
