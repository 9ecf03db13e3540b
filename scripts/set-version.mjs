// Gives the workspace, its packages, and what they say of one another the version that is the only argument.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const [version] = process.argv.slice(2);
const root = new URL('../', import.meta.url);
const read = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8'));
const write = (path, document) =>
  writeFileSync(new URL(path, root), `${JSON.stringify(document, undefined, 2)}\n`);

const manifests = [
  'package.json',
  ...readdirSync(new URL('packages/', root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `packages/${entry.name}/package.json`),
];
const names = new Set(manifests.map((path) => read(path).name));

function setVersion(manifest) {
  manifest.version = version;
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']) {
    for (const name of Object.keys(manifest[kind] ?? {})) if (names.has(name)) manifest[kind][name] = version;
  }
}

for (const path of manifests) {
  const manifest = read(path);
  setVersion(manifest);
  write(path, manifest);
}
const lock = read('package-lock.json');
lock.version = version;
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === '' || path.startsWith('packages/')) setVersion(entry);
}
write('package-lock.json', lock);
