import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BunnyError, readComponent, sha256 } from 'bunny-libos-spec';
import type { LocalComponent } from '../plan/component-directory.js';
import { headerOrigins, headerTree, writeFileTrees } from './header-tree.js';

const document = readComponent(
  'framework: warren\nname: net\nversion: 1.0.0\ninclude: [api]\nmatrix: { arch: [amd64], platform: [qemu] }\n',
  'net/component.yaml',
);
const digest = sha256('all');

describe('the headers that dependents are compiled with', () => {
  let directory: string;
  let local: LocalComponent;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bunny-headers-'));
    local = { document, file: 'net/component.yaml', text: '', directory, files: [], source: sha256('') };
    await mkdir(join(directory, 'api/net'), { recursive: true });
    await writeFile(join(directory, 'api/net/tcp.h'), 'tcp');
  });
  afterEach(() => rm(directory, { recursive: true }));

  const header = (content: string) => ({
    path: 'include/net/tcp.h',
    source: 'api/net/tcp.h',
    digest: sha256(content),
  });

  it('stand alone in a directory that names what is in it, and are known by where their maintainer has them', async () => {
    const tree = headerTree(local, [header('tcp')], digest);
    const place = `include/net-1.0.0-${digest.slice(7, 23)}`;
    assert.equal(tree.root, `/closure/${place.slice('include/'.length)}`);
    assert.deepEqual(headerOrigins(tree), [[`${tree.root}/net/tcp.h`, 'net/api/net/tcp.h']]);
    await writeFileTrees([tree, tree], directory);
    assert.deepEqual(await readdir(join(directory, place)), ['net']);
    assert.equal(await readFile(join(directory, place, 'net/tcp.h'), 'utf8'), 'tcp');
  });

  it('are not put into place where one was changed since its digest was taken', async () => {
    await assert.rejects(
      writeFileTrees([headerTree(local, [header('other')], digest)], directory),
      (error: unknown) => error instanceof BunnyError && error.code === 'BUNNY_ESOURCE',
    );
    const tree = headerTree(local, [header('tcp')], digest);
    await writeFileTrees([tree], directory);
    assert.equal(await readFile(join(directory, tree.path, 'net/tcp.h'), 'utf8'), 'tcp');
  });
});
