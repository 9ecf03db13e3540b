import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Network, parseManifest, readBytes } from 'bunny-libos-oci';
import { bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { outputProblems } from './output-schema.js';

interface Statement {
  _type: string;
  predicateType: string;
  subject: { name: string; digest: { sha256: string } }[];
  predicate: {
    buildDefinition: {
      externalParameters: { arch: string };
      resolvedDependencies: { uri: string; digest: { sha256: string } }[];
    };
    runDetails: { builder: { id: string } };
  };
}

interface BuildRecord {
  tooling: { digest: string };
  components: { name: string; version: string; digest: string }[];
  inputs: { path: string; digest: string }[];
  outputs: Record<string, string>;
}

describe('bunny build --provenance', function () {
  this.timeout(120_000);
  const type = 'application/vnd.in-toto+json';
  const target = ['--arch', 'amd64', '--platform', 'linuxu'];
  let app: string;
  let options: { cwd: string; store: string };

  before(async function () {
    this.timeout(warrenTimeout);
    const { registry, store } = await warren();
    app = await copyOfApp('hello');
    options = { cwd: app, store };
    await bunnyDone(['resolve', '--from', registry], options);
  });
  const read = async <T>(file: string) => JSON.parse(await readFile(join(app, file), 'utf8')) as T;

  it('tells all that the build record tells of an image, and goes where it is not asked for', async () => {
    const words = ['build', ...target, '--provenance', '--verify-reproducible'];
    const built = await bunnyJson<{ provenance: string; record: string }>(words, options);
    assert.deepEqual(outputProblems('build', built), []);
    const statement = await read<Statement>(built.provenance);
    const record = await read<BuildRecord>(built.record);
    assert.equal(statement._type, 'https://in-toto.io/Statement/v1');
    assert.equal(statement.predicateType, 'https://slsa.dev/provenance/v1');
    assert.deepEqual(
      Object.fromEntries(statement.subject.map(({ name, digest }) => [name, `sha256:${digest.sha256}`])),
      record.outputs,
    );
    const { buildDefinition, runDetails } = statement.predicate;
    assert.equal(buildDefinition.externalParameters.arch, 'amd64');
    assert.match(runDetails.builder.id, /^https:/);
    const digests = new Map(
      buildDefinition.resolvedDependencies.map(({ uri, digest }) => [uri, `sha256:${digest.sha256}`]),
    );
    assert.ok([...digests.values()].includes(record.tooling.digest));
    assert.ok(record.components.length > 0 && record.inputs.length > 0);
    for (const { name, version, digest } of record.components)
      assert.equal(digests.get(`bunny:component/${name}@${version}`), digest);
    for (const { path, digest } of record.inputs) assert.equal(digests.get(`bunny:input/${path}`), digest);
    const bare = await bunnyJson<{ provenance?: string }>(['build', ...target], options);
    assert.equal(bare.provenance, undefined);
    assert.ok(!existsSync(join(app, built.provenance)));
  });

  it('refers to OCI images, and is pushed along', async () => {
    const registry = await startDockerRegistry();
    try {
      const place = `${registry.host}/demo/hello`;
      const words = ['build', ...target, '--type', 'oci', '--provenance', '-t', `${place}:1`, '--push'];
      const { manifest } = await bunnyJson<{ manifest: string }>(words, options);
      const repository = new Network().open(place);
      const subject = await repository.resolve('1');
      assert.ok(subject !== undefined);
      const [referrer, ...others] = await repository.referrers(subject, type);
      assert.ok(referrer !== undefined && others.length === 0);
      const bytes = await readBytes(repository, referrer);
      const { layers } = parseManifest(bytes, referrer.mediaType, place) as {
        layers: { mediaType: string; digest: string; size: number; annotations?: Record<string, string> }[];
      };
      const [layer] = layers;
      assert.ok(layer !== undefined);
      assert.equal(layer.annotations?.['in-toto.io/predicate-type'], 'https://slsa.dev/provenance/v1');
      const text = Buffer.from(await readBytes(repository, layer)).toString();
      const statement = JSON.parse(text) as Statement;
      assert.ok(statement.subject.some(({ digest }) => `sha256:${digest.sha256}` === manifest));
    } finally {
      await registry.remove();
    }
  });

  it('is refused of a prebuilt kernel', async () => {
    const cwd = await temporaryDirectory('prebuilt');
    await writeFile(join(cwd, 'kernel'), 'kernel');
    const lines = ['version: v0.1', 'name: ready', 'platforms: { framework: warren, platform: qemu }'];
    await writeFile(
      join(cwd, 'Bunnyfile'),
      [...lines, 'kernel: { from: local, path: kernel }', ''].join('\n'),
    );
    for (const more of [[], ['--dry-run']]) {
      const words = ['build', ...more, '--arch', 'amd64', '--provenance'];
      const error = await bunnyError(words, { ...options, cwd });
      assert.deepEqual([error.code, error.message.includes('prebuilt')], ['BUNNY_EUSAGE', true]);
    }
  });
});
