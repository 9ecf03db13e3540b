import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { updateVersionIndex, type Variant, yank } from 'bunny-libos-namespace';
import { joinReference, manifestType, Store } from 'bunny-libos-oci';
import { toolingRepository } from 'bunny-libos-spec';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { framework, Publisher } from 'bunny-libos-testing/frameworks/burrow.js';
import { type CountingRegistry, startCountingRegistry } from 'bunny-libos-testing/registries/counting.js';
import { removeTags } from 'bunny-libos-testing/registries/layout-tags.js';
import {
  canonicalRepository,
  Gate,
  openPolicy,
  readSigningKey,
  type SigningKey,
  signManifest,
  stateVariants,
} from 'bunny-libos-trust';
import { closure, Project } from './project.js';

async function newKey(): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  return readSigningKey(pem, 'test', async () => '');
}

describe('resolving by a policy', () => {
  let directory: string;
  let registry: CountingRegistry;
  let publisher: Publisher;
  let base: string;
  let key: SigningKey;
  let other: SigningKey;

  before(async () => {
    key = await newKey();
    other = await newKey();
  });
  beforeEach(async () => {
    directory = await temporaryDirectory('resolver');
    publisher = new Publisher(`oci:${directory}`);
    registry = await startCountingRegistry(directory);
    base = registry.host;
    await publisher.tooling();
    const tooling = publisher.repository(toolingRepository);
    const descriptor = await tooling.resolve('1.0.0');
    assert.ok(descriptor !== undefined);
    const found = await tooling.fetchManifest('1.0.0');
    const { annotations } = JSON.parse(Buffer.from(found?.bytes ?? []).toString());
    const layerHash = annotations['io.github.bunny-libos.layer-hash'];
    const subject = { digest: descriptor.digest, repository: nameOf(toolingRepository), layerHash };
    await signManifest(tooling, { ...descriptor, mediaType: manifestType }, subject, key);
  });
  afterEach(() => registry.close());

  const nameOf = (name: string) => canonicalRepository(joinReference(base, `${framework}/${name}`));

  async function state(name: string, version: string, variants: readonly Variant[], by = key): Promise<void> {
    const target = publisher.repository(name);
    const stated = variants.map(({ manifest: { digest }, layerHash }) => ({ digest, layerHash }));
    await stateVariants(target, { repository: nameOf(name), version, variants: stated }, by);
    await updateVersionIndex(target, version);
  }

  const untag = (name: string, ...tags: string[]) =>
    removeTags(
      directory,
      tags.map((tag) => `${framework}/${name}:${tag}`),
    );

  /** Judges by rules, each with the keys `ours` and `theirs`. */
  async function gate(project: Project, rules: object[], warnings: string[] = []): Promise<Gate> {
    const keys = { ours: key.publicKey.pem, theirs: other.publicKey.pem };
    const policy = openPolicy(JSON.stringify({ keys, rules }), 'bunny-policy.yaml');
    const onWarning = (text: string) => warnings.push(text);
    return new Gate([policy], { store: await Store.open(project.store), onWarning });
  }
  const signed = [{ match: '**', signers: ['ours'] }];

  it('asks for nothing more where statements tell', async () => {
    for (const name of ['libc', 'net', 'http']) {
      const dependencies = name === 'libc' ? {} : { libc: '^1.0' };
      const options = [{ loud: false }, { loud: true }];
      await state(name, '1.0.0', await publisher.component(name, '1.0.0', { dependencies, options }));
    }
    const lines = 'dependencies: { http: ^1.0, net: ^1.0 }';
    const without = await Project.make(base);
    await without.resolve(lines);
    // The one for the referrers of the tooling layer has no name there.
    const ofComponents = () =>
      registry.requests.filter((each) => !each.includes('/tooling') && each !== 'blob  ').sort();
    const before = ofComponents();
    registry.requests.length = 0;
    const project = await Project.make(base);
    const resolution = await project.resolve(lines, { gate: await gate(project, signed) });
    assert.deepEqual(closure(resolution), ['http 1.0.0', 'libc 1.0.0', 'net 1.0.0']);
    assert.deepEqual(ofComponents(), before);
    // And again from what is remembered: of nothing but tags.
    registry.requests.length = 0;
    await project.resolve(`${lines}\noptions: { libc: { loud: true } }`, {
      gate: await gate(project, signed),
    });
    assert.deepEqual(
      ofComponents().filter((each) => !each.startsWith('tags') && !each.includes('sha256:')),
      [],
    );
  });

  it('chooses nothing that is refused, and says which line refuses it', async () => {
    await state('libc', '1.0.0', await publisher.component('libc', '1.0.0'));
    await state('libc', '1.1.0', await publisher.component('libc', '1.1.0'), other);
    await publisher.component('libc', '1.2.0');
    const project = await Project.make(base);
    const lines = 'dependencies: { libc: ^1.0 }';
    const resolution = await project.resolve(lines, { gate: await gate(project, signed) });
    assert.deepEqual(closure(resolution), ['libc 1.0.0']);
    assert.equal(resolution.warnings.length, 2);
    assert.match(
      resolution.warnings[1] ?? '',
      /^libc 1\.2\.0 is passed over for 1\.0\.0: bunny-policy\.yaml:1:\d+ asks for ours; none of them signed it$/,
    );
    const error = await (await Project.make(base)).refused('BUNNY_EPOLICY', 'dependencies: { libc: ^1.1 }', {
      gate: await gate(project, signed),
    });
    assert.equal(error.exitStatus, 4);
    assert.match(error.message, /^libc 1\.2\.0 is refused by policy$/);
    assert.match(error.details.join('\n'), /asks for ours; none of them signed it[\s\S]*without it:\n1\. /);
    assert.match(JSON.stringify(error.where), /bunny-policy\.yaml.*"line":1/);
  });

  it('leaves a failure that is not its own to the solver', async () => {
    await publisher.component('libc', '1.0.0');
    const project = await Project.make(base);
    await project.refused('BUNNY_ENOSOLUTION', 'dependencies: { libc: ^2.0 }', {
      gate: await gate(project, signed),
    });
  });

  it('takes signatures of each variant by itself, those of a variant that fits alone', async () => {
    const variants = await publisher.component('libc', '1.0.0', {
      settings: [{ arch: 'amd64' }, { arch: 'arm64' }],
    });
    const [amd64] = variants;
    assert.ok(amd64 !== undefined);
    const descriptor = { mediaType: manifestType, ...amd64.manifest };
    const subject = { digest: amd64.manifest.digest, repository: nameOf('libc'), layerHash: amd64.layerHash };
    await signManifest(publisher.repository('libc'), descriptor, subject, key, { forms: ['tag'] });
    const project = await Project.make(base);
    const resolution = await project.resolve('dependencies: { libc: ^1.0 }', {
      gate: await gate(project, signed),
    });
    assert.deepEqual(closure(resolution), ['libc 1.0.0']);
    const arm64 = variants[1]?.manifest.digest.replace(':', '-') ?? '';
    assert.ok(registry.requests.every((request) => !request.includes(arm64)));
  });

  it('refuses a tooling layer as it refuses components, and takes an older one', async () => {
    await state('libc', '1.0.0', await publisher.component('libc', '1.0.0'));
    await publisher.tooling('1.1.0');
    const project = await Project.make(base);
    const { lock } = await project.resolve('dependencies: { libc: ^1.0 }', {
      gate: await gate(project, signed),
    });
    assert.equal(lock.targets[0]?.tooling.version, '1.0.0');
    const theirs = [{ match: '**/tooling', signers: ['theirs'] }, ...signed];
    const error = await (await Project.make(base)).refused('BUNNY_EPOLICY', 'dependencies: { libc: ^1.0 }', {
      gate: await gate(project, theirs),
    });
    assert.match(error.message, /^tooling 1\.1\.0 is refused by policy$/);
  });

  it('takes nothing of a lock that is refused by now, whoever asked for it', async () => {
    await state('libc', '1.0.0', await publisher.component('libc', '1.0.0'));
    await state('libc', '1.1.0', await publisher.component('libc', '1.1.0'), other);
    const project = await Project.make(base);
    const lines = 'dependencies: { libc: ^1.0 }';
    assert.deepEqual(closure(await project.resolve(lines)), ['libc 1.1.0']);
    const asked = await gate(project, signed);
    const check: Parameters<Project['resolve']>[1] = { gate: asked, check: ({ targets }) => targets };
    const error = await project.refused('BUNNY_EPOLICY', lines, check);
    assert.match(error.message, /^libc 1\.1\.0 is refused by policy$/);
    const anew = await project.resolve('dependencies: { libc: ">=1.0 <2" }', {
      gate: await gate(project, signed),
    });
    assert.deepEqual(closure(anew), ['libc 1.0.0']);
  });

  it('judges once, anew when the policy is another one, and offline by what it remembers', async () => {
    await state('libc', '1.0.0', await publisher.component('libc', '1.0.0'));
    const project = await Project.make(base);
    const lines = 'dependencies: { libc: ^1.0 }';
    const check = ({ targets }: { targets: readonly never[] | readonly unknown[] }) => targets as never;
    await project.resolve(lines, { gate: await gate(project, signed), check });
    registry.requests.length = 0;
    await project.resolve(lines, { gate: await gate(project, signed), check, offline: true });
    const both = [{ match: '**/tooling', signers: ['ours'], onFailure: 'warn' }, ...signed];
    await project.resolve(lines, { gate: await gate(project, both), check, offline: true });
    assert.deepEqual(registry.requests, []);
    const theirs = [{ match: '**', signers: ['theirs'] }];
    await project.refused('BUNNY_EPOLICY', lines, {
      gate: await gate(project, theirs),
      check,
      offline: true,
    });
  });

  it('warns each time where the policy lets pass with a warning', async () => {
    await publisher.component('libc', '1.0.0');
    const project = await Project.make(base);
    const soft = [{ match: '**', signers: ['theirs'], onFailure: 'warn' }];
    for (const _ of [1, 2]) {
      const warnings: string[] = [];
      await project.resolve('dependencies: { libc: ^1.0 }', {
        gate: await gate(project, soft, warnings),
        check: ({ targets }) => targets,
      });
      assert.deepEqual(warnings.map((text) => text.replace(/:.*/, '')).sort(), [
        'libc 1.0.0',
        'tooling 1.0.0',
      ]);
    }
  });

  it('tells of what a repository listed before and lists no more, and refuses that where it is asked to', async () => {
    await state('libc', '1.0.0', await publisher.component('libc', '1.0.0'));
    await state('libc', '1.1.0', await publisher.component('libc', '1.1.0'));
    const project = await Project.make(base);
    const lines = 'dependencies: { libc: ^1.0 }';
    assert.deepEqual(closure(await project.resolve(lines, { gate: await gate(project, signed) })), [
      'libc 1.1.0',
    ]);
    // The registry as it was before 1.1.0.
    const target = publisher.repository('libc');
    await untag('libc', ...(await target.tags()).filter((each) => each.startsWith('1.1.0')));
    const warnings: string[] = [];
    const later = 'dependencies: { libc: ">=1.0 <2" }';
    await project.refused('BUNNY_EROLLBACK', later, {
      renew: 'all',
      gate: await gate(project, [{ match: '**', signers: ['ours'], rollback: 'refuse' }]),
    });
    for (const _ of [1, 2]) {
      await project.resolve(later, { renew: 'all', gate: await gate(project, signed, warnings) });
    }
    assert.equal(warnings.length, 2);
    assert.match(
      warnings[0] ?? '',
      /burrow\/libc does not list any more: 1\.1\.0, 1\.1\.0_[0-9a-f]{16}, 1\.1\.0_statement-/,
    );
    // Another machine has seen nothing of it.
    const fresh = await Project.make(base);
    const asks = [{ match: '**', signers: ['ours'], rollback: 'refuse' }];
    assert.deepEqual(closure(await fresh.resolve(lines, { gate: await gate(fresh, asks) })), ['libc 1.0.0']);
  });

  it('tells of a withdrawal that is hidden', async () => {
    await state('libc', '1.0.0', await publisher.component('libc', '1.0.0'));
    await state('libc', '1.1.0', await publisher.component('libc', '1.1.0'));
    await yank(publisher.repository('libc'), '1.1.0', true);
    const project = await Project.make(base);
    const asks = [{ match: '**', signers: ['ours'], rollback: 'refuse' }];
    const lines = 'dependencies: { libc: ^1.0 }';
    assert.deepEqual(closure(await project.resolve(lines, { gate: await gate(project, asks) })), [
      'libc 1.0.0',
    ]);
    await untag('libc', '1.1.0_yank1');
    const error = await project.refused('BUNNY_EROLLBACK', lines, {
      renew: 'all',
      gate: await gate(project, asks),
    });
    assert.match(error.message, /does not list any more: 1\.1\.0_yank1$/);
    assert.equal(error.exitStatus, 4);
  });

  it('tells of a variant that a statement names and the registry withholds', async () => {
    const options = [{ loud: false }, { loud: true }];
    await state('libc', '1.0.0', await publisher.component('libc', '1.0.0', { options }));
    const tags = (await publisher.repository('libc').tags()).filter((tag) => /_[0-9a-f]{16}$/.test(tag));
    await untag('libc', tags[0] ?? '');
    const project = await Project.make(base);
    const warnings: string[] = [];
    const lines = 'dependencies: { libc: ^1.0 }';
    await project.resolve(lines, { gate: await gate(project, signed, warnings) });
    assert.deepEqual(warnings, [`${nameOf('libc')} withholds what is stated: ${tags[0]}`]);
    const asks = [{ match: '**', signers: ['ours'], rollback: 'refuse' }];
    const fresh = await Project.make(base);
    await fresh.refused('BUNNY_EROLLBACK', lines, { gate: await gate(fresh, asks) });
    // What somebody states whom no rule asks for is nobody's word.
    const strangers = await Project.make(base);
    const others = [
      { match: '**/tooling', signers: ['ours'] },
      { match: '**', signers: ['theirs'], onFailure: 'warn' },
    ];
    const told: string[] = [];
    await strangers.resolve(lines, { gate: await gate(strangers, others, told) });
    assert.deepEqual(
      told.filter((text) => text.includes('withholds')),
      [],
    );
  });

  it('refuses a registry that no rule is about, signed or not', async () => {
    await state('libc', '1.0.0', await publisher.component('libc', '1.0.0'));
    const project = await Project.make(base);
    const elsewhere = [{ match: 'registry.example.org/**', signers: ['ours'] }];
    const error = await project.refused('BUNNY_EPOLICY', 'dependencies: { libc: ^1.0 }', {
      gate: await gate(project, elsewhere),
    });
    assert.match(error.details.join('\n'), /no rule is about /);
  });
});
