// Bundles the CLI into packages/cli/bundle: one small file that starts fast, and the rest in chunks that a
// command loads when it needs them. It is what `npm pack` packs: no dependency is left to install.
import { chmod, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const cli = new URL('../packages/cli/', import.meta.url);
const outdir = fileURLToPath(new URL('bundle/', cli));

await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: { bunny: fileURLToPath(new URL('dist/src/main.js', cli)) },
  outdir,
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunk-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: false,
  legalComments: 'linked',
  logLevel: 'warning',
  // Packages in CommonJS call require() for Node's own modules.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
});
await chmod(`${outdir}bunny.mjs`, 0o755);
