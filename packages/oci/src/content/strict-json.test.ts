import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseStrictJson } from './strict-json.js';

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text), 'test');

describe('strict JSON', () => {
  it('reads all that JSON can say', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        assert.deepEqual(parse(JSON.stringify(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('refuses a key that stands twice, however it is spelled', () => {
    assert.throws(() => parse('{"a":1,"a":2}'), { code: 'BUNNY_EMANIFEST', message: /"a" appears twice/ });
    assert.throws(() => parse('{"a":1,"\\u0061":2}'), { code: 'BUNNY_EMANIFEST' });
    assert.throws(() => parse('[{"x":{"k":[],"k" :1}}]'), { code: 'BUNNY_EMANIFEST' });
    assert.deepEqual(parse('{"a":{"a":"a"},"b":["a","a",{"a":":"}]}'), {
      a: { a: 'a' },
      b: ['a', 'a', { a: ':' }],
    });
  });

  it('keeps __proto__ an ordinary key', () => {
    const value = parse('{"__proto__":{"polluted":true}}') as object;
    assert.ok(Object.hasOwn(value, '__proto__'));
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  it('refuses depth before it can exhaust the stack', () => {
    assert.throws(() => parse('['.repeat(1_000_000)), { code: 'BUNNY_EMANIFEST', message: /deeper/ });
    assert.throws(() => parse(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`), { code: 'BUNNY_EMANIFEST' });
    parse(`${'['.repeat(64)}${']'.repeat(64)}`);
  });

  it('refuses what is too large, not UTF-8 or not JSON', () => {
    const large = Buffer.alloc(4 * 1024 * 1024 + 1, 0x20);
    assert.throws(() => parseStrictJson(large, 'x'), { code: 'BUNNY_ELIMIT', where: 'x' });
    assert.throws(() => parseStrictJson(Buffer.of(0x22, 0xff, 0x22), 'x'), { code: 'BUNNY_EMANIFEST' });
    for (const bad of ['', '{', '{"a"}', '{"a":}', "{'a':1}", '\ufeff{}', '{"a":"\\', '1 2', 'nul']) {
      assert.throws(() => parse(bad), { code: 'BUNNY_EMANIFEST' }, bad);
    }
  });

  it('stays quick on strings that do not end', () => {
    for (const end of ['', '\\', '\\\\', 'x']) {
      assert.throws(() => parse(`"${'\\"'.repeat(1_000_000)}${end}`), { code: 'BUNNY_EMANIFEST' });
      assert.throws(() => parse(`{"a":"${'\\"'.repeat(1_000_000)}${end}`), { code: 'BUNNY_EMANIFEST' });
    }
  });

  it('stays quick on long strings', () => {
    const text = JSON.stringify({ a: 'x'.repeat(3_000_000), b: '"\\'.repeat(200_000) });
    assert.equal((parse(text) as { a: string }).a.length, 3_000_000);
  });
});
