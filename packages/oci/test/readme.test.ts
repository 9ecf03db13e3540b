import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openTarget, removeTree } from '../src/index.js';
import { pushArtifact } from './artifacts.js';
import { SpecRegistry } from './spec-registry.js';

const readme = fileURLToPath(new URL('../../README.md', import.meta.url));
const library = new URL('../src/index.js', import.meta.url).href;

/** The examples that stand between fences of TypeScript. */
function examples(): string[] {
  return [...readFileSync(readme, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? '');
}

describe('the examples of the README', () => {
  it('run as they stand, one after the other', async function () {
    this.timeout(30_000);
    const scratch = mkdtempSync(path.join(tmpdir(), 'bunny-readme-'));
    const registry = await new SpecRegistry().start();
    try {
      const { layer } = await pushArtifact(openTarget(`${registry.host}/oras-project/oras`), {
        tag: 'v1.2.0',
      });
      mkdirSync(path.join(scratch, 'root'));
      writeFileSync(path.join(scratch, 'root/file'), 'content');
      const names = 'emptyType, manifestType, packArchive, packDirectory, pushBytes, Store, unpackArchive';
      const imports = `import { createReadStream } from 'node:fs';\nimport { ${names} } from '@bunny/oci';\n`;
      const files = examples().map((text, i) => {
        const local = text.replaceAll('ghcr.io', registry.host).replaceAll('localhost:5000', registry.host);
        const opens = local.includes('import') ? '' : "import { openTarget } from '@bunny/oci';\n";
        // What the reader of an example knows from the text around it.
        const known = local.includes('Store.open')
          ? `const origin = openTarget('${registry.host}/oras-project/oras'), mirror = origin, layer = ${JSON.stringify(layer)}, descriptor = layer;\n`
          : '';
        const file = path.join(scratch, `example-${i}.mjs`);
        writeFileSync(file, `${imports}${opens}${known}${local}`.replaceAll("'@bunny/oci'", `'${library}'`));
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
