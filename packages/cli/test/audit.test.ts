import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Network } from 'bunny-libos-oci';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos, writeTinyVersion } from 'bunny-libos-testing/frameworks/tiny.js';

interface Audit {
  components: number;
  advisories: number;
  findings: {
    name: string;
    version: string;
    kind: string;
    id?: string;
    source?: string;
    fixed?: string;
    summary?: string;
  }[];
}

describe('an audit', function () {
  this.timeout(120_000);
  let sources: string;
  let published: string;
  let app: string;
  let store: string;

  const licences = { '1.0.0': 'MIT OR Apache-2.0', '1.1.0': 'GPL-2.0-only' };

  before(async () => {
    sources = await temporaryDirectory('tiny');
    published = await temporaryDirectory('published');
    const making = await temporaryDirectory('store');
    await writeTinyLibos(sources);
    for (const [version, license] of Object.entries(licences)) {
      const file = join(await writeTinyVersion(sources, version), 'component.yaml');
      const text = await readFile(file, 'utf8');
      const upstream =
        'upstream: [{ name: zlib, version: 1.2.11, url: "https://github.com/madler/zlib", purl: "pkg:generic/zlib" }]';
      await writeFile(
        file,
        text.replace(/^version: .*$/m, `version: ${version}\nlicense: ${license}\n${upstream}`),
      );
      await bunnyDone(['publish', sources, '--to', `oci:${published}/registry`], { store: making });
    }
  });
  beforeEach(async () => {
    app = await temporaryDirectory('app');
    store = await temporaryDirectory('store');
    await writeFile(
      join(app, 'Bunnyfile'),
      [
        'version: v0.1',
        'name: app',
        'platforms: { framework: tiny }',
        `registries: [oci:${published}/registry]`,
        'dependencies: { one: "^1.0" }',
        'targets: [amd64/linuxu]',
        '',
      ].join('\n'),
    );
  });

  const options = () => ({ cwd: app, store });
  const reference = () => `oci:${published}/registry:tiny/one`;
  const audit = async (...words: string[]): Promise<{ status: number; audit: Audit }> => {
    const { status, stdout } = await bunny(['audit', '--json', ...words], options());
    return { status, audit: JSON.parse(stdout) as Audit };
  };
  const advisory = async (name: string, id: string, affected: object, more: object = {}) => {
    await mkdir(join(app, 'db/deeper'), { recursive: true });
    const document = {
      schema_version: '1.7.0',
      id,
      modified: '2026-01-01T00:00:00Z',
      affected: [affected],
      ...more,
    };
    await writeFile(join(app, 'db', name), JSON.stringify(document));
  };
  const semver = (...events: object[]) => ({ ranges: [{ type: 'SEMVER', events }] });

  it('finds advisories about components and about the sources of ports, and nothing else', async () => {
    await bunnyDone(['resolve'], options());
    const nothing = await audit();
    assert.deepEqual([nothing.status, nothing.audit.findings, nothing.audit.components], [0, [], 1]);
    const own = { package: { ecosystem: 'Bunny', name: 'tiny/one' } };
    await advisory(
      'one.json',
      'B-1',
      { ...own, ...semver({ introduced: '1.1.0' }, { fixed: '1.1.1' }) },
      { summary: 'it ends early' },
    );
    await advisory('deeper/zlib.json', 'B-2', {
      package: { ecosystem: 'OSS-Fuzz', name: 'zlib', purl: 'pkg:generic/zlib' },
      ...semver({ introduced: '0' }, { fixed: '1.2.12' }),
    });
    await advisory('git.json', 'B-3', {
      ranges: [{ type: 'GIT', repo: 'https://github.com/madler/zlib.git', events: [{ introduced: '0' }] }],
      versions: ['v1.2.11'],
    });
    await advisory('other.json', 'B-4', {
      package: { ecosystem: 'Bunny', name: 'tiny/two' },
      ...semver({ introduced: '0' }),
    });
    await advisory('older.json', 'B-5', { ...own, ...semver({ introduced: '0' }, { fixed: '1.1.0' }) });
    await advisory('npm.json', 'B-6', {
      package: { ecosystem: 'npm', name: 'tiny/one' },
      ...semver({ introduced: '0' }),
    });
    await advisory(
      'gone.json',
      'B-7',
      { ...own, ...semver({ introduced: '0' }) },
      { withdrawn: '2026-01-02T00:00:00Z' },
    );
    const { status, audit: found } = await audit('--db', 'db');
    assert.equal(status, 1);
    assert.equal(found.advisories, 6);
    assert.deepEqual(
      found.findings.map(({ id, source, fixed, summary }) => [id, source, fixed, summary]),
      [
        ['B-1', undefined, '1.1.1', 'it ends early'],
        ['B-2', 'zlib 1.2.11', undefined, ''],
        ['B-3', 'zlib 1.2.11', undefined, ''],
      ],
    );
    const text = await bunny(['audit', '--db', 'db/one.json'], options());
    assert.match(text.stdout, /one +1\.1\.0 +B-1 +it ends early; fixed in 1\.1\.1 +amd64\/linuxu/);
    assert.equal((await audit('--db', 'db/older.json')).status, 0);
    const offline = await audit('--db', 'db', '--offline');
    assert.equal(offline.audit.findings.length, 3);
  });

  it('takes nothing for an advisory that is none', async () => {
    await bunnyDone(['resolve'], options());
    for (const text of ['{}', '[{"id":"x"}]', '{"id":"a","id":"b","affected":[]}', 'no']) {
      await writeFile(join(app, 'bad.json'), text);
      const error = await bunnyError(['audit', '--db', 'bad.json'], options());
      assert.match(JSON.stringify(error.where), /bad\.json/);
    }
    assert.equal((await bunnyError(['audit', '--db', 'none'], options())).code, 'BUNNY_ENOFILE');
  });

  it('and resolving tell what is deprecated, and why, until that is taken back', async () => {
    await bunnyDone(['resolve'], options());
    const reason = 'it ends early: use 1.0.0';
    await bunnyDone(['deprecate', reference(), '1.1.0', '--reason', reason], options());
    const target = new Network().open(reference());
    const tags = await target.tags();
    assert.ok(tags.includes('1.1.0_deprecated1'));
    const variant = await target.resolve(tags.find((tag) => /^1\.1\.0_[0-9a-f]{16}$/.test(tag)) ?? '');
    assert.ok(variant !== undefined);
    const [referrer] = await target.referrers(variant, 'application/vnd.bunny.deprecation.v1');
    assert.equal(referrer?.annotations?.['io.github.bunny-libos.deprecated'], reason);
    const again = await bunnyJson<{ changed: boolean }>(
      ['deprecate', reference(), '1.1.0', '--reason', reason],
      options(),
    );
    assert.equal(again.changed, false);

    const { status, audit: found } = await audit();
    assert.equal(status, 1);
    assert.deepEqual(
      found.findings.map(({ name, version, kind, summary }) => [name, version, kind, summary]),
      [['one', '1.1.0', 'deprecated', reason]],
    );
    const told = new RegExp(`one 1\\.1\\.0 is deprecated: ${reason}`);
    assert.match((await bunny(['outdated'], options())).stderr, told);
    await rm(join(app, 'bunny.lock'));
    const resolved = await bunny(['resolve'], options());
    assert.equal(resolved.status, 0);
    assert.match(resolved.stderr, told);
    // Who reads the index has no other manifest to read.
    await bunnyDone(['index', 'rebuild', reference()], options());
    const fresh = { ...options(), store: await temporaryDirectory('fresh') };
    await rm(join(app, 'bunny.lock'));
    assert.match((await bunny(['resolve'], fresh)).stderr, told);
    await bunnyDone(['deprecate', reference(), '1.1.0', '--undo'], options());
    assert.equal((await audit()).status, 0);
    await rm(join(app, 'bunny.lock'));
    assert.doesNotMatch((await bunny(['resolve'], options())).stderr, /deprecated/);
    assert.equal((await bunnyError(['deprecate', reference(), '1.1.0'], options())).code, 'BUNNY_EUSAGE');
    assert.equal(
      (await bunnyError(['deprecate', reference(), '9.0.0', '--reason', 'x'], options())).code,
      'BUNNY_EVERSIONNOTFOUND',
    );
  });

  it('tells what is yanked', async () => {
    await bunnyDone(['resolve'], options());
    await bunnyDone(['yank', reference(), '1.1.0'], options());
    const { status, audit: found } = await audit();
    assert.deepEqual([status, found.findings[0]?.kind], [1, 'yanked']);
    await bunnyDone(['yank', reference(), '1.1.0', '--undo'], options());
  });

  it('is not needed where a policy allows some licences alone', async () => {
    const policy = (...lines: string[]) =>
      writeFile(
        join(app, 'bunny-policy.yaml'),
        ['rules:', '  - match: "**"', '    unsigned: allow', ...lines, ''].join('\n'),
      );
    await bunnyDone(['resolve'], options());
    const locked = await readFile(join(app, 'bunny.lock'), 'utf8');
    assert.match(locked, /"1\.1\.0"/);
    await policy('    licenses: [MIT, BSD-3-Clause]');
    const error = await bunnyError(['fetch'], options());
    assert.deepEqual([error.status, error.code], [4, 'BUNNY_EPOLICY']);
    assert.match(JSON.stringify(error.where), /bunny-policy\.yaml.*2/);
    assert.ok(
      error.details.some((line) =>
        line.includes('allows the licences MIT, BSD-3-Clause; it is under GPL-2.0-only'),
      ),
      error.details.join('\n'),
    );
    await rm(join(app, 'bunny.lock'));
    await bunnyDone(['resolve'], options());
    assert.match(await readFile(join(app, 'bunny.lock'), 'utf8'), /"1\.0\.0"/);
    await policy('    licenses: [ISC]');
    await rm(join(app, 'bunny.lock'));
    const none = await bunnyError(['resolve'], options());
    assert.match([none.message, ...none.details].join('\n'), /bunny-policy\.yaml:2/);
    await policy('    licenses: [MIT]', '    onFailure: warn');
    await writeFile(join(app, 'bunny.lock'), locked);
    const warned = await bunny(['fetch'], options());
    assert.equal(warned.status, 0, warned.stderr);
    assert.match(warned.stderr, /it is under GPL-2\.0-only/);
    await edit(join(app, 'bunny-policy.yaml'), 'licenses: [MIT]', 'licenses: []');
    assert.equal((await bunnyError(['fetch'], options())).status, 2);
  });
});
