import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { stringify } from 'yaml';
import { formats } from '../src/reading/formats.js';
import { readBunnyfile } from '../src/reading/read-bunnyfile.js';
import { readComponent } from '../src/reading/read-component.js';
import { readPolicy } from '../src/reading/read-policy.js';
import { readTooling } from '../src/reading/read-tooling.js';

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
    // A command may print more some day: who reads that passes over what they do not know, as the schema says.
    const closed = schemas.filter(([file]) => file !== 'output.schema.json');
    const open = closed.flatMap(([file, schema]) =>
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

  it('give examples and defaults that they allow themselves', () => {
    const ajv = new Ajv2020({ strict: false, formats: { ...formats } });
    for (const [, schema] of schemas) ajv.addSchema(schema);
    for (const [file, schema] of schemas) {
      for (const [pointer, inner] of inside(schema, '')) {
        const values = [
          ...((inner.examples ?? []) as unknown[]),
          ...('default' in inner ? [inner.default] : []),
        ];
        for (const value of values) {
          const valid = ajv.validate({ $ref: `${schema.$id}#${pointer}` }, value);
          assert.ok(valid, `${file}#${pointer}: ${JSON.stringify(value)}: ${ajv.errorsText()}`);
        }
      }
    }
  });

  it('begin with an example of a whole document', () => {
    const readers = {
      'component.schema.json': readComponent,
      'bunnyfile.schema.json': readBunnyfile,
      'policy.schema.json': readPolicy,
      'tooling-source.schema.json': readTooling,
    };
    for (const [file, schema] of schemas) {
      if (!Object.hasOwn(readers, file)) continue;
      const [example] = schema.examples as unknown[];
      readers[file as keyof typeof readers](stringify(example), file);
    }
  });
});
