import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Bases, lockedBases } from 'bunny-libos-namespace';
import { Network, removeTree } from 'bunny-libos-oci';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { Publisher } from 'bunny-libos-testing/frameworks/burrow.js';
import { closure, Project } from './project.js';

describe('resolving from several registries', () => {
  let first: Publisher;
  let second: Publisher;

  beforeEach(async () => {
    first = new Publisher(`oci:${await temporaryDirectory('resolver')}`);
    second = new Publisher(`oci:${await temporaryDirectory('resolver')}`);
    await first.tooling();
    await first.component('libc', '1.0.0');
    await second.component('libc', '1.9.0');
    await second.component('extra', '1.0.0', { dependencies: { libc: '^1.0' } });
  });

  const lines = 'dependencies: { libc: ^1.0, extra: ^1.0 }';

  it('takes each name from the first that has it, whatever later ones offer', async () => {
    const project = await Project.make(first.base, second.base);
    const resolution = await project.resolve(lines);
    assert.deepEqual(closure(resolution), ['extra 1.0.0', 'libc 1.0.0']);
    const from = resolution.wanted[0]?.components.map((component) => component.from);
    assert.deepEqual(from, [second.base, first.base]);
  });

  it('does not take a layout that is not there for one that has nothing', async () => {
    const missing = `oci:${await temporaryDirectory('resolver')}`;
    const project = await Project.make(missing, first.base, second.base);
    const refusal = await project.refused('BUNNY_ENOTFOUND', lines);
    assert.equal(refusal.message, `there is no image layout in ${missing.slice(4)}`);
    assert.equal(refusal.where, missing);
    project.bases = [first.base, missing];
    await project.refused('BUNNY_ENOTFOUND', lines);
    project.bases = [first.base, second.base];
    await project.resolve(lines);
    // What the lock binds to others needs no answer of it.
    project.bases = [missing, first.base, second.base];
    const updated = await project.resolve(lines, { renew: 'all' });
    assert.deepEqual(closure(updated), ['extra 1.0.0', 'libc 1.0.0']);
  });

  it('means the registries of the lock where no other is named', async () => {
    const project = await Project.make(first.base, second.base);
    const { lock } = await project.resolve(lines);
    assert.deepEqual(lockedBases(lock), [first.base, second.base]);
    const none = new Bases([], project.directory, { network: new Network() });
    assert.deepEqual(none.orElse(lockedBases(lock)).references, [first.base, second.base]);
    const given = new Bases([second.base], project.directory, { network: new Network() });
    assert.equal(given.orElse(lockedBases(lock)), given);
    const bases = none.orElse(lockedBases(lock));
    const updated = await project.resolve(lines, { renew: 'all', bases });
    assert.deepEqual(closure(updated), ['extra 1.0.0', 'libc 1.0.0']);
  });

  it('keeps a name where the lock has it from, when an earlier registry begins to offer it', async () => {
    const project = await Project.make(first.base, second.base);
    await project.resolve(lines);
    await first.component('extra', '1.5.0');
    await second.component('extra', '1.1.0');
    for (const renew of ['all', new Set(['extra'])] as const) {
      const updated = await project.resolve(lines, { renew });
      assert.deepEqual(closure(updated), ['extra 1.1.0', 'libc 1.0.0']);
    }
    const reordered = await project.resolve(`${lines}\nregistries: [a]`);
    assert.deepEqual(closure(reordered), ['extra 1.1.0', 'libc 1.0.0']);
  });

  it('refuses to take a name from another registry than the lock does', async () => {
    const project = await Project.make(first.base, second.base);
    await project.resolve(lines);
    await first.component('extra', '1.5.0');
    project.bases = [first.base];
    const refusal = await project.refused('BUNNY_EBINDING', lines, { renew: 'all' });
    assert.match(refusal.message, /bunny\.lock binds extra to /);
    assert.match(refusal.message, /has another of this name/);
    assert.match(refusal.hint ?? '', /--from/);
  });

  it('binds the tooling layer too', async () => {
    const project = await Project.make(first.base);
    const lines = 'dependencies: { libc: ^1.0 }';
    await project.resolve(lines);
    await second.tooling('1.0.0', { description: 'another' });
    await second.tooling('1.1.0');
    project.bases = [second.base];
    const refusal = await project.refused('BUNNY_EBINDING', lines, { renew: 'all' });
    assert.match(refusal.message, /binds the tooling layer of burrow to .* has another of this name/);
    project.bases = [second.base, first.base];
    const kept = await project.resolve(lines, { renew: 'all' });
    assert.equal(kept.wanted[0]?.tooling.version, '1.0.0');
    assert.equal(kept.wanted[0]?.tooling.from, first.base);
  });

  it('follows a copy of the registry that the lock names', async () => {
    const project = await Project.make(first.base);
    const before = await project.resolve('dependencies: { libc: ^1.0 }');
    const copy = new Publisher(`oci:${await temporaryDirectory('resolver')}`);
    await copy.tooling();
    await copy.component('libc', '1.0.0');
    await copy.component('libc', '1.1.0');
    project.bases = [copy.base];
    const after = await project.resolve('dependencies: { libc: ^1.0 }', { renew: 'all' });
    assert.deepEqual(closure(before), ['libc 1.0.0']);
    assert.deepEqual(closure(after), ['libc 1.1.0']);
    assert.equal(after.wanted[0]?.components[0]?.from, copy.base);
  });

  it('fails where the first does not answer, and asks no other', async () => {
    const broken = createServer((_, response) => response.writeHead(500).end());
    await new Promise<void>((listening) => broken.listen(0, '127.0.0.1', listening));
    const { port } = broken.address() as AddressInfo;
    try {
      await second.tooling();
      const project = await Project.make(second.base);
      const { lock } = await project.resolve('dependencies: { extra: ^1.0 }');
      const other = await Project.make(`127.0.0.1:${port}/libos`, second.base);
      const refusal = await other.refused('BUNNY_EREGISTRY', 'dependencies: { extra: ^1.0, libc: "*" }');
      assert.equal(refusal.exitStatus, 3);
      // What the lock binds to the second needs no answer of the first; a new name does.
      const previous = { ...lock, request: '' };
      const bound = await other.resolve('dependencies: { extra: ^1.0 }', { previous });
      assert.deepEqual(closure(bound), ['extra 1.0.0', 'libc 1.9.0']);
      await second.component('new', '1.0.0');
      await other.refused('BUNNY_EREGISTRY', 'dependencies: { extra: ^1.0, new: "*" }', { previous });
    } finally {
      broken.closeAllConnections();
      broken.close();
    }
  }).timeout(60_000);

  it('does not guess offline what a registry that was never asked has', async () => {
    const project = await Project.make(second.base);
    await second.tooling();
    const { lock } = await project.resolve('dependencies: { extra: ^1.0 }');
    project.bases = [first.base, second.base];
    const offline = { offline: true, previous: { ...lock, request: '' } };
    assert.deepEqual(closure(await project.resolve('dependencies: { extra: "*" }', offline)), [
      'extra 1.0.0',
      'libc 1.9.0',
    ]);
    await project.refused('BUNNY_EOFFLINE', 'dependencies: { extra: "*", unseen: "*" }', offline);
    await removeTree(project.store);
  });
});
