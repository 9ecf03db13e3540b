import assert from 'node:assert/strict';
import { pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import type { SpecRegistryOptions } from 'bunny-libos-testing/registries/spec/options.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import { indexType } from '../src/content/descriptor.js';
import { digestOf } from '../src/content/digest.js';
import { listRepositories, openTarget, type TargetOptions } from '../src/registry/open-target.js';

/** Habits of real registries that page their lists, each of which must give the whole list. */
const habits: Record<string, SpecRegistryOptions> = {
  'a Link to each page': { pageSize: 100 },
  'a Link with quoted commas before its relation': {
    pageSize: 700,
    link: (target) => `</v2/>; rel="up", <${target}>; title="more, or not"; rel="last next"`,
  },
  'a Link that is relative to the page': {
    pageSize: 700,
    link: (target) => `<${target.slice(target.indexOf('?'))}>; rel=next`,
  },
  'pages of n without a Link': { noLink: true },
  'pages without a Link, the last of which is followed by the first': { noLink: true, endsInFirst: true },
  'pages without a Link, of its own smaller size': { noLink: true, pageSize: 100 },
  'pages without a Link, in no order': { noLink: true, unsorted: true },
  'n and last not known': { ignoresCount: true, ignoresLast: true, unsorted: true },
  'the first n whatever last says': { noLink: true, ignoresLast: true },
  'an n over its limit refused': { countLimit: 500, pageSize: 500 },
  'an n over its limit refused, and no Link': { countLimit: 500, pageSize: 500, noLink: true },
};

describe('lists of over a thousand entries', function () {
  this.timeout(30_000);
  let registry: SpecRegistry;
  const fresh = (): TargetOptions => ({ credentials: async () => undefined, retry: { attempts: 1 } });

  beforeEach(async () => {
    registry = await new SpecRegistry().start();
  });
  afterEach(() => registry.stop());

  for (const [name, options] of Object.entries(habits)) {
    for (const count of [1000, 2345]) {
      it(`are whole: ${count} with ${name}`, async () => {
        registry.options = { ...options, catalog: true };
        const { manifest } = await pushArtifact(openTarget(`${registry.host}/a`, fresh()));
        // Not in their order.
        const tags = Array.from({ length: count }, (_, i) => `v${(i * 7919) % count}`);
        for (const tag of tags) registry.repository('a').tags.set(tag, manifest.digest);
        assert.deepEqual(await openTarget(`${registry.host}/a`, fresh()).tags(), tags.sort());

        const names = Array.from({ length: count - 1 }, (_, i) => `libos/r${(i * 7919) % (count - 1)}`);
        for (const each of names) registry.repository(each);
        assert.deepEqual(
          await listRepositories(`${registry.host}/libos`, fresh()),
          names.map((each) => each.slice(6)).sort(),
        );
      });
    }
  }

  it('of referrers are whole, by Link, and without it', async () => {
    const target = openTarget(`${registry.host}/a`, fresh());
    const { manifest: subject } = await pushArtifact(target);
    const { bytes } = await pushArtifact(target, { subject });
    const document = JSON.parse(bytes.toString());
    const { manifests } = registry.repository('a');
    for (let i = 0; i < 1400; i++) {
      const copy = Buffer.from(JSON.stringify({ ...document, annotations: { n: String(i) } }));
      manifests.set(digestOf(copy), { bytes: copy, type: document.mediaType });
    }
    for (const options of [
      { pageSize: 300 },
      { pageSize: 1000, noLink: true },
      { pageSize: 700, noLink: true, endsInFirst: true },
    ]) {
      registry.options = options;
      assert.equal((await openTarget(`${registry.host}/a`, fresh()).referrers(subject)).length, 1401);
    }
  });

  it('cost no request more where the list is short', async () => {
    const { manifest } = await pushArtifact(openTarget(`${registry.host}/a`, fresh()));
    for (let i = 0; i < 7; i++) registry.repository('a').tags.set(`v${i}`, manifest.digest);
    registry.seen.length = 0;
    await openTarget(`${registry.host}/a`, fresh()).tags();
    assert.deepEqual(
      registry.seen.map(({ path }) => path),
      ['/v2/a/tags/list?n=1000'],
    );
  });

  it('are refused where a Link leads to another host, and end where the registry breaks them off', async () => {
    const { manifest } = await pushArtifact(openTarget(`${registry.host}/a`, fresh()));
    for (let i = 0; i < 9; i++) registry.repository('a').tags.set(`v${i}`, manifest.digest);
    registry.options = { pageSize: 4, link: (target) => `<http://127.0.0.9${target}>; rel="next"` };
    await assert.rejects(openTarget(`${registry.host}/a`, fresh()).tags(), { code: 'BUNNY_EREDIRECT' });
    registry.options = {
      pageSize: 4,
      link: (target) => `<${target.replace('/a/', '/absent/')}>; rel="next"`,
    };
    await assert.rejects(openTarget(`${registry.host}/a`, fresh()).tags(), { code: 'BUNNY_EREGISTRY' });
    // A registry that thinks it is asked by TLS, or without, is on the same host.
    registry.options = { pageSize: 4, link: (target) => `<https://${registry.host}${target}>; rel="next"` };
    assert.equal((await openTarget(`${registry.host}/a`, fresh()).tags()).length, 9);
  });
});

describe('an entry of a list of referrers that is not well formed', () => {
  const registry = new SpecRegistry();
  before(() => registry.start());
  after(() => registry.stop());

  const oldBundle = 'application/vnd.dev.sigstore.bundle+json;version=0.1';

  for (const kind of ['API', 'fallback tag'] as const) {
    it(`is passed over with a warning, and kept: by ${kind}`, async () => {
      registry.options = kind === 'API' ? {} : { noReferrers: true };
      const name = kind === 'API' ? 'api' : 'tag';
      const notices: string[] = [];
      const target = openTarget(`${registry.host}/${name}`, {
        credentials: async () => undefined,
        onNotice: (text) => notices.push(text),
      });
      const { manifest: subject } = await pushArtifact(target);
      const first = await pushArtifact(target, { subject });
      if (kind === 'API') {
        const { bytes } = await pushArtifact(target, { subject });
        const odd = Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString()), artifactType: oldBundle }));
        registry.repository(name).manifests.set(digestOf(odd), { bytes: odd, type: subject.mediaType });
        assert.equal((await target.referrers(subject)).length, 2);
      } else {
        const tag = subject.digest.replace(':', '-');
        const { manifests, tags } = registry.repository(name);
        const list = JSON.parse(manifests.get(tags.get(tag) ?? '')?.bytes.toString() ?? '');
        const odd = { ...first.manifest, digest: `sha256:${'a'.repeat(64)}`, artifactType: oldBundle };
        const bytes = Buffer.from(JSON.stringify({ ...list, manifests: [odd, ...list.manifests] }));
        manifests.set(digestOf(bytes), { bytes, type: indexType });
        tags.set(tag, digestOf(bytes));
        assert.deepEqual(
          (await target.referrers(subject)).map(({ digest }) => digest),
          [first.manifest.digest],
        );
        await pushArtifact(target, { subject });
        const after = JSON.parse(manifests.get(tags.get(tag) ?? '')?.bytes.toString() ?? '');
        assert.deepEqual(after.manifests.at(-1), odd);
        assert.equal((await target.referrers(subject)).length, 2);
      }
      assert.equal(notices.length, 1);
      assert.match(notices[0] ?? '', /artifactType is not a media type/);
    });
  }

  for (const status of [400, 403, 404, 405, 406, 415, 501]) {
    it(`is no question where the API is answered with ${status}: the fallback tag is used`, async () => {
      registry.options = { referrersStatus: status };
      const options = { credentials: async () => undefined, retry: { attempts: 1 } };
      const target = openTarget(`${registry.host}/by-tag-${status}`, options);
      const { manifest: subject } = await pushArtifact(target);
      const { manifest } = await pushArtifact(target, { subject });
      assert.deepEqual(
        (await target.referrers(subject)).map(({ digest }) => digest),
        [manifest.digest],
      );
    });
  }

  it('is no question where the list is served as plain JSON', async () => {
    registry.options = { referrersType: 'application/json; charset=utf-8' };
    const target = openTarget(`${registry.host}/json`, { credentials: async () => undefined });
    const { manifest: subject } = await pushArtifact(target);
    const { manifest } = await pushArtifact(target, { subject });
    assert.deepEqual(
      (await target.referrers(subject)).map(({ digest }) => digest),
      [manifest.digest],
    );
  });
});
