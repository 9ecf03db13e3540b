import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos } from 'bunny-libos-testing/frameworks/tiny.js';

describe('licences of an image', function () {
  this.timeout(120_000);
  let app: string;
  let store: string;

  before(async () => {
    const sources = await temporaryDirectory('tiny');
    store = await temporaryDirectory('store');
    app = await temporaryDirectory('app');
    await writeTinyLibos(sources);
    const component = (name: string, license: string, dependencies: string) => ({
      [`${name}/component.yaml`]: [
        'framework: tiny',
        `name: ${name}`,
        'version: 1.0.0',
        `license: ${license}`,
        `dependencies: ${dependencies}`,
        'affectedBy: [arch]',
        'objects: [../amd64.o]'.replace('../', ''),
        'matrix: { arch: [amd64] }',
        '',
      ].join('\n'),
    });
    await writeFiles(sources, {
      ...component('libc', 'MIT OR Apache-2.0', '{}'),
      ...component('net', 'BSD-3-Clause AND ISC', '{ libc: ^1.0 }'),
    });
    const object = await readFile(join(sources, 'amd64.o'));
    await writeFile(join(sources, 'libc/amd64.o'), object);
    await writeFile(join(sources, 'net/empty.c'), '');
    // Another symbol, so that both can be linked.
    const text = await readFile(join(sources, 'net/component.yaml'), 'utf8');
    await writeFile(
      join(sources, 'net/component.yaml'),
      text.replace('objects: [amd64.o]', 'objects: [two.o]'),
    );
    const other = Buffer.from(object.toString('latin1').replaceAll('\0one\0', '\0two\0'), 'latin1');
    await writeFile(join(sources, 'net/two.o'), other);
    await bunnyDone(['publish', sources, '--to', `oci:${app}/registry`], { store });
    await writeFile(
      join(app, 'Bunnyfile'),
      [
        'version: v0.1',
        'name: app',
        'platforms: { framework: tiny }',
        'registries: [oci:registry]',
        'dependencies: { net: ^1.0 }',
        'targets: [amd64/linuxu]',
        '',
      ].join('\n'),
    );
    await bunnyDone(['resolve'], { cwd: app, store });
  });

  const options = () => ({ cwd: app, store });
  it('are listed, and those refused that are not allowed', async () => {
    const { licenses } = await bunnyJson<{ licenses: { name: string; license: string }[] }>(
      ['licenses'],
      options(),
    );
    assert.deepEqual(
      licenses.map(({ name, license }) => [name, license]),
      [
        ['libc', 'MIT OR Apache-2.0'],
        ['net', 'BSD-3-Clause AND ISC'],
      ],
    );
    const allow = (...names: string[]) => ['licenses', ...names.flatMap((name) => ['--allow', name])];
    await bunnyDone(allow('MIT', 'ISC', 'bsd-3-clause'), options());
    const error = await bunnyError(allow('MIT', 'ISC'), options());
    assert.deepEqual([error.status, error.code], [4, 'BUNNY_ELICENSE']);
    assert.deepEqual(error.details, ['net 1.0.0: BSD-3-Clause AND ISC']);
  });
});
