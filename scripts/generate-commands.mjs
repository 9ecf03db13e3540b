// Writes docs/reference/commands.md, and the list of manual pages in package.json of the command, from the declarations of
// commands; with --check it compares only. Compile first: it reads dist/.
import { readFileSync, writeFileSync } from 'node:fs';
import { bunny } from '../packages/cli/dist/src/commands/bunny.js';
import { commandReference } from '../packages/cli/dist/src/manual/markdown.js';
import { manualPages } from '../packages/cli/dist/src/manual/roff.js';

const root = new URL('../', import.meta.url);
const notice = '<!-- Made by `npm run reference` from packages/cli/src/commands. Do not edit. -->';
const manifest = JSON.parse(readFileSync(new URL('packages/cli/package.json', root), 'utf8'));
// npm installs the pages that are listed, not a directory of them.
manifest.man = [...manualPages(bunny, manifest.version).keys()].map((name) => `man/${name}`);

const made = {
  'docs/reference/commands.md': commandReference(bunny, notice),
  'packages/cli/package.json': `${JSON.stringify(manifest, null, 2)}\n`,
};
for (const [file, text] of Object.entries(made)) {
  const url = new URL(file, root);
  if (!process.argv.includes('--check')) writeFileSync(url, text);
  else if (readFileSync(url, 'utf8') !== text) {
    console.error(`stale: ${file}; run \`npm run reference\``);
    process.exitCode = 1;
  }
}
