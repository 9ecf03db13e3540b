import assert from 'node:assert/strict';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos, writeTinyVersion } from 'bunny-libos-testing/frameworks/tiny.js';

interface Verified {
  verified: boolean;
  artifacts: {
    label: string;
    code?: string;
    opinions: { outcome: string; where: string; signers: string[] }[];
  }[];
}

describe('policies', function () {
  this.timeout(120_000);
  let app: string;
  let config: string;
  let keys: Record<string, string>;
  const env = { COSIGN_PASSWORD: '' };

  before(async () => {
    const sources = await temporaryDirectory('tiny');
    const store = await temporaryDirectory('store');
    app = await temporaryDirectory('app');
    await writeTinyLibos(sources);
    await writeTinyVersion(sources, '1.0.0');
    await bunnyDone(['publish', sources, '--to', `oci:${app}/registry`], { store });
    const lines = [
      'version: v0.1',
      'name: app',
      'platforms: { framework: tiny }',
      'registries: [oci:registry]',
    ];
    lines.push('dependencies: { one: ^1.0 }', 'targets: [amd64/linuxu]', '');
    await writeFile(join(app, 'Bunnyfile'), lines.join('\n'));
    await bunnyDone(['resolve'], { cwd: app, store });
    for (const name of ['alice', 'bob']) await bunnyDone(['keygen', name], { cwd: app, env });
    const [alice = '', bob = ''] = await Promise.all(
      ['alice', 'bob'].map((name) => readFile(join(app, `${name}.pub`), 'utf8')),
    );
    keys = { alice, bob };
    await bunnyDone(['sign', '--lock', 'bunny.lock', '--key', 'alice.key'], { cwd: app, env });
  });
  beforeEach(async () => {
    config = await temporaryDirectory('config');
    await mkdir(join(config, 'bunny'));
    await rm(join(app, 'bunny-policy.yaml'), { force: true });
  });

  const userFile = () => join(config, 'bunny', 'policy.yaml');
  const project = (rules: object[]) =>
    writeFile(join(app, 'bunny-policy.yaml'), JSON.stringify({ keys, rules }, null, 1));
  const user = (rules: object[]) => writeFile(userFile(), JSON.stringify({ keys, rules }, null, 1));
  const options = () => ({ cwd: app, env: { XDG_CONFIG_HOME: config } });

  it('say of each layer who signed it, and which line allowed it', async () => {
    await project([
      { match: 'oci:tiny/tooling', unsigned: 'allow' },
      { match: 'oci:tiny/*', signers: ['bob', 'alice'] },
    ]);
    const { verified, artifacts } = await bunnyJson<Verified>(['verify'], options());
    assert.equal(verified, true);
    assert.deepEqual(
      artifacts.map(({ label, opinions: [one] }) => [label, one?.outcome, one?.signers]),
      [
        ['one 1.0.0', 'signed', ['alice']],
        ['tooling 1.0.0', 'unsigned', []],
      ],
    );
    assert.match(artifacts[0]?.opinions[0]?.where ?? '', /bunny-policy\.yaml:\d+:\d+$/);
    const { stdout } = await bunnyDone(['verify'], options());
    assert.match(stdout, /^one 1\.0\.0 +alice +\S*bunny-policy\.yaml:\d+:\d+$/m);
  });

  it('refuse what is not signed by enough, at the line that asks for it', async () => {
    await project([{ match: 'oci:tiny/**', signers: { keys: ['alice', 'bob'], atLeast: 2 } }]);
    const error = await bunnyError(['verify'], options());
    assert.deepEqual([error.status, error.code], [4, 'BUNNY_EPOLICY']);
    assert.match(error.details.join('\n'), /asks for alice, bob; only alice signed it/);
    assert.match(JSON.stringify(error.where), /bunny-policy\.yaml.*"line":\d+/);
    await project([{ match: 'oci:other/**', signers: ['alice'] }]);
    const none = await bunnyError(['verify'], options());
    assert.match(none.details.join('\n'), /no rule is about oci:tiny\/one/);
  });

  it('of the user are not weakened by the project', async () => {
    await user([{ match: 'oci:**', signers: ['bob'] }]);
    await project([{ match: '**', unsigned: 'allow' }]);
    const error = await bunnyError(['verify'], options());
    assert.equal(error.code, 'BUNNY_EPOLICY');
    assert.match(JSON.stringify(error.where), /bunny\/policy\.yaml/);
    await user([{ match: 'oci:**', signers: ['alice'] }]);
    await bunnyDone(['verify'], options());
    await user([{ match: 'oci:**', signers: ['bob'], onFailure: 'warn' }]);
    const { stderr } = await bunnyDone(['verify'], options());
    assert.match(stderr, /warning: one 1\.0\.0: .*asks for bob; none of them signed it/);
  });

  it('are never off in silence', async () => {
    const nobody = await bunnyError(['verify'], options());
    assert.deepEqual([nobody.status, nobody.code], [2, 'BUNNY_EUSAGE']);
    await project([{ match: '**', signers: ['alice'] }]);
    // A link to nothing, a directory, a text that is none.
    await symlink('nowhere', userFile());
    assert.equal((await bunny(['verify'], options())).status, 2);
    await rm(userFile());
    await mkdir(userFile());
    assert.equal((await bunny(['verify'], options())).status, 2);
    await rm(userFile(), { recursive: true });
    await writeFile(userFile(), 'rules: [\n');
    assert.equal((await bunnyError(['verify'], options())).code, 'BUNNY_EYAML');
    await rm(userFile());
    await rm(join(app, 'bunny-policy.yaml'));
    await writeFile(join(app, 'elsewhere.yaml'), 'rules: [{ match: "**", unsigned: allow }]\n');
    await symlink('elsewhere.yaml', join(app, 'bunny-policy.yaml'));
    assert.equal((await bunnyError(['verify'], options())).code, 'BUNNY_EPATH');
  });
});
