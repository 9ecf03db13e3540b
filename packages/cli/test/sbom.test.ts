import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Network } from 'bunny-libos-oci';
import type { Lock } from 'bunny-libos-spec';
import { bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { writeComponent } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  copyOfApp,
  copyOfWarren,
  type Warren,
  warren,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';
import { assertCycloneDx, assertSpdx } from 'bunny-libos-testing/judges/sbom-schemas.js';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';

interface Spdx {
  documentNamespace: string;
  packages: {
    name: string;
    SPDXID: string;
    versionInfo?: string;
    licenseDeclared: string;
    licenseComments?: string;
    downloadLocation: string;
    primaryPackagePurpose: string;
    checksums?: { checksumValue: string }[];
    externalRefs?: { referenceLocator: string }[];
  }[];
  relationships: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }[];
  hasExtractedLicensingInfos?: { licenseId: string }[];
}

interface CycloneDx {
  serialNumber: string;
  metadata: { component: { name: string; version: string } };
  components: {
    name: string;
    type: string;
    'bom-ref': string;
    version?: string;
    scope?: string;
    licenses?: { expression?: string; license?: { name: string } }[];
    hashes?: { alg: string; content: string }[];
    purl?: string;
    pedigree?: { ancestors: { name: string; version?: string; purl?: string }[] };
  }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

describe('bills of materials', function () {
  this.timeout(180_000);
  let published: Warren;
  let app: string;
  let options: { cwd: string; store: string };
  let lock: Lock;

  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
    published = await copyOfWarren();
    app = await copyOfApp('hello');
    options = { cwd: app, store: published.store };
    await bunnyDone(['resolve', '--from', published.registry], options);
    lock = JSON.parse(await readFile(join(app, 'bunny.lock'), 'utf8')) as Lock;
  });

  const target = ['--arch', 'amd64', '--platform', 'linuxu'];
  const pinned = () => {
    const found = lock.targets.find(({ arch, platform }) => arch === 'amd64' && platform === 'linuxu');
    assert.ok(found !== undefined);
    return found.components;
  };
  const read = async <Document>(file: string) => JSON.parse(await readFile(file, 'utf8')) as Document;

  it('of an image have the exact closure with licences, hashes and relations, and are valid', async () => {
    const formats = ['--sbom', 'spdx', '--sbom', 'cyclonedx'];
    const built = await bunnyJson<{ image: string; sboms: Record<string, string> }>(
      ['build', ...target, ...formats],
      options,
    );
    assert.deepEqual(built.sboms, {
      spdx: `${built.image}.spdx.json`,
      cyclonedx: `${built.image}.cdx.json`,
    });
    const spdx = await read<Spdx>(join(app, built.sboms.spdx ?? ''));
    const cycloneDx = await read<CycloneDx>(join(app, built.sboms.cyclonedx ?? ''));
    assertSpdx(spdx);
    assertCycloneDx(cycloneDx);
    const closure = pinned().map(({ name, version, layer }) => `${name} ${version} ${layer.digest}`);
    const libraries = spdx.packages.filter((each) => each.primaryPackagePurpose === 'LIBRARY');
    assert.deepEqual(
      libraries.map(
        (each) => `${each.name} ${each.versionInfo} sha256:${each.checksums?.[0]?.checksumValue}`,
      ),
      closure,
    );
    assert.ok(libraries.every(({ licenseDeclared }) => licenseDeclared === 'Apache-2.0'));
    const components = cycloneDx.components.filter(({ type }) => type === 'library');
    assert.deepEqual(
      components.map((each) => `${each.name} ${each.version} sha256:${each.hashes?.[0]?.content}`),
      closure,
    );
    assert.ok(components.every(({ licenses }) => licenses?.[0]?.expression === 'Apache-2.0'));
    // What needs what is as the lock has it, in both.
    const refs = new Map(components.map((each) => [each['bom-ref'], each.name]));
    for (const { name, dependencies } of pinned()) {
      const node = cycloneDx.dependencies.find(({ ref }) => refs.get(ref) === name);
      assert.deepEqual(node?.dependsOn.map((ref) => refs.get(ref)).sort(), [...dependencies].sort());
      const { SPDXID: id } = libraries.find((each) => each.name === name) ?? {};
      const needs = spdx.relationships.filter(
        (each) => each.spdxElementId === id && each.relationshipType === 'DEPENDS_ON',
      );
      const named = needs.map(
        ({ relatedSpdxElement }) => libraries.find((each) => each.SPDXID === relatedSpdxElement)?.name,
      );
      assert.deepEqual(named.sort(), [...dependencies].sort());
    }
    const tool = cycloneDx.components.find(({ scope }) => scope === 'excluded');
    assert.equal(tool?.name, 'warren-tooling');
    // Every reference leads somewhere.
    const ids = new Set(['SPDXRef-DOCUMENT', ...spdx.packages.map((each) => each.SPDXID)]);
    assert.equal(ids.size, spdx.packages.length + 1);
    for (const each of spdx.relationships) {
      assert.ok(ids.has(each.spdxElementId) && ids.has(each.relatedSpdxElement), JSON.stringify(each));
    }
    const image = spdx.packages.find(({ name }) => name === built.image.split('/').pop());
    const { outputs } = await read<{ outputs: Record<string, string> }>(
      join(app, `${built.image}.record.json`),
    );
    assert.equal(`sha256:${image?.checksums?.[0]?.checksumValue}`, outputs[image?.name ?? '']);
  });

  it('are the same bytes in another place, and gone where the next build writes none', async () => {
    const other = await copyOfApp('hello');
    const elsewhere = { ...options, cwd: other };
    await bunnyDone(['resolve', '--from', published.registry], elsewhere);
    const words = ['build', ...target, '--sbom', 'spdx', '--sbom', 'cyclonedx'];
    for (const each of [options, elsewhere]) await bunnyDone(words, each);
    for (const ending of ['spdx.json', 'cdx.json']) {
      const file = `build/hello-amd64-linuxu.${ending}`;
      assert.deepEqual(await readFile(join(app, file)), await readFile(join(other, file)));
    }
    const again = await bunnyJson<{ ran: number; sboms: object }>(words, elsewhere);
    assert.equal(again.ran, 0);
    assert.deepEqual(Object.keys(again.sboms).sort(), ['cyclonedx', 'spdx']);
    await bunnyDone(['build', ...target, '--sbom', 'spdx'], elsewhere);
    await assert.rejects(readFile(join(other, 'build/hello-amd64-linuxu.cdx.json')), { code: 'ENOENT' });
    const none = await bunnyError(['build', '--sbom', 'swid'], options);
    assert.match(none.message, /It must be spdx or cyclonedx/);
  });

  it('of a lock are made without building; one target has to be meant', async () => {
    const { stdout } = await bunnyDone(['sbom', '--format', 'cyclonedx', ...target], options);
    const document = JSON.parse(stdout) as CycloneDx;
    assertCycloneDx(document);
    const names = document.components.filter(({ type }) => type === 'library').map(({ name }) => name);
    assert.deepEqual(
      names,
      pinned().map(({ name }) => name),
    );
    const file = await bunnyJson<{ file: string }>(['sbom', '-o', 'app.spdx.json', ...target], options);
    assertSpdx(await read(join(app, file.file)));
    const several = await bunnyError(['sbom'], options);
    assert.equal(several.code, 'BUNNY_ETARGET');
    const odd = await bunnyError(['sbom', ...target], { ...options, env: { SOURCE_DATE_EPOCH: 'now' } });
    assert.equal(odd.code, 'BUNNY_EUSAGE');
  });

  it('come with OCI images as referrers, which are pushed and read with them', async () => {
    const registry = await startDockerRegistry();
    try {
      const name = `${registry.host}/demo/hello:1.0`;
      const built = await bunnyJson<{ manifest: string }>(
        ['build', ...target, '--type', 'oci', '--sbom', 'spdx', '--sbom', 'cyclonedx', '-t', name, '--push'],
        options,
      );
      const repository = new Network().open(`${registry.host}/demo/hello`);
      const subject = await repository.resolve('1.0');
      assert.ok(subject !== undefined);
      for (const type of ['application/spdx+json', 'application/vnd.cyclonedx+json']) {
        const [referrer, ...others] = await repository.referrers(subject, type);
        assert.ok(referrer !== undefined && others.length === 0, type);
        assert.equal(referrer.artifactType, type);
      }
      const spdx = JSON.parse((await bunnyDone(['sbom', name], options)).stdout) as Spdx;
      assertSpdx(spdx);
      const image = spdx.packages.find((each) => each.name === 'hello:amd64-linuxu');
      assert.equal(`sha256:${image?.checksums?.[0]?.checksumValue}`, built.manifest);
      const cycloneDx = await bunnyDone(['sbom', name, '--format', 'cyclonedx'], options);
      assertCycloneDx(JSON.parse(cycloneDx.stdout));
      await bunnyDone(['build', ...target, '--type', 'oci', '-t', `${name}-bare`, '--push'], options);
    } finally {
      await registry.remove();
    }
  });

  it('of layers tell objects, licences and the sources of ports; publishing again adds those that are missing', async () => {
    const cwd = await temporaryDirectory('ports');
    const place = { cwd, store: published.store };
    const lines = [
      'license: Zlib AND LicenseRef-local',
      'upstream:',
      '  - name: zlib',
      '    version: 1.3.1',
      '    url: https://example.org/zlib-1.3.1.tar.gz',
      `    digest: sha256:${'1'.repeat(64)}`,
      '    license: the zlib one',
      '    purl: pkg:generic/zlib',
    ];
    await writeComponent(cwd, 'deflate', lines);
    const publish = (...words: string[]) =>
      bunnyJson<{ results: { pushed: { tag: string }[] }[] }>(
        ['publish', 'deflate', '--to', published.registry, ...words],
        place,
      );
    const { results } = await publish();
    const tag = results[0]?.pushed[0]?.tag ?? '';
    const repository = new Network().open(`${published.registry}:warren/deflate`);
    const subject = await repository.resolve(tag);
    assert.ok(subject !== undefined);
    const attached = () => repository.referrers(subject, 'application/spdx+json');
    assert.deepEqual(await attached(), []);
    await publish('--sbom', 'spdx');
    await publish('--sbom', 'spdx');
    assert.equal((await attached()).length, 1);
    const reference = `${published.registry}:warren/deflate:${tag}`;
    const spdx = JSON.parse((await bunnyDone(['sbom', reference], place)).stdout) as Spdx;
    assertSpdx(spdx);
    const named = (name: string) => spdx.packages.find((each) => each.name === name);
    assert.equal(named('deflate')?.licenseDeclared, 'Zlib AND LicenseRef-local');
    assert.deepEqual(
      spdx.hasExtractedLicensingInfos?.map(({ licenseId }) => licenseId),
      ['LicenseRef-local'],
    );
    const zlib = named('zlib');
    assert.deepEqual(
      [zlib?.downloadLocation, zlib?.licenseDeclared, zlib?.licenseComments],
      ['https://example.org/zlib-1.3.1.tar.gz', 'NOASSERTION', 'declared as: the zlib one'],
    );
    assert.equal(zlib?.externalRefs?.[0]?.referenceLocator, 'pkg:generic/zlib@1.3.1');
    assert.equal(
      spdx.packages.find(({ name }) => name.startsWith('objects/'))?.primaryPackagePurpose,
      'FILE',
    );
    const { stdout } = await bunnyDone(['sbom', reference, '--format', 'cyclonedx'], place);
    const cycloneDx = JSON.parse(stdout) as CycloneDx & {
      metadata: { component: CycloneDx['components'][0] };
    };
    assertCycloneDx(cycloneDx);
    const ancestors = cycloneDx.metadata.component.pedigree?.ancestors.map(({ name }) => name);
    assert.deepEqual(ancestors, ['deflate', 'zlib']);
    assert.equal(
      (await bunnyError(['sbom', `${published.registry}:warren/deflate:none`], place)).code,
      'BUNNY_ENOTFOUND',
    );
  });
});
