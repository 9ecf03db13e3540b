import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lock, LockedTooling } from 'bunny-libos-spec';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { framework, Publisher } from 'bunny-libos-testing/frameworks/burrow.js';
import { lockChanges } from '../src/solve/lock-changes.js';
import { closure, Project } from './project.js';

describe('bunny.lock', () => {
  let directory: string;
  let publisher: Publisher;
  let project: Project;

  beforeEach(async () => {
    directory = await temporaryDirectory('resolver');
    publisher = new Publisher(`oci:${directory}`);
    project = await Project.make(publisher.base);
    await publisher.tooling();
    await publisher.component('libc', '1.0.0', { options: [{ fast: false }, { fast: true }] });
    await publisher.component('net', '1.0.0', { dependencies: { libc: '^1.0' } });
    await publisher.component('http', '1.0.0', { dependencies: { net: '^1.0', libc: '^1.0' } });
  });

  /** Newer versions of everything; the new net needs the new libc. */
  async function publishMore(): Promise<void> {
    await publisher.component('libc', '1.1.0', { options: [{ fast: false }, { fast: true }] });
    await publisher.component('net', '1.1.0', { dependencies: { libc: '^1.1' } });
    await publisher.component('http', '1.1.0', { dependencies: { net: '^1.0', libc: '^1.0' } });
  }

  async function edit(change: (lock: Lock) => void): Promise<void> {
    const lock = JSON.parse(await readFile(project.lockFile, 'utf8')) as Lock;
    change(lock);
    await writeFile(project.lockFile, JSON.stringify(lock, null, 2));
  }

  const lines = 'dependencies: { http: ^1.0 }';

  describe('changes as little as possible', () => {
    it('when a dependency is added', async () => {
      const before = await project.resolve(lines);
      await publishMore();
      await publisher.component('args', '1.0.0', { dependencies: { libc: '^1.0' } });
      const after = await project.resolve('dependencies: { http: ^1.0, args: "*" }');
      assert.deepEqual(
        lockChanges(before.lock, after.lock).map(({ name, after }) => `${name} ${after}`),
        ['args 1.0.0'],
      );
    });

    it('when one that needs newer versions is added', async () => {
      const before = await project.resolve(lines);
      await publishMore();
      await publisher.component('tls', '1.0.0', { dependencies: { libc: '^1.1' } });
      const after = await project.resolve('dependencies: { http: ^1.0, tls: "*" }');
      assert.deepEqual(
        lockChanges(before.lock, after.lock).map(({ name, after }) => `${name} ${after}`),
        ['libc 1.1.0', 'tls 1.0.0'],
      );
    });

    it('when one is updated: what must follow does, and nothing else', async () => {
      await project.resolve(lines);
      await publishMore();
      const http = await project.resolve(lines, { renew: new Set(['http']) });
      assert.deepEqual(closure(http), ['http 1.1.0', 'libc 1.0.0', 'net 1.0.0']);
      await publisher.component('http', '1.2.0', { dependencies: { net: '^1.0', libc: '^1.0' } });
      const net = await project.resolve(lines, { renew: new Set(['net']) });
      assert.deepEqual(closure(net), ['http 1.1.0', 'libc 1.1.0', 'net 1.1.0']);
    });

    it('when all may be renewed, to the newest of each, with the tooling layer', async () => {
      await project.resolve(lines);
      await publishMore();
      await publisher.tooling('1.1.0');
      const updated = await project.resolve(lines, { renew: 'all' });
      assert.deepEqual(closure(updated), ['http 1.1.0', 'libc 1.1.0', 'net 1.1.0']);
      assert.equal(updated.wanted[0]?.tooling.version, '1.1.0');
    });
  });

  it('has all targets of the Bunnyfile where one of them is built before it is made', async () => {
    const all = `${lines}\ntargets: [amd64/qemu, arm64/qemu]`;
    const labels = ({ lock }: { lock: Lock }) =>
      lock.targets.map(({ arch, platform }) => `${arch}/${platform}`);
    const first = await project.resolve(all, { lockAll: true });
    assert.deepEqual(labels(first), ['amd64/qemu', 'arm64/qemu']);
    assert.deepEqual(
      first.wanted.map(({ arch }) => arch),
      ['amd64'],
    );
    assert.equal((await project.resolve(all, { filter: {}, frozen: true })).changed, false);
    const other = await Project.make(publisher.base);
    assert.deepEqual(labels(await other.resolve(all)), ['amd64/qemu']);
    const fresh = await Project.make(publisher.base);
    const refusal = await fresh.refused('BUNNY_ETARGET', `${lines}\ntargets: [amd64/qemu, arm64/xen]`, {
      lockAll: true,
    });
    assert.equal(refusal.message, 'burrow has no target arm64/xen');
  });

  describe('with the conflict marks of a merge', () => {
    it('is written anew from what both sides have', async () => {
      await project.resolve(lines);
      const base = await readFile(project.lockFile, 'utf8');
      await publishMore();
      await publisher.component('args', '1.0.0');
      await project.resolve(lines, { renew: new Set(['libc']) });
      const ours = await readFile(project.lockFile, 'utf8');
      await writeFile(project.lockFile, base);
      await project.resolve('dependencies: { http: ^1.0, args: "*" }', { renew: new Set(['http']) });
      const theirs = await readFile(project.lockFile, 'utf8');
      await publisher.component('http', '1.2.0', { dependencies: { net: '^1.0', libc: '^1.0' } });
      await writeFile(
        project.lockFile,
        `<<<<<<< HEAD\n${ours}||||||| base\n${base}=======\n${theirs}>>>>>>> other\n`,
      );
      const merged = await project.resolve('dependencies: { http: ^1.0, args: "*" }');
      assert.equal(merged.changed, true);
      assert.deepEqual(closure(merged), ['args 1.0.0', 'http 1.1.0', 'libc 1.1.0', 'net 1.0.0']);
      const again = await project.resolve('dependencies: { http: ^1.0, args: "*" }');
      assert.equal(again.changed, false);
    });

    it('is refused where a side is no lock', async () => {
      await writeFile(project.lockFile, '<<<<<<< HEAD\n{\n=======\n[]\n>>>>>>> other\n');
      await project.refused('BUNNY_EJSON', lines);
    });
  });

  describe('edited by hand is seen for', () => {
    beforeEach(() => project.resolve(lines));

    it('a dependency that it does not have', async () => {
      await edit(({ targets }) => {
        (targets[0] as unknown as { components: unknown[] }).components.splice(1, 1);
      });
      const refusal = await project.refused('BUNNY_ELOCKED', lines);
      assert.match(refusal.message, /http depends on libc, which the lock does not have/);
      assert.equal((refusal.where as { line?: number }).line !== undefined, true);
    });

    it('a component that is there twice', async () => {
      await edit(({ targets }) => {
        const [target] = targets as unknown as [{ components: unknown[] }];
        target.components.push(target.components[0]);
      });
      const refusal = await project.refused('BUNNY_ELOCKED', lines);
      assert.match(refusal.message, /http is listed twice/);
    });

    it('versions, options and layers that its manifests contradict', async () => {
      const edits: [RegExp, (component: Record<string, unknown>) => void][] = [
        [
          /version: the lock says 1\.7\.0, the manifest 1\.0\.0/,
          (libc) => Object.assign(libc, { version: '1.7.0' }),
        ],
        [
          /options: the lock says \{"fast":true\}/,
          (libc) => Object.assign(libc, { options: { fast: true } }),
        ],
        [
          /layer: the lock says/,
          (libc) => Object.assign(libc, { layer: { digest: `sha256:${'a'.repeat(64)}`, size: 3 } }),
        ],
        [
          /layerHash: the lock says/,
          (libc) => Object.assign(libc, { layerHash: `sha256:${'b'.repeat(64)}` }),
        ],
      ];
      const text = await readFile(project.lockFile, 'utf8');
      for (const [expected, change] of edits) {
        await writeFile(project.lockFile, text);
        await edit(({ targets }) => {
          const libc = targets[0]?.components.find(({ name }) => name === 'libc');
          change(libc as unknown as Record<string, unknown>);
        });
        const refusal = await project.refused('BUNNY_ELOCKED', lines, { check: ({ targets }) => targets });
        assert.match(refusal.details.join('\n'), expected);
        assert.match(refusal.hint ?? '', /bunny update libc/);
        // Choosing it anew is a way out.
        const updated = await project.resolve(lines, { renew: new Set(['libc']) });
        assert.deepEqual(closure(updated), ['http 1.0.0', 'libc 1.0.0', 'net 1.0.0']);
      }
    });

    it('a digest that no registry has', async () => {
      await edit(({ targets }) => {
        Object.assign(targets[0]?.components[1] ?? {}, { digest: `sha256:${'c'.repeat(64)}` });
      });
      const refusal = await project.refused('BUNNY_ELOCKED', lines, { check: ({ targets }) => targets });
      assert.match(refusal.message, /pins a manifest of libc 1\.0\.0 that is not on/);
    });

    it('a tooling layer that its manifest and its rules contradict', async () => {
      const none = `sha256:${'d'.repeat(64)}`;
      const edits: [RegExp, (tooling: LockedTooling) => object][] = [
        [/^version: the lock says 1\.0\.1, the manifest 1\.0\.0$/, () => ({ version: '1.0.1' })],
        [/^layerHash: the lock says sha256:d/, () => ({ layerHash: none })],
        [/^rules: the lock says /, ({ rules }) => ({ rules: { ...rules, digest: none } })],
        [/^rootfs: .*"digest":"sha256:d/, ({ rootfs }) => ({ rootfs: [{ ...rootfs[0], digest: none }] })],
        [/^rootfs: .*"diffId":"sha256:d/, ({ rootfs }) => ({ rootfs: [{ ...rootfs[0], diffId: none }] })],
        [/^rootfs: the lock says \[\], /, () => ({ rootfs: [] })],
        [/^sha256:d/, () => ({ digest: none })],
      ];
      const text = await readFile(project.lockFile, 'utf8');
      for (const [expected, change] of edits) {
        await writeFile(project.lockFile, text);
        await edit(({ targets: [target] }) => {
          assert.ok(target !== undefined);
          Object.assign(target.tooling, change(target.tooling));
        });
        const refusal = await project.refused('BUNNY_ELOCKED', lines, { check: ({ targets }) => targets });
        assert.match(refusal.details.join('\n'), expected);
        assert.match(refusal.hint ?? '', /`bunny update`/);
        assert.equal(refusal.where, project.lockFile);
        await project.resolve(lines, { renew: 'all' });
        assert.equal(await readFile(project.lockFile, 'utf8'), text);
      }
    });

    it('a false tooling layer also where the Bunnyfile has changed meanwhile', async () => {
      const text = await readFile(project.lockFile, 'utf8');
      const more = 'dependencies: { http: ^1.0, libc: "*" }';
      for (const [key, hasRules] of [
        ['layerHash', true],
        ['digest', false],
      ] as const) {
        await writeFile(project.lockFile, text);
        await edit(({ targets }) => {
          Object.assign(targets[0]?.tooling ?? {}, { [key]: `sha256:${'d'.repeat(64)}` });
        });
        // What the rules do not tell is found when the lock is looked at for the first time.
        if (!hasRules) assert.equal((await project.resolve(more)).changed, true);
        await project.refused('BUNNY_ELOCKED', more, { check: ({ targets }) => targets });
      }
    });

    it('settings that nobody asked for, and dependencies that a component does not have', async () => {
      await edit(({ targets }) => {
        const [target] = targets as unknown as [
          { settings: object; components: { dependencies: string[] }[] },
        ];
        Object.assign(target.settings, { debug: true });
        target.components[0]?.dependencies.pop();
        target.components[1]?.dependencies.push('net');
      });
      const refusal = await project.refused('BUNNY_ELOCKED', lines, { check: ({ targets }) => targets });
      assert.deepEqual(refusal.details, [
        'the setting debug is none: the lock has true',
        'http 1.0.0 depends on libc, net: the lock has libc',
        'libc 1.0.0 depends on none: the lock has net',
      ]);
      assert.match(refusal.hint ?? '', /remove the file/);
    });

    it('a pin that does not fit the others, or the Bunnyfile', async () => {
      await publishMore();
      const newest = await (await Project.make(publisher.base)).resolve(lines);
      const net = newest.wanted[0]?.components.find(({ name }) => name === 'net');
      await edit(({ targets }) => {
        const components = targets[0]?.components as unknown as unknown[];
        components[2] = net;
      });
      const refusal = await project.refused('BUNNY_ELOCKED', lines, { check: ({ targets }) => targets });
      assert.deepEqual(refusal.details, ['net 1.1.0 needs libc ^1.1: the lock has 1.0.0']);
    });

    it('a pin without the options that the Bunnyfile asks for wherever it is needed', async () => {
      const fast = `${lines}\noptions: { libc: { fast: true } }`;
      const plain = (await project.resolve(lines)).wanted[0]?.components.find(({ name }) => name === 'libc');
      const { wanted } = await project.resolve(fast);
      assert.deepEqual(wanted[0]?.components.find(({ name }) => name === 'libc')?.options, { fast: true });
      await edit(({ targets }) => {
        const components = targets[0]?.components as unknown as unknown[];
        components[1] = plain;
      });
      const refusal = await project.refused('BUNNY_ELOCKED', fast, { check: ({ targets }) => targets });
      assert.deepEqual(refusal.details, ['app needs libc with fast=true: the lock has fast=false']);
    });
  });

  it('pins content: a tag that was moved changes nothing, a manifest that is gone is told', async () => {
    const before = await project.resolve(lines);
    const [http] = before.wanted[0]?.components ?? [];
    assert.ok(http !== undefined);
    const target = publisher.repository('http');
    const other = await publisher.component('http', '1.0.0', { source: 'altered' });
    const tag = (await target.tags()).find(
      (each) => each.startsWith('1.0.0_') && each.includes(http.layerHash.slice(7, 23)),
    );
    assert.ok(tag !== undefined && other[0] !== undefined);
    await target.tag({ mediaType: 'application/vnd.oci.image.manifest.v1+json', ...other[0].manifest }, tag);
    await publisher.component('args', '1.0.0');
    const after = await project.resolve('dependencies: { http: ^1.0, args: "*" }');
    assert.equal(after.wanted[0]?.components.find(({ name }) => name === 'http')?.digest, http.digest);

    await target.delete(http.digest);
    const elsewhere = await Project.make(publisher.base);
    elsewhere.store = join(elsewhere.directory, 'fresh');
    const refusal = await elsewhere.refused('BUNNY_ELOCKED', lines, {
      previous: { ...before.lock, request: '' },
    });
    assert.match(
      refusal.message,
      new RegExp(`pins a manifest of http 1\\.0\\.0 that is not on oci:${directory}`),
    );
    assert.match(refusal.hint ?? '', /bunny update http/);
    assert.equal(framework, before.lock.framework);
  });
});
