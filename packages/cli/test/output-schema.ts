import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { repositoryFile } from 'bunny-libos-testing/repository.js';

interface Schema {
  $id: string;
  $defs: Record<string, object>;
}

let known: { ajv: Ajv2020; schema: Schema } | undefined;

/**
 * What is wrong with a document that a command printed with `--json`: what registry-schemas/output.schema.json says of
 * `definition`, and keys that it does not know. Empty where nothing is.
 */
export function outputProblems(definition: string, document: unknown): string[] {
  known ??= open();
  const { ajv, schema } = known;
  const validate: ValidateFunction | undefined = ajv.getSchema(`${schema.$id}#/$defs/${definition}`);
  if (validate === undefined) return [`no definition is called ${definition}`];
  if (validate(document)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
}

/** Definitions of the schema. */
export function outputDefinitions(): string[] {
  known ??= open();
  return Object.keys(known.schema.$defs);
}

function open(): { ajv: Ajv2020; schema: Schema } {
  const text = readFileSync(repositoryFile('registry-schemas/output.schema.json'), 'utf8');
  const schema = closed(JSON.parse(text)) as Schema;
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
  ajv.addSchema(schema);
  return { ajv, schema };
}

/** The same schema, in which a map whose keys are declared has no others. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, closed(each)]));
  const isMap = 'properties' in inner && !('additionalProperties' in inner) && typeof inner.type === 'string';
  return isMap ? { ...inner, additionalProperties: false } : inner;
}
