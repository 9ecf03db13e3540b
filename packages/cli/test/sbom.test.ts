import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import Ajv from 'ajv';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos } from 'bunny-libos-testing/frameworks/tiny.js';

interface Spdx {
  spdxVersion: string;
  packages: {
    SPDXID: string;
    name: string;
    licenseDeclared: string;
    checksums?: { algorithm: string; checksumValue: string }[];
  }[];
  relationships: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }[];
}

interface Cyclonedx {
  specVersion: string;
  components: { name: string; 'bom-ref': string; hashes: { content: string }[] }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

describe('bills of materials', function () {
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
  const digests = async () => {
    const { targets } = await bunnyJson<{ targets: { components: { name: string; digest: string }[] }[] }>(
      ['resolve'],
      options(),
    );
    return new Map(targets[0]?.components.map(({ name, digest }) => [name, digest.replace('sha256:', '')]));
  };

  it('in SPDX name every layer with its hash and licence, and what depends on what', async () => {
    const { stdout } = await bunnyDone(['sbom'], options());
    const { spdxVersion, packages, relationships } = JSON.parse(stdout) as Spdx;
    assert.equal(spdxVersion, 'SPDX-2.3');
    const known = await digests();
    assert.deepEqual(
      packages.slice(1).map(({ name, licenseDeclared }) => [name, licenseDeclared]),
      [
        ['libc', 'MIT OR Apache-2.0'],
        ['net', 'BSD-3-Clause AND ISC'],
        ['tooling', 'NOASSERTION'],
      ],
    );
    for (const { name, checksums = [] } of packages) {
      const digest = known.get(name);
      if (digest !== undefined) assert.equal(checksums[0]?.checksumValue, digest);
    }
    const ids = new Set([...packages.map(({ SPDXID }) => SPDXID), 'SPDXRef-DOCUMENT']);
    assert.equal(ids.size, packages.length + 1);
    for (const id of ids) assert.match(id, /^SPDXRef-[A-Za-z0-9.-]+$/);
    const told = relationships.map((each) => {
      assert.ok(ids.has(each.spdxElementId) && ids.has(each.relatedSpdxElement));
      return `${each.spdxElementId} ${each.relationshipType} ${each.relatedSpdxElement}`;
    });
    assert.ok(told.includes('SPDXRef-component-net DEPENDS_ON SPDXRef-component-libc'));
    assert.ok(told.includes('SPDXRef-app DEPENDS_ON SPDXRef-component-net'));
    assert.ok(told.includes('SPDXRef-tooling-tooling BUILD_TOOL_OF SPDXRef-app'));
    assert.equal((await bunnyDone(['sbom'], options())).stdout, stdout);
  });

  it('in CycloneDX are valid by the published schema', async () => {
    const { stdout } = await bunnyDone(['sbom', '--format', 'cyclonedx'], options());
    const document = JSON.parse(stdout) as Cyclonedx;
    assert.equal(document.specVersion, '1.6');
    const require = createRequire(import.meta.url);
    const library = dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json'));
    const schema = async (name: string) =>
      JSON.parse(
        await readFile(join(library, 'res/schema', `${name}.SNAPSHOT.schema.json`), 'utf8'),
      ) as object;
    const ajv = new Ajv.default({ strict: false, validateFormats: false });
    for (const name of ['spdx', 'jsf-0.82'])
      ajv.addSchema(await schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
    const validate = ajv.compile(await schema('bom-1.6'));
    assert.ok(validate(document), JSON.stringify(validate.errors));
    assert.equal(validate({ ...document, components: [{ name: 'x' }] }), false);
    const known = await digests();
    assert.deepEqual(
      document.components.map(({ name, hashes }) => [name, hashes[0]?.content]),
      [...known].sort(),
    );
    const refs = new Map(document.components.map((each) => [each.name, each['bom-ref']]));
    const net = document.dependencies.find(({ ref }) => ref === refs.get('net'));
    assert.deepEqual(net?.dependsOn, [refs.get('libc')]);
  });

  it('give the licences, and fail for those that are not allowed', async () => {
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

  it('are of one target', async () => {
    const text = await readFile(join(app, 'Bunnyfile'), 'utf8');
    const two = await temporaryDirectory('two');
    await writeFile(
      join(two, 'Bunnyfile'),
      text
        .replace('oci:registry', `oci:${app}/registry`)
        .replace('dependencies: { net: ^1.0 }', 'dependencies: {}')
        .replace('[amd64/linuxu]', '[amd64/linuxu, arm64/linuxu]'),
    );
    const { status, stderr } = await bunny(['sbom'], { cwd: two, store });
    assert.equal(status, 2);
    assert.match(stderr, /--arch and --platform/);
    await bunnyDone(['sbom', '--arch', 'arm64'], { cwd: two, store });
  });
});
