import assert from 'node:assert/strict';
import { carriesSection } from './script-sections.js';

describe('carriesSection', () => {
  const carries = (script: string, name = '.init_array') => carriesSection(['SECTIONS { }', script], name);

  it('reads the ways in which scripts name input sections', () => {
    for (const section of [
      '*(.init_array)',
      'KEEP (*(SORT_BY_INIT_PRIORITY(.init_array.*) SORT_BY_INIT_PRIORITY(.init_array)))',
      '*(.text .init_array*)',
      '*(EXCLUDE_FILE (*crtbegin.o *crtend.o) .init_array)',
      'KEEP(*(.init_*))',
      '*(*)',
    ]) {
      assert.equal(carries(`SECTIONS { .x : { ${section} } }`), true, section);
    }
    assert.equal(carries('INCLUDE more.lds'), true);
    assert.equal(carries('SECTIONS { .x : { KEEP(*(SORT(.ctors.*))) } }', '.ctors.65535'), true);
  });

  it('is not led astray by comments, other sections and what is thrown away', () => {
    for (const script of [
      'SECTIONS { .init_array : { KEEP (*(.text*)) } }',
      'SECTIONS { /* *(.init_array) */ .text : { *(.text .text.*) *(COMMON) } }',
      'SECTIONS { /DISCARD/ : { *(.comment) *(.init_array*) } }',
      '',
    ]) {
      assert.equal(carries(script), false, script);
    }
    assert.equal(carries('SECTIONS { .x : { *(.init_array) } }', '.init_array.00101'), false);
  });

  it('takes linear time', () => {
    const start = performance.now();
    carries(`${'('.repeat(2000)}${')'.repeat(2000)}${'/* '.repeat(100_000)}`);
    assert.ok(performance.now() - start < 2000);
  });
});
