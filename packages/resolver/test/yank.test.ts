import assert from 'node:assert/strict';
import { Bases, yank } from 'bunny-libos-namespace';
import { Network, Store } from 'bunny-libos-oci';
import { readBunnyfile } from 'bunny-libos-spec';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { framework, Publisher } from 'bunny-libos-testing/frameworks/burrow.js';
import { outdated } from '../src/solve/outdated.js';
import { closure, Project } from './project.js';

describe('a yanked version', () => {
  let publisher: Publisher;
  let project: Project;
  const lines = 'dependencies: { libc: ^1.0 }';

  beforeEach(async () => {
    publisher = new Publisher(`oci:${await temporaryDirectory('resolver')}`);
    project = await Project.make(publisher.base);
    await publisher.tooling();
    await publisher.component('libc', '1.0.0');
    await publisher.component('libc', '1.1.0');
  });

  it('is for nobody but those who are locked to it', async () => {
    await project.resolve(lines);
    assert.equal(await yank(publisher.repository('libc'), '1.1.0', true), true);
    await publisher.component('args', '1.0.0');
    const kept = await project.resolve('dependencies: { libc: ^1.0, args: "*" }');
    assert.deepEqual(closure(kept), ['args 1.0.0', 'libc 1.1.0']);
    const other = await Project.make(publisher.base);
    assert.deepEqual(closure(await other.resolve(lines)), ['libc 1.0.0']);
    await other.refused('BUNNY_ENOSOLUTION', 'dependencies: { libc: =1.1.0 }');
    const updated = await project.resolve(lines, { renew: 'all' });
    assert.deepEqual(closure(updated), ['libc 1.0.0']);
  });

  it('is told by comparing the lock, and can be restored, and yanked again', async () => {
    const { lock } = await project.resolve(lines);
    const compare = async () =>
      outdated({
        bunnyfile: readBunnyfile(
          `version: v0.1\nplatforms: { framework: ${framework} }\n${lines}\n`,
          'Bunnyfile',
        ),
        file: 'Bunnyfile',
        lockFile: project.lockFile,
        previous: lock,
        bases: new Bases(project.bases, project.directory, { network: new Network() }),
        store: await Store.open(project.store),
        filter: { arch: ['amd64'] },
      });
    const target = publisher.repository('libc');
    assert.deepEqual(await compare(), []);
    await yank(target, '1.1.0', true);
    const told = [
      {
        name: 'libc',
        current: '1.1.0',
        wanted: '1.0.0',
        latest: '1.0.0',
        yanked: true,
        targets: ['amd64/qemu'],
      },
    ];
    assert.deepEqual(await compare(), told);
    assert.equal(await yank(target, '1.1.0', true), false);
    assert.equal(await yank(target, '1.1.0', false), true);
    assert.deepEqual(await compare(), []);
    await yank(target, '1.1.0', true);
    assert.deepEqual(await compare(), told);
    const marks = (await target.tags()).filter((tag) => tag.includes('yank'));
    assert.deepEqual(marks, ['1.1.0_yank1', '1.1.0_yank2', '1.1.0_yank3']);
  });

  it('is told also where nothing replaces it, beside what can be newer', async () => {
    await publisher.component('only', '1.0.0', { dependencies: { libc: '^1.0' } });
    const more = 'dependencies: { libc: ^1.0, only: ^1.0 }';
    await project.resolve(more);
    await publisher.component('libc', '1.2.0');
    await yank(publisher.repository('only'), '1.0.0', true);
    await project.refused('BUNNY_ENOSOLUTION', more, { renew: 'all' });
    const targets = ['amd64/qemu'];
    assert.deepEqual(await outdated(await project.options(more)), [
      { name: 'libc', current: '1.1.0', wanted: '1.2.0', latest: '1.2.0', yanked: false, targets },
      { name: 'only', current: '1.0.0', yanked: true, targets },
    ]);
  });

  it('must be one that was published', async () => {
    await assert.rejects(yank(publisher.repository('libc'), '1.2.0', true), {
      code: 'BUNNY_EVERSIONNOTFOUND',
      hint: 'there are 1.1.0, 1.0.0',
    });
  });
});
