// Packs the CLI into packages/cli/bundle: a small file that starts fast, and the program, which it loads for all but
// `bunny --version`. It is what `npm pack` packs: no dependency is left to install. Manual pages go beside it.
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bunny } from '../packages/cli/dist/src/commands/bunny.js';
import { manualPages } from '../packages/cli/dist/src/manual/roff.js';

const cli = new URL('../packages/cli/', import.meta.url);
const outdir = fileURLToPath(new URL('bundle/', cli));

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
