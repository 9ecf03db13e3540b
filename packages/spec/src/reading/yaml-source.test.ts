import assert from 'node:assert/strict';
import { BunnyError, type Position } from '../errors/errors.js';
import { readYamlSource } from './yaml-source.js';

function refused(text: string): BunnyError {
  try {
    readYamlSource(text, 'f.yaml');
  } catch (error) {
    if (error instanceof BunnyError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: `accepted: ${text.slice(0, 100)}` });
}

describe('YAML with places', () => {
  const text = 'a: 1\nb:\n  - x\n  - { c: 1.10, d: }\ne: &e [1]\nf: *e\n';
  const source = readYamlSource(text, 'f.yaml');

  it('gives plain data, and null for keys that have no value', () => {
    assert.deepEqual(source.value, { a: 1, b: ['x', { c: 1.1, d: null }], e: [1], f: [1] });
  });

  it('knows where values and keys stand', () => {
    assert.deepEqual(source.at(['b', 1, 'c']), { file: 'f.yaml', line: 4, column: 10 });
    assert.deepEqual(source.keyAt(['b', 1, 'c']), { file: 'f.yaml', line: 4, column: 7 });
    assert.deepEqual(source.at(['f', 0]), { file: 'f.yaml', line: 5, column: 8 });
    assert.deepEqual(source.at([]), { file: 'f.yaml', line: 1, column: 1 });
  });

  it('falls back to what is nearest above', () => {
    assert.deepEqual(source.at(['b', 1, 'x', 'y']), { file: 'f.yaml', line: 4, column: 5 });
    assert.deepEqual(source.at(['a', 'x']), source.at(['a']));
    assert.deepEqual(source.keyAt(['nowhere']), source.at([]));
  });

  it('remembers how scalars were written', () => {
    assert.equal(source.written(['b', 1, 'c']), '1.10');
    assert.equal(source.written(['b']), undefined);
  });

  it('joins merge keys', () => {
    const { value } = readYamlSource('x: &x { a: 1, b: 2 }\ny: { <<: *x, b: 3 }\n', 'f.yaml');
    assert.deepEqual(value, { x: { a: 1, b: 2 }, y: { a: 1, b: 3 } });
  });

  it('keeps dangerous keys as ordinary ones', () => {
    const { value } = readYamlSource('__proto__: { polluted: true }\nconstructor: 1\n', 'f.yaml');
    assert.deepEqual(Object.keys(value as object), ['__proto__', 'constructor']);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });

  it('lists every syntax error', () => {
    const error = refused('a: 1\na: 2\nb: 1\nb: 2\n');
    assert.equal(error.code, 'BUNNY_EYAML');
    assert.equal(error.message, 'this key appears twice');
    assert.deepEqual(error.where, { file: 'f.yaml', line: 2, column: 1 });
    assert.deepEqual(error.details, [
      'f.yaml:4:1: BUNNY_EYAML: this key appears twice (correct the YAML there, or in the line above)',
    ]);
  });

  it('calls the marks of a merge by their name', () => {
    const merged = 'a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n';
    const { code, message, where } = refused(merged);
    assert.equal(`${code}: ${message}`, 'BUNNY_EYAML: a merge left its marks in the document');
    assert.deepEqual(where, { file: 'f.yaml', line: 2, column: 1 });
    assert.deepEqual(readYamlSource('a: |\n  <<<<<<< HEAD\n', 'f.yaml').value, { a: '<<<<<<< HEAD\n' });
  });

  it('refuses nesting without end before it takes time', () => {
    for (const text of ['['.repeat(1_000_000), '- '.repeat(500_000), '{a: '.repeat(220_000)]) {
      assert.match(refused(text).message, /more than 64 levels/);
    }
  });

  it('finds repeated keys among very many', () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `k${index}: 1`).join('\n');
    assert.deepEqual(refused(`${keys}\nk7: 2\n`).where, { file: 'f.yaml', line: 10_001, column: 1 });
  });

  it('refuses aliases that multiply, contain themselves or name nothing, at their places', () => {
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 10; level++) {
      bomb.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }
    const told = (text: string) => {
      const { message, where } = refused(text);
      const { line, column } = where as Position;
      return `${line}:${column}: ${message}`;
    };
    assert.match(told(bomb.join('\n')), /^10:\d\d: aliases expand to too many values$/);
    assert.equal(told('a: &a [\n  *a]\n'), '2:3: the alias *a is within its own anchor');
    assert.equal(told('a: &a { <<: *a }\n'), '1:13: the alias *a is within its own anchor');
    assert.equal(told('a: 1\nb: *b\nc: &b 1\n'), '2:4: the alias *b names no anchor before it');
    assert.equal(told('a: &a 1\nb: { <<: *a }\n'), '2:10: a merge key (<<) takes a map, or an alias of one');
    assert.equal(told('a: 1\nb: { <<: [1] }\n'), '2:10: a merge key (<<) takes a map, or an alias of one');
  });

  it('refuses a second document, keys that are not texts, and the types of older YAML', () => {
    assert.match(refused('a: 1\n---\nb: 2\n').message, /second document/);
    assert.equal(refused('? [a]\n: b\n').code, 'BUNNY_EYAML');
    const { value } = readYamlSource('%YAML 1.1\n---\na: !!set { x: 1 }\nb: yes\nc: 2020-01-01\n', 'f.yaml');
    assert.deepEqual(value, { a: { x: 1 }, b: 'yes', c: '2020-01-01' });
  });
});
