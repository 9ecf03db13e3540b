import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';

type Schema = { [keyword: string]: unknown };

const directory = new URL('../../../../registry-schemas/', import.meta.url);
const schemas = readdirSync(directory).map((file): [string, Schema] => [
  file,
  JSON.parse(readFileSync(new URL(file, directory), 'utf8')) as Schema,
]);

/** Every schema within a schema, with its JSON Pointer. */
function* inside(schema: Schema, pointer: string): Generator<[string, Schema]> {
  yield [pointer, schema];
  for (const keyword of ['properties', 'patternProperties', '$defs']) {
    for (const [name, inner] of Object.entries((schema[keyword] ?? {}) as Record<string, Schema>)) {
      yield* inside(inner, `${pointer}/${keyword}/${name}`);
    }
  }
  for (const keyword of ['items', 'additionalProperties', 'propertyNames']) {
    const inner = schema[keyword];
    if (inner !== null && typeof inner === 'object') yield* inside(inner as Schema, `${pointer}/${keyword}`);
  }
}

describe('the published schemas', () => {
  it('describe every key', () => {
    const silent = schemas.flatMap(([file, schema]) =>
      [...inside(schema, file)]
        .filter(([pointer]) => /\/(properties|patternProperties)\/[^/]+$/.test(pointer))
        .filter(([, inner]) => typeof inner.description !== 'string')
        .map(([pointer]) => pointer),
    );
    assert.deepEqual(silent, []);
  });

  it('know all keys of every map', () => {
    const open = schemas.flatMap(([file, schema]) =>
      [...inside(schema, file)]
        .filter(([, inner]) => inner.properties !== undefined && inner.additionalProperties === undefined)
        .map(([pointer]) => pointer),
    );
    assert.deepEqual(open, []);
  });

  it('say what is meant by every pattern', () => {
    const bare = schemas.flatMap(([file, schema]) =>
      [...inside(schema, file)]
        .filter(([, inner]) => inner.pattern !== undefined && inner.title === undefined)
        .map(([pointer]) => pointer),
    );
    assert.deepEqual(bare, []);
  });
});
