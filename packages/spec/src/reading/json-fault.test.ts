import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jsonFault } from './json-fault.js';

describe('jsonFault', () => {
  it('finds nothing in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        assert.equal(jsonFault(JSON.stringify(value, null, indent)), undefined);
      }),
    );
  });

  it('agrees with JSON.parse on whether a damaged text is JSON', () => {
    const damaged = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', '1', ':', ' ', '\\', 'x'))
      .map(
        ([text, at, piece]) =>
          text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + 1),
      );
    fc.assert(
      fc.property(damaged, (text) => {
        assert.equal(jsonFault(text) === undefined, isJson(text), text);
      }),
    );
  });

  it('names the first token that cannot stand there', () => {
    const cases: [text: string, at: number | undefined][] = [
      ['{"a": 1,}', 8],
      ['{"a" 1}', 5],
      ['[1 2]', 3],
      ['{a: 1}', 1],
      ['[tru]', 1],
      ['["a\nb"]', 1],
      ['[1]]', 3],
      ['{"a": [1, 2', 11],
      ['', 0],
      ['[01]', 2],
      [' {} ', undefined],
    ];
    for (const [text, at] of cases) assert.equal(jsonFault(text), at, text);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
