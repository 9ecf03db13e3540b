import assert from 'node:assert/strict';
import fc from 'fast-check';
import { oneLine, shownInLine, shownJson, shownText } from './shown-text.js';

/** Each obeyed by terminals, or invisible: CSI, C1 CSI, OSC, overrides and isolates, joiners, fillers, tags. */
const hostile = [
  '\u001b[31m',
  '\u009b31m',
  '\u001b]0;t\u0007',
  '\r',
  '\u007f',
  '\u202e',
  '\u2066',
  '\u200b',
  '\u200d',
  '\ufeff',
  '\u00ad',
  '\u061c',
  '\u2028',
  '\u3164',
  '\u115f',
  '\u034f',
  '\u{e0041}',
  '\u{1d173}',
  '\ud800',
];

describe('text for a terminal', () => {
  it('shows what would be obeyed or not be seen', () => {
    for (const each of hostile) {
      const code = each.codePointAt(0)?.toString(16);
      const rest = each.slice(String.fromCodePoint(each.codePointAt(0) ?? 0).length);
      const ending = rest.replace('\u0007', '\\u{7}');
      assert.equal(shownText(`a${each}b`), `a\\u{${code}}${ending}b`);
    }
  });

  it('keeps what people write', () => {
    for (const text of ['größer', '日本語', 'שלום', 'مرحبا', '🐇', 'a\tb\nc', 'it’s “so” – yes…']) {
      assert.equal(shownText(text), text);
      assert.equal(shownJson(text), JSON.stringify(text));
    }
  });

  it('can be held in one line', () => {
    assert.equal(shownInLine('a\nb\tc'), 'a\\u{a}b\\u{9}c');
    assert.equal(oneLine(' a \n\n  b\r\nc\n'), 'a b c');
  });

  it('says the same as JSON', () => {
    const document = { [hostile.join('')]: hostile, list: [1, { a: 'b\n' }] };
    assert.deepEqual(JSON.parse(shownJson(document)), document);
    assert.match(shownJson(document), /^[\x20-\x7e\n]+$/);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepEqual(JSON.parse(shownJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
