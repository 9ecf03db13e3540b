const space = /[ \t\r\n]*/y;
const scalar =
  /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;
const string = /"/y;

/** What may come next within a text. */
type Expected = 'value' | 'first value' | 'key' | 'first key' | 'colon' | 'more' | 'end';

/**
 * Where a text stops being JSON (RFC 8259): the offset of the first token that cannot stand there, which is the
 * text's length where it ends too early. Undefined where all of it is JSON. What `JSON.parse` says of that is
 * different words from version to version, with or without a place.
 */
export function jsonFault(text: string): number | undefined {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  const afterValue = () => (open.length === 0 ? 'end' : 'more');
  for (;;) {
    at = matchEnd(space, text, at) ?? at;
    const character = text[at];
    if (character === undefined) return expected === 'end' ? undefined : at;
    const inside = open.at(-1);
    const closes = inside === '{' ? '}' : ']';
    const mayClose = expected === 'more' || expected === 'first value' || expected === 'first key';
    if (mayClose && character === closes) {
      open.pop();
      expected = afterValue();
      at += 1;
    } else if (expected === 'more' && character === ',') {
      expected = inside === '{' ? 'key' : 'value';
      at += 1;
    } else if (expected === 'colon' && character === ':') {
      expected = 'value';
      at += 1;
    } else if (
      (expected === 'value' || expected === 'first value') &&
      (character === '{' || character === '[')
    ) {
      open.push(character);
      expected = character === '{' ? 'first key' : 'first value';
      at += 1;
    } else {
      const isKey: boolean = expected === 'key' || expected === 'first key';
      const isValue: boolean = expected === 'value' || expected === 'first value';
      const end = isKey || isValue ? matchEnd(scalar, text, at) : undefined;
      if (end === undefined || (isKey && matchEnd(string, text, at) === undefined)) return at;
      expected = isKey ? 'colon' : afterValue();
      at = end;
    }
  }
}

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
