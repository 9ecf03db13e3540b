import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Judges } from 'bunny-libos-testing/judges/debian.js';
import { pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import { type DockerRegistry, startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { TokenServer } from 'bunny-libos-testing/registries/token-server.js';
import { readBytes } from '../src/content/content.js';
import { copy } from '../src/content/copy.js';
import type { Descriptor, Manifest } from '../src/content/descriptor.js';
import { digestOf } from '../src/content/digest.js';
import { parseManifest } from '../src/content/manifest-validation.js';
import { packIndex } from '../src/content/manifest-writing.js';
import type { Target } from '../src/content/target.js';
import { removeTree } from '../src/disk/remove-tree.js';
import { DockerConfig } from '../src/registry/credentials.js';
import { checkLogin, openTarget } from '../src/registry/open-target.js';

const plain = '--plain-http';

/** An index of two artifacts with a signature on the first, tagged. */
async function pushGraph(target: Target, tag: string): Promise<{ root: Descriptor; children: Descriptor[] }> {
  const first = await pushArtifact(target, { tag: `${tag}-first` });
  const second = await pushArtifact(target);
  const manifests = [first.manifest, second.manifest];
  const root = await packIndex(target, { manifests });
  await target.tag(root, tag);
  await pushArtifact(target, { subject: first.manifest, artifactType: 'application/vnd.test.signature' });
  return { root, children: manifests };
}

async function manifestOf(target: Target, reference: string): Promise<Manifest> {
  const found = await target.fetchManifest(reference);
  assert.ok(found !== undefined);
  return parseManifest(found.bytes, found.descriptor.mediaType, reference) as Manifest;
}

describe('with oras and skopeo as judges', function () {
  this.timeout(60_000);
  let scratch: string;
  let judges: Judges;
  let registry: DockerRegistry;

  before(async () => {
    scratch = mkdtempSync(path.join(tmpdir(), 'bunny-interop-'));
    writeFileSync(path.join(scratch, 'hello.txt'), 'hello from oras\n');
    judges = new Judges(scratch);
    registry = await startDockerRegistry();
  });
  after(async () => {
    await registry.remove();
    await removeTree(scratch);
  });

  it('what we push to a registry is listed, read and copied by both, digests kept', async () => {
    const name = `${registry.host}/interop/pushed`;
    const target = openTarget(name);
    const { root, children } = await pushGraph(target, '1.0.0');
    const first = children[0] as Descriptor;

    assert.match(await judges.output('oras', 'repo', 'tags', plain, name), /^1\.0\.0$/m);
    assert.match(
      await judges.output('skopeo', 'list-tags', '--tls-verify=false', `docker://${name}`),
      /"1\.0\.0-first"/,
    );
    assert.equal(
      digestOf(Buffer.from(await judges.output('oras', 'manifest', 'fetch', plain, `${name}:1.0.0`))),
      root.digest,
    );
    const raw = await judges.output(
      'skopeo',
      'inspect',
      '--raw',
      '--tls-verify=false',
      `docker://${name}:1.0.0-first`,
    );
    assert.equal(digestOf(Buffer.from(raw)), first.digest);
    const discovered = await judges.output(
      'oras',
      'discover',
      plain,
      '--format',
      'json',
      `${name}@${first.digest}`,
    );
    assert.match(discovered, /application\/vnd\.test\.signature/);

    await judges.output(
      'oras',
      'copy',
      '--from-plain-http',
      `${name}:1.0.0`,
      '--to-oci-layout',
      `${scratch}/by-oras:1.0.0`,
    );
    // oras 1.2 cannot do this for an index, whoever wrote it.
    await judges.output(
      'oras',
      'copy',
      '-r',
      '--from-plain-http',
      `${name}:1.0.0-first`,
      '--to-oci-layout',
      `${scratch}/by-oras:first`,
    );
    await judges.output(
      'skopeo',
      'copy',
      '--all',
      '--preserve-digests',
      '--src-tls-verify=false',
      `docker://${name}:1.0.0`,
      `oci:${scratch}/by-skopeo:1.0.0`,
    );
    for (const tool of ['by-oras', 'by-skopeo']) {
      const copied = openTarget(`oci:${scratch}/${tool}`);
      assert.equal((await copied.resolve('1.0.0'))?.digest, root.digest, tool);
      for (const child of children) {
        const manifest = await manifestOf(copied, child.digest);
        for (const layer of manifest.layers)
          assert.deepEqual(await readBytes(copied, layer), await readBytes(target, layer));
      }
    }
    const attached = await openTarget(`oci:${scratch}/by-oras`).referrers(first);
    assert.deepEqual(
      attached.map((each) => each.artifactType),
      ['application/vnd.test.signature'],
    );
  });

  it('what we push is read by the newest of them, and by crane and umoci', async () => {
    const newest = new Judges(scratch, 'sid');
    const name = `${registry.host}/interop/newest`;
    const { root, children } = await pushGraph(openTarget(name), '1.0.0');
    const first = children[0]?.digest ?? '';
    assert.equal((await newest.output('crane', 'digest', '--insecure', `${name}:1.0.0`)).trim(), root.digest);
    assert.match(await newest.output('crane', 'ls', '--insecure', name), /^1\.0\.0-first$/m);
    assert.match(
      await newest.output('oras', 'discover', plain, '--format', 'json', `${name}@${first}`),
      /vnd\.test\.signature/,
    );
    const raw = await newest.output(
      'skopeo',
      'inspect',
      '--raw',
      '--tls-verify=false',
      `docker://${name}@${first}`,
    );
    assert.equal(digestOf(Buffer.from(raw)), first);
    await copy(openTarget(name), openTarget(`oci:${scratch}/newest`), '1.0.0', { referrers: true });
    assert.match(await newest.output('umoci', 'ls', '--layout', `${scratch}/newest`), /^1\.0\.0$/m);
  });

  it('what oras pushes and attaches is read by us', async () => {
    const name = `${registry.host}/interop/oras`;
    await judges.output(
      'oras',
      'push',
      plain,
      '--artifact-type',
      'application/vnd.test',
      `${name}:v1`,
      'hello.txt:text/plain',
    );
    await judges.output(
      'oras',
      'attach',
      plain,
      '--artifact-type',
      'application/vnd.note',
      `${name}:v1`,
      'hello.txt:text/plain',
    );
    const target = openTarget(name);
    const descriptor = (await target.resolve('v1')) as Descriptor;
    const manifest = await manifestOf(target, 'v1');
    assert.equal(manifest.artifactType, 'application/vnd.test');
    assert.equal(
      Buffer.from(await readBytes(target, manifest.layers[0] as Descriptor)).toString(),
      'hello from oras\n',
    );
    const notes = await target.referrers(descriptor, 'application/vnd.note');
    assert.equal(notes.length, 1);
    const copied = openTarget(`oci:${scratch}/ours`);
    await copy(target, copied, 'v1', { referrers: true });
    assert.equal((await copied.referrers(descriptor)).length, 1);
    // And back again, from the layout that we wrote.
    assert.match(
      await judges.output('oras', 'discover', '--oci-layout', '--format', 'json', `${scratch}/ours:v1`),
      /application\/vnd\.note/,
    );
    await judges.output('oras', 'pull', '--oci-layout', '-o', `${scratch}/pulled`, `${scratch}/ours:v1`);
    assert.equal(readFileSync(path.join(scratch, 'pulled/hello.txt'), 'utf8'), 'hello from oras\n');
  });

  it('what we attach beside what oras attached is in one list, and neither is lost', async () => {
    const name = `${registry.host}/interop/both`;
    await judges.output(
      'oras',
      'push',
      plain,
      '--artifact-type',
      'application/vnd.test',
      `${name}:v1`,
      'hello.txt:text/plain',
    );
    const target = openTarget(name);
    const subject = (await target.resolve('v1')) as Descriptor;
    await pushArtifact(target, { subject, artifactType: 'application/vnd.ours' });
    await judges.output(
      'oras',
      'attach',
      plain,
      '--artifact-type',
      'application/vnd.theirs',
      `${name}:v1`,
      'hello.txt:text/plain',
    );
    await pushArtifact(target, { subject, artifactType: 'application/vnd.ours' });
    const types = (await target.referrers(subject)).map((each) => each.artifactType).sort();
    assert.deepEqual(types, ['application/vnd.ours', 'application/vnd.ours', 'application/vnd.theirs']);
    const discovered = await judges.output('oras', 'discover', plain, '--format', 'json', `${name}:v1`);
    assert.equal(discovered.match(/application\/vnd\.(ours|theirs)/g)?.length, 3);
  });

  it('a layout with several repositories that we wrote is read by both', async () => {
    const layout = `${scratch}/shared`;
    const libc = await pushGraph(openTarget(`oci:${layout}:warren/libc`), '1.0.0');
    await pushGraph(openTarget(`oci:${layout}:warren/net`), '1.0.0');
    const raw = await judges.output('skopeo', 'inspect', '--raw', `oci:${layout}:warren/libc:1.0.0-first`);
    assert.equal(digestOf(Buffer.from(raw)), libc.children[0]?.digest);
    const fetched = await judges.output(
      'oras',
      'manifest',
      'fetch',
      '--oci-layout',
      `${layout}@${libc.root.digest}`,
    );
    assert.equal(digestOf(Buffer.from(fetched)), libc.root.digest);
    const name = `${registry.host}/interop/from-layout`;
    await judges.output(
      'skopeo',
      'copy',
      '--all',
      '--preserve-digests',
      '--dest-tls-verify=false',
      `oci:${layout}:warren/libc:1.0.0`,
      `docker://${name}:1.0.0`,
    );
    assert.equal((await openTarget(name).resolve('1.0.0'))?.digest, libc.root.digest);
  });

  it('a layout that they wrote into is read, and written on, by us', async () => {
    const layout = `${scratch}/theirs`;
    await judges.output(
      'oras',
      'push',
      '--oci-layout',
      '--artifact-type',
      'application/vnd.test',
      `${layout}:from-oras`,
      'hello.txt:text/plain',
    );
    const source = `${registry.host}/interop/source`;
    const pushed = await pushArtifact(openTarget(source), { tag: 'v1' });
    await judges.output(
      'skopeo',
      'copy',
      '--preserve-digests',
      '--src-tls-verify=false',
      `docker://${source}:v1`,
      `oci:${layout}:from-skopeo`,
    );
    const target = openTarget(`oci:${layout}`);
    assert.deepEqual(await target.tags(), ['from-oras', 'from-skopeo']);
    assert.equal((await target.resolve('from-skopeo'))?.digest, pushed.manifest.digest);
    assert.equal((await manifestOf(target, 'from-oras')).layers[0]?.mediaType, 'text/plain');
    await pushArtifact(target, { tag: 'ours' });
    const tags = await judges.output('oras', 'repo', 'tags', '--oci-layout', layout);
    assert.deepEqual(tags.trim().split('\n').sort(), ['from-oras', 'from-skopeo', 'ours']);
  });

  it('a login that either side keeps serves the other', async () => {
    const login = { username: 'alice', password: 'white rabbit' };
    const locked = await startDockerRegistry({ login });
    try {
      const home = path.join(scratch, '.docker');
      mkdirSync(home, { recursive: true });
      const environment = { DOCKER_CONFIG: home };
      const name = `${locked.host}/private/thing`;
      const options = { environment };
      await assert.rejects(openTarget(name, options).tags(), { code: 'BUNNY_EAUTH' });

      await judges.output('oras', 'login', plain, '-u', login.username, '-p', login.password, locked.host);
      const { manifest } = await pushArtifact(openTarget(name, { environment: { ...environment } }), {
        tag: 'v1',
      });

      const config = new DockerConfig(environment);
      assert.equal(await config.remove(locked.host), true);
      await assert.rejects(judges.output('oras', 'repo', 'tags', plain, name));
      await config.set(locked.host, login);
      assert.match(await judges.output('oras', 'repo', 'tags', plain, name), /^v1$/m);
      const raw = await judges.output(
        'skopeo',
        'inspect',
        '--raw',
        '--tls-verify=false',
        '--authfile',
        config.file,
        `docker://${name}:v1`,
      );
      assert.equal(digestOf(Buffer.from(raw)), manifest.digest);
    } finally {
      await locked.remove();
    }
  });

  it('logins of skopeo serve us, for a host and for a namespace of it', async () => {
    const login = { username: 'alice', password: 'white rabbit' };
    const locked = await startDockerRegistry({ login });
    try {
      for (const place of ['', '/private']) {
        const file = path.join(scratch, `auth${place.length}.json`);
        const environment = { DOCKER_CONFIG: path.join(scratch, 'none'), REGISTRY_AUTH_FILE: file };
        const name = `${locked.host}/private/thing${place.length}`;
        await assert.rejects(openTarget(name, { environment: { ...environment } }).tags(), {
          code: 'BUNNY_EAUTH',
        });
        await judges.output(
          'skopeo',
          'login',
          '--tls-verify=false',
          '--authfile',
          file,
          '-u',
          login.username,
          '-p',
          login.password,
          `${locked.host}${place}`,
        );
        const target = openTarget(name, { environment: { ...environment } });
        await pushArtifact(target, { tag: 'v1' });
        assert.deepEqual(await target.tags(), ['v1']);
        const elsewhere = openTarget(`${locked.host}/other/thing`, { environment: { ...environment } });
        if (place === '') assert.deepEqual(await elsewhere.tags(), []);
        else await assert.rejects(elsewhere.tags(), { code: 'BUNNY_EAUTH' });
      }
    } finally {
      await locked.remove();
    }
  });

  it('an identity token that we keep in place of a password serves them', async () => {
    const login = { username: 'alice', password: 'white rabbit' };
    const tokens = await new TokenServer({ login, service: 'interop', offline: 'POST' }).start();
    const { realm, issuer, certificate } = tokens;
    const locked = await startDockerRegistry({ token: { realm, service: 'interop', issuer, certificate } });
    try {
      const home = path.join(scratch, '.docker');
      mkdirSync(home, { recursive: true });
      const environment = { DOCKER_CONFIG: home };
      const config = new DockerConfig(environment);
      const wrong = { ...login, password: 'black rabbit' };
      await assert.rejects(checkLogin(locked.host, wrong), { code: 'BUNNY_EAUTH' });
      await config.set(locked.host, await checkLogin(locked.host, login));
      const { auths } = JSON.parse(readFileSync(config.file, 'utf8'));
      const auth = Buffer.from('alice:').toString('base64');
      assert.deepEqual(auths[locked.host], { auth, identitytoken: tokens.refreshToken });

      const name = `${locked.host}/private/thing`;
      const { manifest } = await pushArtifact(openTarget(name, { environment }), { tag: 'v1' });
      assert.match(await judges.output('oras', 'repo', 'tags', plain, name), /^v1$/m);
      const source = ['--tls-verify=false', '--authfile', config.file, `docker://${name}:v1`];
      const raw = await judges.output('skopeo', 'inspect', '--raw', ...source);
      assert.equal(digestOf(Buffer.from(raw)), manifest.digest);
      assert.ok(tokens.requests.slice(-2).every((each) => each.grant === 'refresh_token'));
    } finally {
      await locked.remove();
      await tokens.stop();
    }
  });
});
