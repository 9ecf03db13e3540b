import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { repositoryFile } from '../repository.js';

const require = createRequire(import.meta.url);

/** Formats that the schemas name; those of addresses are of no matter here. */
const formats = {
  'iri-reference': true,
  'idn-email': true,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  uri: /^[a-z][a-z0-9+.-]*:\S*$/i,
} as const;

const validators = new Map<string, ValidateFunction>();

/** Fails where a document is not SPDX 2.3, by the schema that its workgroup publishes. */
export function assertSpdx(document: unknown): void {
  const read = () => readFileSync(repositoryFile('fixtures/schemas/spdx-2.3.schema.json'), 'utf8');
  judge(document, 'SPDX', read, []);
}

/** Fails where a document is not CycloneDX 1.6, by the schemas that its project publishes. */
export function assertCycloneDx(document: unknown): void {
  const schemas = join(dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema');
  const fileOf = (name: string) => `${name}.SNAPSHOT.schema.json`;
  const read = (name: string) => readFileSync(join(schemas, fileOf(name)), 'utf8');
  // They name each other by their files.
  const others = ['spdx', 'jsf-0.82'].map((name) => ({
    ...JSON.parse(read(name)),
    $id: `http://cyclonedx.org/schema/${fileOf(name)}`,
  }));
  judge(document, 'CycloneDX', () => read('bom-1.6'), others);
}

function judge(document: unknown, name: string, read: () => string, others: readonly object[]): void {
  let validator = validators.get(name);
  if (validator === undefined) {
    const ajv = new Ajv({ strict: false, allErrors: true, formats });
    for (const other of others) ajv.addSchema(other);
    validator = ajv.compile(JSON.parse(read()));
    validators.set(name, validator);
  }
  assert.ok(validator(document), `${name}: ${JSON.stringify(validator.errors, undefined, 2)}`);
}
