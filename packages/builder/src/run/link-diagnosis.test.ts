import assert from 'node:assert/strict';
import type { ElfObject, ElfSymbol } from 'bunny-libos-elf';
import type { LinkedObject } from '../plan/build-plan.js';
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
  const undefinedOf = (objects: Parameters<typeof diagnoseLink>[0], ...lines: string[]) =>
    names(diagnoseLink(objects, lines).undefined);

  it('finds what nobody defines and what two define, of what the linker named', () => {
    const found = diagnoseLink(
      [
        object('a', used('missing'), used('unreached'), used('shared'), symbol('twice')),
        object('b', used('missing'), symbol('shared'), symbol('twice'), symbol('own', { binding: 'local' })),
        object('c', symbol('own', { binding: 'local' }), symbol('shared', { binding: 'weak' })),
      ],
      [
        "a.o: undefined reference to `missing'",
        "b.o:b.c:(.text+0x0): multiple definition of `twice'; a.o:a.c:(.text+0x0): first defined here",
      ],
    );
    assert.deepEqual(names(found.undefined), [['missing', 'a,b']]);
    assert.deepEqual(names(found.duplicate), [['twice', 'a,b']]);
  });

  it('reads the words of GNU ld, gold and lld', () => {
    const objects = [object('a', used('gone'), used('other'))];
    for (const line of [
      "ld: a.c:(.text+0x5): undefined reference to `gone'",
      "ld: a.o:a.c:(.text+0x2d): more undefined references to `gone' follow",
      "ld: x: hidden symbol `gone' isn't defined",
      "a.o:a.c:function main: error: undefined reference to 'gone'",
      'ld.lld: error: undefined symbol: gone',
      'ld.lld: error: undefined hidden symbol: gone',
    ]) {
      assert.deepEqual(undefinedOf(objects, line), [['gone', 'a']], line);
    }
  });

  it('takes names in the form of the source for those that they are made from', () => {
    const symbols = ['_ZN3net4openEi', '_ZN3net1SC1Ev', '_ZN3net5closeEv', '_Z2ttIlET_S0_', '_Znwm', 'open'];
    const objects = [object('a', ...symbols.map(used))];
    const found = (name: string) =>
      undefinedOf(objects, `undefined reference to \`${name}'`).map(([each]) => each);
    assert.deepEqual(found('net::open(int)'), ['_ZN3net4openEi']);
    assert.deepEqual(found('net::S::S()'), ['_ZN3net1SC1Ev']);
    assert.deepEqual(found('long tt<long>(long)'), ['_Z2ttIlET_S0_']);
    assert.ok(found('operator new(unsigned long)').includes('_Znwm'));
    assert.deepEqual(found('open'), ['open']);
  });

  it('leaves what is missing in the objects alone where the linker complains of something else', () => {
    const objects = [
      object(
        'a',
        used('_GLOBAL_OFFSET_TABLE_'),
        used('__start_greetings'),
        used('__udivti3'),
        symbol('main'),
      ),
      object('b', symbol('main')),
    ];
    for (const line of [
      "ld:plat.lds:1: syntax error, in function `main' of __udivti3",
      'ld: region RAM overflowed by 4096 bytes: _GLOBAL_OFFSET_TABLE_, __start_greetings, __udivti3, main',
      "ld: a.c:(.text+0xa): warning: undefined reference to `__udivti3'",
      'ld: undefined symbol __udivti3 is too far away',
      "ld: a.o: in function `main':",
      "ld: plat.lds:1: undefined symbol `limit' referenced in expression",
    ]) {
      const found = diagnoseLink(objects, [line]);
      assert.deepEqual([found.undefined, found.duplicate], [[], []], line);
    }
  });

  it('takes weak references, common symbols and COMDAT groups for what they are', () => {
    const found = diagnoseLink(
      [
        object('a', symbol('maybe', { binding: 'weak', defined: false }), symbol('buffer', { common: true })),
        object('b', symbol('buffer', { common: true }), symbol('pc_thunk', { group: 'pc_thunk' })),
        object('c', symbol('pc_thunk', { group: 'pc_thunk' })),
      ],
      [
        "undefined reference to `maybe'",
        "multiple definition of `buffer'",
        "multiple definition of `pc_thunk'",
      ],
    );
    assert.deepEqual([found.undefined, found.duplicate], [[], []]);
  });
});
