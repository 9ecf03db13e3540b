// Writes docs/reference/ from the JSON Schemas and the table of error codes. With --check it writes nothing
// and fails where a file is not what it should be. Needs `npm run build` first.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { Document, visit } from 'yaml';
import { errorCodes } from './dist/src/errors/error-codes.js';
import { errorStatuses } from './dist/src/errors/error-statuses.js';

const root = new URL('../../', import.meta.url);
const reference = new URL('docs/reference/', root);
const notice = '<!-- Made by `npm run reference` from registry-schemas/ and packages/spec. Do not edit. -->';

/** Schema file -> page. */
const pages = {
  'bunnyfile.schema.json': 'bunnyfile.md',
  'component.schema.json': 'component-yaml.md',
  'tooling-source.schema.json': 'tooling-yaml.md',
  'lock.schema.json': 'bunny-lock.md',
  'policy.schema.json': 'bunny-policy-yaml.md',
  'component-config.schema.json': 'component-config.md',
  'component-identity.schema.json': 'component-identity.md',
  'tooling.schema.json': 'tooling-json.md',
  'catalog.schema.json': 'catalog-entry.md',
  'build-record.schema.json': 'build-record.md',
  'vocabulary.schema.json': 'vocabulary.md',
  'output.schema.json': 'output.md',
};

const schemas = new Map();
for (const file of await readdir(new URL('registry-schemas/', root))) {
  schemas.set(file, JSON.parse(await readFile(new URL(`registry-schemas/${file}`, root), 'utf8')));
}

/** Definitions of the document at hand whose inside stands on its page already. */
const told = new Set();
const made = new Map();
for (const [file, schema] of [...schemas].sort()) {
  const page = pages[file];
  if (page === undefined)
    throw new Error(`${file} has no page: name one in packages/spec/generate-reference.mjs`);
  const isVocabulary = schema.properties === undefined;
  made.set(page, isVocabulary ? vocabularyPage(schema) : documentPage(file, schema));
}
made.set('errors.md', errorsPage());
made.set('README.md', indexPage());

const stale = [];
for (const [page, text] of made) {
  const before = await readFile(new URL(page, reference), 'utf8').catch(() => undefined);
  if (before === text) continue;
  stale.push(page);
  if (!process.argv.includes('--check')) await writeFile(new URL(page, reference), text);
}
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`stale in docs/reference: ${stale.join(', ')}; run \`npm run reference\``);
  process.exitCode = 1;
}

function documentPage(file, schema) {
  told.clear();
  const name = `registry-schemas/${file}`;
  const lines = [`# ${schema.title}`, notice, schema.description, `Schema: [\`${name}\`](../../${name}).`];
  const [example] = schema.examples ?? [];
  if (example !== undefined) lines.push('## Example', fenced(example, 'yaml'));
  lines.push('## Keys', ...mapSections(schema, ''));
  return paragraphs(lines);
}

function vocabularyPage(schema) {
  const lines = [`# ${schema.title}`, notice, schema.description];
  const byName = Object.entries(schema.$defs).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, definition] of byName) {
    lines.push(`## ${name}`, `${capital(label(definition))}. ${definition.description ?? ''}`.trim());
    lines.push(...examplesOf(definition), ...innerSections(definition, ''));
  }
  return paragraphs(lines);
}

function errorsPage() {
  const rows = Object.entries(errorCodes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, sentence]) => [`\`${code}\``, errorStatuses[code].join(', '), sentence]);
  return paragraphs([
    '# Errors',
    notice,
    'Every failure has a stable code, a place, and something to do about it. With `--json`, the code stands in `error.code`.',
    table(['Code', 'Status', 'Meaning'], rows),
    'Where a code has several statuses, the first is the usual one. What is wrong with a document has status 3 where the document came from a registry.',
    '## Exit status',
    table(
      ['Status', 'Meaning'],
      [
        ['0', 'Done.'],
        ['1', 'The request cannot be satisfied.'],
        ['2', 'Bad usage, or a bad document.'],
        ['3', 'The registry or the network failed.'],
        ['4', 'Trust: a signature or a policy was not met.'],
        ['5', 'The build failed.'],
        ['70', 'A bug in Bunny.'],
        ['74', 'A file system refused: it is full, or does not permit it.'],
        ['130', 'Ctrl-C ended the command.'],
        ['143', 'SIGTERM ended the command.'],
      ],
    ),
  ]);
}

function indexPage() {
  const list = Object.entries(pages).map(([file, page]) => `- [${schemas.get(file).title}](${page})`);
  return paragraphs([
    '# Reference',
    notice,
    ['- [Commands](commands.md)', ...list, '- [Errors](errors.md)'].join('\n'),
  ]);
}

/** A table of a map's keys, then a section for each key that has an inside of its own. */
function mapSections(schema, path) {
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties).map(([key, inner]) => [
    `\`${key}\`${required.has(key) ? ' (required)' : ''}`,
    label(inner),
    'default' in inner ? `\`${JSON.stringify(inner.default)}\`` : '',
    [inner.description, ...plainExamples(inner)].join(' '),
  ]);
  const lines = [table(['Key', 'Value', 'Default', 'Meaning'], rows)];
  for (const [key, inner] of Object.entries(schema.properties)) {
    const place = path === '' ? key : `${path}.${key}`;
    const inside = [...examplesOf(inner), ...innerSections(inner, place)];
    if (inside.length > 0) lines.push(`### \`${place}\``, ...inside);
  }
  return lines;
}

function innerSections(schema, path) {
  if (schema.$ref !== undefined) {
    const inside = ownDefinition(schema.$ref);
    if (inside === undefined || told.has(inside)) return [];
    told.add(inside);
    return innerSections(inside, path);
  }
  if (schema.properties !== undefined) return mapSections(schema, path);
  const lines = [];
  if (isSchema(schema.items)) lines.push(...innerSections(schema.items, `${path}[]`));
  if (isSchema(schema.additionalProperties)) {
    lines.push(...innerSections(schema.additionalProperties, `${path}.NAME`.replace(/^\./, '')));
  }
  return lines;
}

/** What a value may be, in a few words. */
function label(schema) {
  if (schema.$ref !== undefined) return referenceLabel(schema.$ref);
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(' or ');
  if (schema.title !== undefined && schema.type === 'string') return schema.title;
  if (schema.type === undefined) {
    const either = [...new Set((schema.anyOf ?? []).map(label))];
    return either.length === 0 ? 'anything' : either.join(' or ');
  }
  return [schema.type]
    .flat()
    .map((type) => typeLabel(type, schema))
    .join(' or ');
}

function typeLabel(type, schema) {
  switch (type) {
    case 'string':
      return (
        { 'relative-path': 'path', 'semver-range': 'range', semver: 'version' }[schema.format] ??
        schema.title ??
        'text'
      );
    case 'integer':
      return 'whole number';
    case 'array':
      return isSchema(schema.items) ? `list of (${label(schema.items)})` : 'list';
    case 'object':
      return isSchema(schema.additionalProperties) ? `map to (${label(schema.additionalProperties)})` : 'map';
    default:
      return type;
  }
}

function referenceLabel(reference) {
  const own = ownDefinition(reference);
  if (own !== undefined) return label(own);
  const [file, pointer = ''] = reference.split('#');
  const name = pointer.split('/').at(-1);
  if (name === '') return `[${schemas.get(file).title}](${pages[file]})`;
  const isVocabulary = file === '' || file === 'vocabulary.schema.json';
  return isVocabulary ? `[${name}](vocabulary.md#${name.toLowerCase()})` : `[${name}](${pages[file]}#keys)`;
}

/** What a reference within a document leads to; undefined for what the vocabulary or another document defines. */
function ownDefinition(reference) {
  const name = reference.replace('#/$defs/', '');
  const documents = [...schemas].filter(([file]) => file !== 'vocabulary.schema.json');
  return documents.map(([, { $defs = {} }]) => $defs[name]).find((definition) => definition !== undefined);
}

function examplesOf({ examples = [] }) {
  return examples.filter(isSchema).map((example) => fenced(example, 'yaml'));
}

function plainExamples({ examples = [] }) {
  const plain = examples.filter((example) => !isSchema(example));
  return plain.length === 0 ? [] : [`For example ${plain.map((example) => `\`${example}\``).join(', ')}.`];
}

function isSchema(schema) {
  return schema !== null && typeof schema === 'object';
}

function capital(text) {
  return /^[a-z]/.test(text) ? text[0].toUpperCase() + text.slice(1) : text;
}

function fenced(value, language) {
  const document = new Document(value);
  visit(document, {
    Collection(_key, node, path) {
      if (path.length > 1 && JSON.stringify(node).length < 60) node.flow = true;
    },
  });
  return `\`\`\`${language}\n${document.toString({ lineWidth: 0 }).trimEnd()}\n\`\`\``;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function paragraphs(lines) {
  return `${lines.join('\n\n')}\n`;
}
