// Compiles the JSON Schemas of registry-schemas/ into plain modules, so that ajv is not loaded at run time.
// Does nothing where the schemas and this script are as they were at the last run.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const schemasDirectory = new URL('../../registry-schemas/', import.meta.url);
const outputDirectory = new URL('./generated/', import.meta.url);
/** Keywords whose value is a map from names of the document to schemas. */
const schemasByName = new Set(['properties', 'patternProperties', '$defs']);
const stampFile = new URL('stamp', outputDirectory);

const names = (await readdir(schemasDirectory)).filter((name) => name.endsWith('.schema.json')).sort();
const texts = await Promise.all(names.map((name) => readFile(new URL(name, schemasDirectory), 'utf8')));
const stamp = createHash('sha256')
  .update(await readFile(fileURLToPath(import.meta.url)))
  .update(JSON.stringify([names, texts]))
  .digest('hex');

if ((await readFile(stampFile, 'utf8').catch(() => '')) !== stamp) await generate();

async function generate() {
  const { default: Ajv2020 } = await import('ajv/dist/2020.js');
  const { _ } = await import('ajv');
  const { default: standaloneCode } = await import('ajv/dist/standalone/index.js');
  const { build } = await import('esbuild');

  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    code: { source: true, esm: true, formats: _`formats` },
  });
  for (const format of ['semver', 'semver-range', 'component-name', 'relative-path', 'bunnyfile-version']) {
    ajv.addFormat(format, () => true);
  }
  const schemas = texts.map((text) => withoutProse(JSON.parse(text)));
  for (const schema of schemas) ajv.addSchema(schema);

  await mkdir(outputDirectory, { recursive: true });
  for (const [index, schema] of schemas.entries()) {
    const name = names[index].replace('.schema.json', '');
    // What no command reads.
    if (name === 'vocabulary' || name === 'output') continue;
    const code = standaloneCode(ajv, ajv.getSchema(schema.$id));
    // A schema without formats needs none of them loaded.
    const imports = /\bformats\b/.test(code)
      ? "import { formats } from '../dist/src/reading/formats.js';\n"
      : '';
    const contents = imports + code;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
      write: false,
      external: ['../dist/src/reading/formats.js'],
      bundle: true,
      format: 'esm',
      platform: 'node',
      minify: true,
      logLevel: 'warning',
    });
    await replaceFile(`${name}.js`, outputFiles[0].contents);
    await replaceFile(
      `${name}.d.ts`,
      "import type { Validate } from '../src/reading/schema-problems.js';\nexport declare const validate: Validate;\n",
    );
  }
  await replaceFile('stamp', stamp);
}

/** In one step, as a program that runs meanwhile may be loading the file. */
async function replaceFile(name, content) {
  const temporary = new URL(`${name}.${process.pid}`, outputDirectory);
  await writeFile(temporary, content);
  await rename(temporary, new URL(name, outputDirectory));
}

/** A schema without the prose, which validation does not need. */
function withoutProse(schema) {
  if (Array.isArray(schema)) return schema.map(withoutProse);
  if (schema === null || typeof schema !== 'object') return schema;
  const { description, examples, default: _default, deprecated, ...rest } = schema;
  return Object.fromEntries(
    Object.entries(rest).map(([keyword, value]) => [
      keyword,
      schemasByName.has(keyword)
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutProse(inner)]))
        : withoutProse(value),
    ]),
  );
}
