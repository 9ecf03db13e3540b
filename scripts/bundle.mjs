// Packs the CLI into packages/cli/bundle: a small file that starts fast, and the program, which it loads for all but
// `bunny --version`. It is what `npm pack` packs: no dependency is left to install. Manual pages and
// schemas go beside it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bunny } from '../packages/cli/dist/src/commands/bunny.js';
import { manualPages } from '../packages/cli/dist/src/manual/roff.js';

const cli = new URL('../packages/cli/', import.meta.url);
const outdir = fileURLToPath(new URL('bundle/', cli));

/**
 * Leads imports of what a package of ours exports to the file that has it: who evaluates a face evaluates all that is
 * behind it, which takes time at each start.
 */
const pastFaces = {
  name: 'past-faces',
  setup({ onResolve, onLoad }) {
    onLoad({ filter: /\/packages\/[a-z]+\/dist\/src\/.*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text
        .replace(
          /^(import|export) \{([^}]*)\} from '(bunny-libos-[a-z]+)';$/gm,
          (_line, statement, names, from) => pastFace(statement, names, from),
        )
        .replace(
          /(\{([^{}]*)\} = await import\()'(bunny-libos-[a-z]+)'/g,
          (_words, before, names, from) => `${before}${JSON.stringify(`some:${from}:${taken(names)}`)}`,
        );
      return { contents, loader: 'js' };
    });
    onResolve({ filter: /^some:/ }, ({ path }) => ({ path, namespace: 'some', sideEffects: false }));
    onLoad({ filter: /.*/, namespace: 'some' }, ({ path }) => {
      const [, from, names] = path.split(':');
      return { contents: pastFace('export', names, from), resolveDir: fileURLToPath(cli) };
    });
  },
};

/** What `{ a: b, c }` takes: `a, c`. */
function taken(names) {
  return names
    .split(',')
    .map((name) => name.split(':')[0].trim())
    .filter((name) => name !== '')
    .join(', ');
}

/** `import { a } from FILE; import { b as c } from FILE;` for `a, b as c` of a package. */
function pastFace(statement, names, from) {
  return namesIn(names)
    .map(({ name, as }) => {
      const { original, file } = exported(from).get(name);
      return `${statement} { ${original} as ${as} } from ${JSON.stringify(file)};`;
    })
    .join('');
}

/** Has commander load what starts other programs when it starts one, which it never does here. */
const noPrograms = {
  name: 'no-programs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/node_modules/commander/') ? { path: 'programs', namespace: 'later' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'later' }, () => ({
      contents: "exports.spawn = (...words) => require('node:child_process').spawn(...words);",
    }));
  },
};

const faces = new Map();

/** What a package of ours exports: name -> the file that it is from, and what it is called there. */
function exported(name) {
  const known = faces.get(name);
  if (known !== undefined) return known;
  const face = new URL(`../${name.replace('bunny-libos-', '')}/dist/src/index.js`, cli);
  const lines = readFileSync(face, 'utf8').matchAll(/^export \{([^}]*)\} from '([^']+)';$/gm);
  const found = new Map(
    [...lines].flatMap(([, names, file]) =>
      namesIn(names).map(({ name: original, as }) => [
        as,
        { original, file: fileURLToPath(new URL(file, face)) },
      ]),
    ),
  );
  faces.set(name, found);
  return found;
}

/** `a, b as c` */
function namesIn(text) {
  return text
    .split(',')
    .map((each) => each.trim().split(' as '))
    .filter(([name]) => name !== '')
    .map(([name, as = name]) => ({ name, as }));
}

/** Bundles `packages/cli/dist/src/ENTRY.js` to `NAME.cjs`, and returns its contents. */
async function pack(name, entry, { banner, define } = {}) {
  await build({
    entryPoints: { [name]: fileURLToPath(new URL(`dist/src/${entry}.js`, cli)) },
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    // import() becomes a require() that waits its turn: modules are evaluated when a command needs them.
    supported: { 'dynamic-import': false },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'linked',
    logLevel: 'warning',
    define: { 'import.meta.url': '__filename', 'import.meta.dirname': '__dirname', ...define },
    banner,
    plugins: [pastFaces, noPrograms],
  });
  return await readFile(`${outdir}${name}.cjs`);
}

await rm(outdir, { recursive: true, force: true });
const program = await pack('program', 'program');
const digest = createHash('sha256').update(program).digest('hex').slice(0, 16);
await pack('bunny', 'packed-main', {
  banner: { js: '#!/usr/bin/env node' },
  define: { programDigest: JSON.stringify(digest) },
});
await chmod(`${outdir}bunny.cjs`, 0o755);

const manual = new URL('man/', cli);
const { version } = JSON.parse(await readFile(new URL('package.json', cli), 'utf8'));
await rm(manual, { recursive: true, force: true });
await mkdir(manual);
for (const [name, text] of manualPages(bunny, version)) await writeFile(new URL(name, manual), text);

const schemas = new URL('schemas/', cli);
await rm(schemas, { recursive: true, force: true });
await cp(new URL('../registry-schemas/', import.meta.url), schemas, { recursive: true });
