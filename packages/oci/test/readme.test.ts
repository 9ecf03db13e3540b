import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import { packArchive } from '../src/archive/pack.js';
import { removeTree } from '../src/disk/remove-tree.js';
import { openTarget } from '../src/registry/open-target.js';

const readme = fileURLToPath(new URL('../../README.md', import.meta.url));
const library = new URL('../src/index.js', import.meta.url).href;

/** The examples that stand between fences of TypeScript. */
function examples(): string[] {
  return [...readFileSync(readme, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? '');
}

describe('the README', () => {
  it('names every folder once', () => {
    const table = /^## Folders$(.*?)^The same tests/ms.exec(readFileSync(readme, 'utf8'))?.[1] ?? '';
    const named = [...table.matchAll(/^\| `([a-z-]+)`/gm)].map((match) => match[1]);
    const folders = readdirSync(path.join(path.dirname(readme), 'src'), { withFileTypes: true });
    assert.deepEqual(
      named.sort(),
      folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name),
    );
  });

  it('has examples that run as they stand, one after the other', async () => {
    const scratch = mkdtempSync(path.join(tmpdir(), 'bunny-readme-'));
    const registry = await new SpecRegistry().start();
    try {
      const { layer } = await pushArtifact(openTarget(`${registry.host}/oras-project/oras`), {
        tag: 'v1.2.0',
      });
      mkdirSync(path.join(scratch, 'root'));
      writeFileSync(path.join(scratch, 'root/file'), 'content');
      const names = 'packArchive, packDirectory, packManifest, pushBytes, Store, unpackArchive';
      const imports = `import { createReadStream } from 'node:fs';\nimport { ${names} } from 'bunny-libos-oci';\n`;
      const files = examples().map((text, i) => {
        const local = text.replaceAll('ghcr.io', registry.host).replaceAll('localhost:5000', registry.host);
        const opens = local.includes('import') ? '' : "import { openTarget } from 'bunny-libos-oci';\n";
        // What the reader of an example knows from the text around it.
        const known = local.includes('Store.open')
          ? `const origin = openTarget('${registry.host}/oras-project/oras'), mirror = origin, layer = ${JSON.stringify(layer)}, descriptor = layer;\n`
          : '';
        const file = path.join(scratch, `example-${i}.mjs`);
        writeFileSync(
          file,
          `${imports}${opens}${known}${local}`.replaceAll("'bunny-libos-oci'", `'${library}'`),
        );
        return file;
      });
      const outputs: string[] = [];
      for (const file of files) {
        const env = { ...process.env, BUNNY_CACHE: path.join(scratch, 'cache'), DOCKER_CONFIG: scratch };
        const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: scratch, env });
        outputs.push(stdout);
      }
      assert.match(outputs[0] ?? '', /v1\.2\.0/);
      assert.deepEqual(await openTarget(`${registry.host}/demo`).tags(), ['v1']);
      assert.ok(existsSync(path.join(scratch, 'cache/unpacked/layer', layer.digest.slice(7), 'object.o')));
      assert.equal(readFileSync(path.join(scratch, 'tree/file'), 'utf8'), 'content');
    } finally {
      await registry.stop();
      await removeTree(scratch);
    }
  });
});

describe('the package', () => {
  it('works by itself, with what it packs and its one dependency', async () => {
    const run = promisify(execFile);
    const scratch = mkdtempSync(path.join(tmpdir(), 'bunny-package-'));
    try {
      const words = ['pack', '--json', '--pack-destination', scratch];
      const { stdout } = await run('npm', words, { cwd: path.dirname(readme) });
      const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
      const paths = packed.files.map((file) => file.path);
      assert.ok(paths.includes('LICENSE') && paths.includes('src/content/target.ts'));
      assert.deepEqual(
        paths.filter((each) => !/^(dist\/src|src)\/|^(LICENSE|README\.md|package\.json)$/.test(each)),
        [],
      );
      assert.deepEqual(
        paths.filter((each) => each.includes('.test.')),
        [],
      );
      const modules = path.join(scratch, 'node_modules');
      mkdirSync(modules, { recursive: true });
      await run('tar', ['-xzf', path.join(scratch, packed.filename), '-C', scratch]);
      renameSync(path.join(scratch, 'package'), path.join(modules, 'bunny-libos-oci'));
      const fflate = path.dirname(path.dirname(createRequire(import.meta.url).resolve('fflate')));
      cpSync(fflate, path.join(modules, 'fflate'), { recursive: true });
      const program =
        "import { packArchive } from 'bunny-libos-oci'; console.log((await packArchive([])).size);";
      const alone = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: scratch });
      assert.equal(alone.stdout.trim(), String((await packArchive([])).size));
    } finally {
      await removeTree(scratch);
    }
  });
});
