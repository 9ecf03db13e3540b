import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mainFile } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { appSources, copyOfWarren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { repositoryFile } from 'bunny-libos-testing/repository.js';

const top = repositoryFile('');

/** The blocks of a language in a section (`## TITLE`) of a page, or in all of it. */
async function blocks(page: string, language: string, section = ''): Promise<string[]> {
  const text = await readFile(join(top, page), 'utf8');
  const part = section === '' ? text : (text.split(/^## /m).find((each) => each.startsWith(section)) ?? '');
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms');
  return [...part.matchAll(fence)].map(([, block = '']) => block);
}

/** Runs a script of bash's at once to its end, as somebody who follows a page would type it. */
async function type(script: string, cwd: string, store: string): Promise<string> {
  const { PATH, HOME, TMPDIR } = process.env;
  const env = { PATH, HOME, TMPDIR, LANG: 'C.UTF-8', BUNNY_CACHE: store };
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd, env });
  return stdout;
}

describe('what the documentation has people do', function () {
  this.timeout(warrenTimeout);
  let clone: string;
  let store: string;

  /** What quickstart leaves in a clone, as far as the pages use it. */
  beforeEach(async () => {
    const published = await copyOfWarren();
    store = published.store;
    clone = await temporaryDirectory('clone');
    await mkdir(join(clone, 'build/quickstart'), { recursive: true });
    await symlink(published.directory, join(clone, 'build/quickstart/registry'));
    await cp(join(appSources, 'hello'), join(clone, 'build/quickstart/hello'), { recursive: true });
    await symlink(join(top, 'fixtures'), join(clone, 'fixtures'));
    await writeFile(join(clone, 'bunny'), `#!/bin/sh\nexec '${process.execPath}' '${mainFile}' "$@"\n`);
    await chmod(join(clone, 'bunny'), 0o755);
  });

  it('works in docs/how-to/change-dependencies.md, one command after the other', async () => {
    const page = await blocks('docs/how-to/change-dependencies.md', 'sh');
    assert.ok(page.length >= 6);
    // Graphviz is not among what the tests need.
    const script = page.join('').replace('| dot -Tsvg -o closure.svg', '> closure.dot');
    await type(script, clone, store);
    const bunnyfile = await readFile(join(clone, 'build/quickstart/hello/Bunnyfile'), 'utf8');
    assert.match(bunnyfile, /alloc: \^1\.0\.0/);
    assert.doesNotMatch(bunnyfile, /time/);
  });

  it('works in README.md, after quickstart', async () => {
    const [, next = ''] = await blocks('README.md', 'sh');
    assert.match(next, /bunny init/);
    assert.match(await type(next, clone, store), /hello/i);
  });

  it('works in docs/tutorial.md, from section 2 on', async () => {
    const section = (title: string, language = 'sh') => blocks('docs/tutorial.md', language, title);
    const page = 'docs/tutorial.md';
    assert.ok((await blocks(page, 'sh')).length >= 5);
    const [start = ''] = await section('2.');
    const [main = ''] = await section('3.', 'c');
    const [needs = '', chosen = ''] = await section('3.', 'yaml');
    const [elsewhere = ''] = await section('4.');
    await writeFiles(clone, { 'main.c': main, needs, chosen });
    const depend = (on: string) =>
      `grep -v -e ^dependencies -e ^providers -e ^options Bunnyfile > kept; cat kept ../${on} > Bunnyfile; rm kept`;
    const lines = [
      start,
      'cp ../main.c src/main.c',
      'if ../bunny run 2> told; then exit 1; fi',
      'grep -q malloc told && grep -q alloc told; rm told',
      depend('needs'),
      '../bunny run | grep -q "got 0 arguments"',
      'grep -q alloc-buddy bunny.lock',
      depend('chosen'),
      '../bunny run',
      'grep -q alloc-bump bunny.lock',
      elsewhere,
    ];
    await type(lines.join('\n'), clone, store);

    // Another registry may have the port of the page.
    const free = await startDockerRegistry();
    await free.stop();
    const [begin = '', publish = ''] = await section('6.');
    const listens = `until (: < /dev/tcp/${free.host.replace(':', '/')}) 2>/dev/null; do sleep 0.1; done`;
    const registry = [begin, listens, publish, 'grep -q localhost:5000/libos greeter/bunny.lock', 'kill %1']
      .join('\n')
      .replace(/^sudo .*$/m, '')
      .replaceAll(/127\.0\.0\.1:5000|localhost:5000/g, free.host);
    assert.notEqual(registry.indexOf('docker-registry serve'), -1);
    await type(`set -m\ntrap 'kill %1 2>/dev/null || :' EXIT\ncd greeter\n${registry}`, clone, store);

    const [component = ''] = await section('7.', 'yaml');
    const [header = '', source = ''] = await section('7.', 'c');
    await writeFiles(clone, {
      'dice/component.yaml': component,
      'dice/include/dice.h': header,
      'dice/src/dice.c': source,
    });
    const dice = [
      'export BUNNY_REGISTRY=oci:$PWD/build/quickstart/registry',
      './bunny publish dice --to $BUNNY_REGISTRY',
    ];
    assert.match(await type([...dice, '--dry-run'].join('\n').replace('\n--', ' --'), clone, store), /dice/);
    await type(dice.join('\n'), clone, store);

    const [signed = '', refused = ''] = await section('8.');
    assert.equal(signed.match(/bunny /g)?.length, 5);
    await type(signed, clone, store);
    const told = await type(
      `if (\n${refused}) > told 2>&1; then exit 1; fi; cat told`,
      join(clone, 'safe'),
      store,
    );
    assert.match(told, /BUNNY_EPOLICY/);
    assert.match(
      told,
      /dice 1\.0\.0 is refused by policy[\s\S]*bunny-policy\.yaml:\d+:\d+ asks for libos; none of them signed it/,
    );
  });
});
