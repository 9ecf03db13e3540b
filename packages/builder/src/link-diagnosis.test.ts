import assert from 'node:assert/strict';
import type { ElfObject, ElfSymbol } from '@bunny/elf';
import type { LinkedObject } from './build-plan.js';
import { diagnoseLink } from './link-diagnosis.js';

function symbol(name: string, more: Partial<ElfSymbol> = {}): ElfSymbol {
  return {
    name,
    binding: 'global',
    section: '.text',
    kind: 'function',
    visibility: 'default',
    defined: true,
    common: false,
    size: 1,
    ...more,
  };
}

function object(name: string, ...symbols: ElfSymbol[]): { object: LinkedObject; elf: ElfObject } {
  return {
    object: { path: `/closure/${name}/objects/a.o`, owner: { component: name } },
    elf: {
      bits: 64,
      machine: 'amd64',
      type: 'relocatable',
      sections: [],
      symbols,
      sizes: { text: 0, data: 0, bss: 0 },
    },
  };
}

const used = (name: string) => symbol(name, { defined: false });
const names = (problems: readonly { symbol: string; objects: readonly LinkedObject[] }[]) =>
  problems.map(({ symbol: name, objects }) => [name, objects.map(({ path }) => path.split('/')[2]).join()]);

describe('diagnoseLink', () => {
  it('finds what nobody defines and what two define, of what the linker named', () => {
    const found = diagnoseLink(
      [
        object('a', used('missing'), used('unreached'), used('shared'), symbol('twice')),
        object('b', used('missing'), symbol('shared'), symbol('twice'), symbol('own', { binding: 'local' })),
        object('c', symbol('own', { binding: 'local' }), symbol('shared', { binding: 'weak' })),
      ],
      ["a.o: undefined reference to `missing'", "b.o: multiple definition of `twice'"],
      [],
    );
    assert.deepEqual(names(found.undefined), [['missing', 'a,b']]);
    assert.deepEqual(names(found.duplicate), [['twice', 'a,b']]);
  });

  it('leaves out names of linker scripts where the linker writes names in another way', () => {
    const found = diagnoseLink(
      [object('a', used('_ZN3net4openEv'), used('__bss_start'))],
      ['undefined reference to `net::open()'],
      ['SECTIONS { .bss : { __bss_start = .; } }'],
    );
    assert.deepEqual(names(found.undefined), [['_ZN3net4openEv', 'a']]);
  });

  it('takes weak references, common symbols and COMDAT groups for what they are', () => {
    const found = diagnoseLink(
      [
        object('a', symbol('maybe', { binding: 'weak', defined: false }), symbol('buffer', { common: true })),
        object('b', symbol('buffer', { common: true }), symbol('pc_thunk', { group: 'pc_thunk' })),
        object('c', symbol('pc_thunk', { group: 'pc_thunk' })),
      ],
      ['ld: final link failed'],
      [],
    );
    assert.deepEqual([found.undefined, found.duplicate], [[], []]);
  });
});
