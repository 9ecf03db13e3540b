import assert from 'node:assert/strict';
import { BunnyError } from 'bunny-libos-spec';
import { checkSymbols, type SymbolSource, type SymbolUse, scriptSymbols } from './symbol-check.js';

function source(name: string, ...defined: string[]): SymbolSource {
  return { name, version: '1.2.0', defined: new Set(defined) };
}

const libc = source('libc', 'memcpy', 'printf');
const net = source('net', 'tcp_listen');

function use(wanted: string[], more: Partial<SymbolUse> = {}): SymbolUse {
  return {
    label: 'http 1.0.0 (amd64)',
    file: 'http/component.yaml',
    objects: [{ source: 'src/http.c', undefined: wanted }],
    own: new Set(['serve']),
    direct: new Map([['libc', libc]]),
    base: [source('main', 'panic')],
    others: [libc, net],
    included: new Set(),
    ...more,
  };
}

describe('checkSymbols', () => {
  it('accepts own symbols, declared dependencies, base components and what the linker defines', () => {
    const wanted = ['serve', 'memcpy', 'panic', '__start_init_calls', '_GLOBAL_OFFSET_TABLE_'];
    assert.deepEqual(checkSymbols(use(wanted)), []);
  });

  it('names the component that defines an undeclared symbol, and what to write', () => {
    assert.throws(
      () => checkSymbols(use(['memcpy', 'tcp_listen'])),
      (error: unknown) => {
        assert.ok(error instanceof BunnyError);
        assert.equal(error.code, 'BUNNY_EUNDECLARED');
        assert.equal(error.exitStatus, 5);
        assert.match(error.message, /http 1\.0\.0 \(amd64\) uses tcp_listen/);
        assert.deepEqual(error.details, ['tcp_listen (used by src/http.c) is defined by net 1.2.0']);
        assert.match(error.hint ?? '', /net: \^1\.2\.0/);
        return true;
      },
    );
  });

  it('says with which options the catalog knows it', () => {
    const tls = { component: 'net', version: '1.3.0', settings: {}, options: { tls: true }, provides: {} };
    assert.throws(
      () => checkSymbols(use(['tls_open'], { definers: new Map([['tls_open', [tls]]]) })),
      (error: unknown) => {
        assert.ok(error instanceof BunnyError);
        assert.deepEqual(error.details, [
          'tls_open (used by src/http.c) is defined by net 1.3.0 with tls=true',
        ]);
        assert.equal(error.hint, 'add to dependencies: net: { version: ^1.3.0, options: { tls: true } }');
        return true;
      },
    );
  });

  it('says so where no one defines it', () => {
    assert.throws(
      () => checkSymbols(use(['frobnicate'])),
      (error: unknown) =>
        error instanceof BunnyError && /no component known here/.test(error.details[0] ?? ''),
    );
  });

  it('tells a declared dependency that nothing uses, but not where a header of it was read', () => {
    const both = new Map([
      ['libc', libc],
      ['net', net],
    ]);
    assert.deepEqual(checkSymbols(use(['memcpy'], { direct: both })), ['net']);
    assert.deepEqual(checkSymbols(use(['memcpy'], { direct: both, included: new Set(['net']) })), []);
  });
});

describe('scriptSymbols', () => {
  it('finds assignments and PROVIDE, and no comparison or comment', () => {
    const script = `
      /* __nothing = 0; */
      SECTIONS { . = 0x100000; _text = .; .text : { *(.text) } PROVIDE(_end = .); PROVIDE_HIDDEN (__hidden = .);
      ASSERT(a == b, "no") __init_start = ALIGN(8); }`;
    assert.deepEqual([...scriptSymbols(script)].sort(), ['__hidden', '__init_start', '_end', '_text']);
  });
});
