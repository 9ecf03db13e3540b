import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  copyOfWarren,
  filesBelow,
  warren,
  warrenSources,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';
import { layoutTags, removeTags, variantTags } from 'bunny-libos-testing/registries/layout-tags.js';

/** A variant as a plan shows it. */
interface Planned {
  name: string;
  version: string;
  settings: Record<string, string>;
  options: Record<string, unknown>;
  tag: string;
  layerHash: string;
  action: 'build' | 'present' | 'leave';
  reason: string;
}

interface Plan {
  framework: string;
  to: string;
  tooling: { version: string; action: string; reason: string };
  variants: Planned[];
}

interface Result extends Plan {
  compiled: number;
  pushed: { name: string; version: string; tag: string; digest: string }[];
  warnings: string[];
}

describe('bunny publish', function () {
  this.timeout(60_000);
  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
  });

  /** Publishes fixtures/warren and gives the one result. */
  const publish = async (to: string, ...words: string[]): Promise<Result> => {
    const { store } = await warren();
    const all = ['publish', warrenSources, '--allow-commands', '--to', to, ...words];
    const { results } = await bunnyJson<{ results: Result[] }>(all, { store });
    const [result] = results;
    assert.ok(result !== undefined && results.length === 1);
    return result;
  };

  const plan = async (to: string, ...words: string[]): Promise<Plan> => {
    const { store } = await warren();
    const all = ['publish', warrenSources, '--allow-commands', '--to', to, '--dry-run', ...words];
    const { plans } = await bunnyJson<{ plans: Plan[] }>(all, { store });
    const [first] = plans;
    assert.ok(first !== undefined && plans.length === 1);
    return first;
  };

  describe('--dry-run', () => {
    it('prints what is missing and why, as a table, and touches nothing', async () => {
      const { store } = await warren();
      const directory = join(await temporaryDirectory('layout'), 'registry');
      const { stdout } = await bunnyDone(
        ['publish', warrenSources, '--allow-commands', '--to', `oci:${directory}`, '--dry-run'],
        { store },
      );
      const lines = stdout.trimEnd().split('\n');
      assert.match(lines[0] ?? '', /^ACTION +COMPONENT +VERSION +SETTINGS +OPTIONS +WHY$/);
      assert.match(lines[1] ?? '', /^push +tooling +1\.0\.0 +1\.0\.0 is missing$/);
      assert.match(
        stdout,
        /^build +console +1\.0\.0 +(amd64|arm64) (qemu|linuxu) +crlf=true +1\.0\.0_[0-9a-f]{16} is missing$/m,
      );
      await assert.rejects(access(directory));
    });

    it('prints the same as one JSON document, every component after what it depends on', async () => {
      const found = await plan(`oci:${await temporaryDirectory('layout')}`);
      assert.equal(found.framework, 'warren');
      assert.deepEqual(found.tooling.action, 'push');
      assert.ok(found.variants.every(({ action }) => action === 'build'));
      assert.ok(new Set(found.variants.map(({ name }) => name)).size >= 11);
      assert.ok(found.variants.length >= 30);
      assert.equal(
        new Set(found.variants.map(({ tag, name }) => `${name}:${tag}`)).size,
        found.variants.length,
      );
      const names = found.variants.map(({ name }) => name);
      const isBefore = (first: string, second: string) =>
        assert.ok(names.lastIndexOf(first) < names.indexOf(second), `${first} before ${second}`);
      isBefore('libc', 'args');
      isBefore('args', 'main');
      isBefore('main', 'sched-coop');
      isBefore('console', 'libc');
    });

    it('says of a registry that has all of it that nothing is to be done', async () => {
      const { registry } = await warren();
      const { tooling, variants } = await plan(registry);
      assert.equal(tooling.action, 'present');
      assert.ok(
        variants.every(({ action, tag, reason }) => action === 'present' && reason === `${tag} is published`),
      );
    });

    it('leaves what is not asked for, and says so', async () => {
      const { registry } = await warren();
      const { variants } = await plan(registry, '--arch', 'arm64', '--platform', 'qemu');
      const left = variants.filter(({ action }) => action === 'leave');
      assert.ok(left.length > 0);
      for (const { settings, reason } of left) {
        assert.equal(reason, 'not asked for');
        assert.ok(settings.arch === 'amd64' || settings.platform === 'linuxu');
      }
    });
  });

  describe('a second run', () => {
    it('compiles nothing, pushes nothing, changes nothing', async () => {
      const { registry, directory } = await warren();
      const before = await readFile(join(directory, 'index.json'));
      const files = await filesBelow(join(directory, 'blobs'));
      const { compiled, pushed, variants } = await publish(registry);
      assert.equal(compiled, 0);
      assert.deepEqual(pushed, []);
      assert.ok(variants.every(({ action }) => action === 'present'));
      assert.deepEqual(await readFile(join(directory, 'index.json')), before);
      assert.deepEqual(await filesBelow(join(directory, 'blobs')), files);
    });

    it('says so to people', async () => {
      const { registry, store } = await warren();
      const { stdout, stderr } = await bunnyDone(
        ['publish', warrenSources, '--allow-commands', '--to', registry],
        { store },
      );
      assert.equal(stdout, '');
      assert.match(stderr, /Tooling warren 1\.0\.0 was there/);
      assert.match(stderr, /Published 0 variants to oci:\S+, \d+ there already, 0 files compiled/);
    });
  });

  it('makes just the one variant that is missing, as it was', async () => {
    const { registry, directory } = await copyOfWarren();
    const before = await layoutTags(directory);
    const lost = [...(await variantTags(directory)).keys()].find((name) =>
      name.startsWith('warren/args:1.1.1_'),
    );
    assert.ok(lost !== undefined);
    await removeTags(directory, [lost]);
    const { pushed, variants } = await publish(registry);
    assert.deepEqual(
      pushed.map(({ name, tag }) => `warren/${name}:${tag}`),
      [lost],
    );
    assert.equal(variants.filter(({ action }) => action === 'build').length, 1);
    assert.deepEqual(await layoutTags(directory), before);
  });

  it('puts a lost version index back together', async () => {
    const { registry, directory } = await copyOfWarren();
    const before = await layoutTags(directory);
    const [lost] = [...(await variantTags(directory)).keys()].filter((name) =>
      name.startsWith('warren/libc:'),
    );
    assert.ok(lost !== undefined);
    await removeTags(directory, [lost, 'warren/libc:1.0.0']);
    await publish(registry);
    assert.deepEqual(await layoutTags(directory), before);
  });

  it('publishes only the architectures and platforms that are asked for', async () => {
    const registry = `oci:${await temporaryDirectory('layout')}`;
    const { pushed, variants } = await publish(registry, '--arch', 'x86_64', '--platform', 'linuxu');
    const built = variants.filter(({ action }) => action === 'build');
    assert.equal(pushed.length, built.length);
    assert.ok(built.some(({ name }) => name === 'plat-linuxu'));
    for (const { settings } of built) {
      assert.equal(settings.arch, 'amd64');
      assert.ok(settings.platform === undefined || settings.platform === 'linuxu');
    }
  });

  it('is divided by --shard into parts that make up the whole', async () => {
    const { directory: whole } = await warren();
    const directory = await temporaryDirectory('layout');
    const shards = [
      await publish(`oci:${directory}`, '--shard', '1/2'),
      await publish(`oci:${directory}`, '--shard', '2/2'),
    ];
    const [first = [], second = []] = shards.map(({ pushed }) =>
      pushed.map(({ name, tag }) => `${name}:${tag}`),
    );
    assert.ok(Math.abs(first.length - second.length) <= 1, 'of one size');
    assert.deepEqual(
      first.filter((each) => second.includes(each)),
      [],
    );
    assert.deepEqual(await variantTags(directory), await variantTags(whole));
    assert.deepEqual(
      new Set((await layoutTags(directory)).keys()),
      new Set((await layoutTags(whole)).keys()),
    );
  });

  it('does not care about shards that run at the same instant', async () => {
    const { directory: whole, store } = await warren();
    const directory = await temporaryDirectory('layout');
    const words = ['publish', warrenSources, '--allow-commands', '--to', `oci:${directory}`];
    const ended = await Promise.all(
      ['1/3', '2/3', '3/3'].map((shard) => bunny([...words, '--shard', shard], { store })),
    );
    assert.deepEqual(
      ended.map(({ status, stderr }) => (status === 0 ? '' : stderr)),
      ['', '', ''],
    );
    assert.deepEqual(await layoutTags(directory), await layoutTags(whole));
  });
});
