import type { ErrorCode } from '../errors/errors.js';
import { nearest, suggestion } from '../words/nearest.js';
import { explainFormat } from './formats.js';
import { formatPath, type Path, type Problem } from './problem.js';

/** One error of a generated validator (ajv's shape, with `verbose`). */
export interface SchemaError {
  instancePath: string;
  keyword: string;
  params: Readonly<Record<string, unknown>>;
  /** Set where the error is about a key: its name. */
  propertyName?: string | undefined;
  message?: string | undefined;
  parentSchema?: Readonly<Record<string, unknown>> | undefined;
  data?: unknown;
}

/** A validator made from a JSON Schema when Bunny was built. */
export interface Validate {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null | undefined;
}

/** The steps of a JSON Pointer (RFC 6901). */
export function pointerPath(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Keywords whose errors only say that there is another one. */
const repeating: ReadonlySet<string> = new Set(['propertyNames', 'if']);

/** A hostile document can have a million errors, and each takes time to explain. */
const mostErrors = 500;

/** Errors of a validator in the user's words, without those that merely repeat another one; at most 500. */
export function schemaProblems(errors: readonly SchemaError[]): Problem[] {
  const told = errors.filter(({ keyword }) => !repeating.has(keyword)).slice(0, mostErrors);
  const unknown = told.filter(({ keyword }) => keyword === 'additionalProperties');
  return told.filter((error) => !unknown.some((other) => isMisspelt(error, other))).map(schemaProblem);
}

/** True where a key is missing because it stands there in another spelling. */
function isMisspelt(missing: SchemaError, unknown: SchemaError): boolean {
  return (
    missing.keyword === 'required' &&
    missing.instancePath === unknown.instancePath &&
    nearest(String(unknown.params.additionalProperty), [String(missing.params.missingProperty)]).length > 0
  );
}

function schemaProblem(error: SchemaError): Problem {
  const path = pointerPath(error.instancePath);
  if (error.keyword === 'additionalProperties') return unknownKey(path, error);
  if (error.propertyName !== undefined) {
    const { code, message, hint } = wrongValue({ ...error, data: error.propertyName });
    const place = { path: [...path, error.propertyName], onKey: true };
    return { code, message: labelled(path, message), ...place, hint };
  }
  if (path.length === 0 && error.data === null) return emptyDocument(error);
  const { code, message, hint = hintForEmpty(path, error.data) } = wrongValue(error);
  return { code, message: labelled(path, message), path, hint };
}

/** Where nothing is written, or all of it is commented out. */
function emptyDocument({ parentSchema }: SchemaError): Problem {
  const { required = [], then = {} } = (parentSchema ?? {}) as Readonly<Record<string, unknown>>;
  const inCase = (then as Readonly<Record<string, unknown>>).required ?? [];
  const needed = [required, inCase].flat().map(String);
  const hint = needed.length === 0 ? {} : { hint: `it needs at least the keys ${needed.join(', ')}` };
  return { code: 'BUNNY_ETYPE', message: 'the document is empty', path: [], ...hint };
}

/** A key that is there without a value. */
function hintForEmpty(path: Path, data: unknown): string | undefined {
  return data === null && path.length > 0 ? 'give it a value, or leave the key out' : undefined;
}

function labelled(path: Path, message: string): string {
  return path.length === 0 ? message : `${formatPath(path)}: ${message}`;
}

function unknownKey(path: Path, { params, parentSchema }: SchemaError): Problem {
  const key = String(params.additionalProperty);
  const known = Object.keys((parentSchema?.properties ?? {}) as object);
  const parent = path.length === 0 ? '' : ` in ${formatPath(path)}`;
  return {
    code: 'BUNNY_EUNKNOWNKEY',
    message: `unknown key ${JSON.stringify(key)}${parent}`,
    hint: suggestion(key, known) ?? `known keys: ${known.join(', ')}`,
    path: [...path, key],
    onKey: true,
  };
}

function wrongValue({ keyword, params, message, parentSchema, data }: SchemaError): {
  code: ErrorCode;
  message: string;
  hint?: string | undefined;
} {
  const code = 'BUNNY_ETYPE';
  switch (keyword) {
    case 'format':
      return explainFormat(String(params.format), String(data));
    case 'required':
      return { code, message: `the key ${JSON.stringify(params.missingProperty)} is missing` };
    case 'type':
      return { code, message: `must be ${typeNames(params.type)}, not ${describe(data)}` };
    case 'const':
      return { code, message: `must be ${JSON.stringify(params.allowedValue)}, not ${describe(data)}` };
    case 'enum': {
      const allowed = params.allowedValues as readonly unknown[];
      const hint = typeof data === 'string' ? suggestion(data, allowed.map(String)) : undefined;
      return {
        code,
        message: `must be ${allowed.map((value) => JSON.stringify(value)).join(' or ')}, not ${describe(data)}`,
        hint,
      };
    }
    case 'pattern':
      return { code, message: `${describe(data)} is not ${parentSchema?.title ?? 'of the right form'}` };
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      if (params.limit === 1) return { code, message: 'must not be empty' };
      break;
    case 'maxProperties':
      return { code, message: `must have just one key, not ${Object.keys(data as object).join(' and ')}` };
    case 'uniqueItems':
      return { code, message: 'names the same value twice' };
  }
  return { code, message: message ?? `does not meet ${keyword}` };
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
};

function typeNames(types: unknown): string {
  return [types]
    .flat()
    .map((type) => typeWords[String(type)] ?? String(type))
    .join(' or ');
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = JSON.stringify(value) ?? String(value);
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return typeof value === 'number' ? `the number ${value}` : short;
}
