import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Namespace } from 'bunny-libos-namespace';
import { Network, Store } from 'bunny-libos-oci';
import { lockFileName, setDependency } from 'bunny-libos-resolver';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { framework, Publisher } from 'bunny-libos-testing/frameworks/burrow.js';
import { policyFileName } from 'bunny-libos-trust';
import { proposeAdditions } from '../src/change/additions.js';
import { accept, changeProject, componentsFor, propose } from '../src/change/proposal.js';
import { LockRequest } from '../src/lock/request.js';
import { lockTargets } from '../src/lock/targets.js';
import { Project } from '../src/open/project.js';

const bunnyfile = `version: v0.1
platforms: { framework: ${framework} }
targets: [amd64/qemu]
dependencies: { libc: ^1.0 }
`;

describe('a project', () => {
  const former = process.env.BUNNY_CACHE;
  const open = Store.open;
  let registry: string;
  let directory: string;
  /** How often a store was opened. */
  let stores = 0;

  before(async () => {
    registry = `oci:${await temporaryDirectory('registry')}`;
    const publisher = new Publisher(registry);
    await publisher.tooling('1.0.0');
    for (const version of ['1.0.0', '1.1.0']) await publisher.component('libc', version);
    await publisher.component('net', '1.0.0', { dependencies: { libc: '^1.0' } });
    Store.open = async (...given) => {
      stores += 1;
      return open.apply(Store, given);
    };
  });

  after(() => {
    Store.open = open;
    if (former === undefined) delete process.env.BUNNY_CACHE;
    else process.env.BUNNY_CACHE = former;
  });

  beforeEach(async () => {
    directory = await temporaryDirectory('project');
    process.env.BUNNY_CACHE = join(directory, 'store');
    await writeFile(join(directory, 'Bunnyfile'), bunnyfile);
    stores = 0;
  });

  const named = () =>
    Project.open({
      file: directory,
      from: [registry],
      network: new Network(),
      signal: new AbortController().signal,
    });
  const components = async () => {
    const { targets } = JSON.parse(await readFile(join(directory, lockFileName), 'utf8'));
    return targets[0].components.map(({ name, version }: Record<string, string>) => `${name} ${version}`);
  };

  it('opens no store before one is asked for, and one for all that comes from it', async () => {
    const project = await named();
    assert.equal(stores, 0);
    const store = await project.store();
    assert.equal(await project.withText(`${bunnyfile}\nname: other\n`).store(), store);
    assert.equal(await (await project.reread()).store(), store);
    assert.equal(stores, 1);
  });

  it('stays as it was when another text is tried, which is not written', async () => {
    const project = await named();
    const other = project.withText(bunnyfile.replace('^1.0', '~1.0.0'));
    assert.equal(other.document.value.dependencies.libc?.version, '~1.0.0');
    assert.equal(project.document.value.dependencies.libc?.version, '^1.0');
    assert.equal(other.bases, project.bases);
    assert.equal(await readFile(join(directory, 'Bunnyfile'), 'utf8'), bunnyfile);
  });

  it('stays as it was when its files change, which is seen by who reads them anew', async () => {
    const project = await named();
    assert.equal(await project.lock({ merged: true }), undefined);
    await lockTargets(await named(), {});
    await writeFile(join(directory, 'Bunnyfile'), bunnyfile.replace('^1.0', '~1.0.0'));
    assert.equal(await project.lock({ merged: true }), undefined);
    assert.equal(project.document.value.dependencies.libc?.version, '^1.0');
    const now = await project.reread();
    assert.equal(now.document.value.dependencies.libc?.version, '~1.0.0');
    assert.ok(await now.lock({ merged: true }));
  });

  it('reads its policies once, for all of its frameworks', async () => {
    const policy = join(directory, policyFileName);
    await writeFile(policy, 'rules:\n  - { match: "**", unsigned: allow }\n');
    await writeFile(
      join(directory, 'Bunnyfile'),
      `${bunnyfile.replace('[amd64/qemu]', '[amd64/qemu, { framework: other, arch: amd64, platform: qemu }]')}`,
    );
    const project = await named();
    const policies = await project.policies();
    assert.equal(policies.length, 1);
    await rm(policy);
    assert.equal(project.parts.length, 2);
    for (const part of project.parts) assert.equal(await part.policies(), policies);
    assert.deepEqual(await (await project.reread()).policies(), []);
  });

  it('is locked with one store, and what was locked is given as it is', async () => {
    const project = await named();
    const first = await lockTargets(project, {});
    assert.equal(first.changed, true);
    assert.deepEqual(await components(), ['libc 1.1.0']);
    assert.equal(first.requests[0]?.store, await project.store());
    const again = await lockTargets(await named(), {});
    assert.equal(again.changed, false);
    assert.deepEqual(again.wanted, first.wanted);
    assert.equal(stores, 2);
  });

  it('writes nothing for a dry run, nor where it may not change', async () => {
    assert.equal((await lockTargets(await named(), { dryRun: true })).changed, true);
    await assert.rejects(lockTargets(await named(), { frozen: true }), { code: 'BUNNY_EFROZEN' });
    await assert.rejects(readFile(join(directory, lockFileName)), { code: 'ENOENT' });
  });

  it('is changed by a proposal, which is written whole when it is accepted', async () => {
    await lockTargets(await named(), {});
    await changeProject(await named(), false, async (project) => {
      const requests = await LockRequest.openAll(project, {});
      const namespace = componentsFor(requests);
      const rejected = await propose(
        requests,
        setDependency(project.text, 'net', '*', project.file),
        namespace,
      );
      assert.deepEqual(await components(), ['libc 1.1.0']);
      assert.deepEqual(
        rejected.changes.map(({ name, after }) => `${name} ${after}`),
        ['net 1.0.0'],
      );
      await accept(
        await propose(requests, setDependency(project.text, 'net', '^1.0', project.file), namespace),
      );
    });
    assert.deepEqual(await components(), ['libc 1.1.0', 'net 1.0.0']);
    assert.match(await readFile(join(directory, 'Bunnyfile'), 'utf8'), /net: ?\^1\.0/);
    assert.equal((await lockTargets(await named(), { frozen: true, offline: true })).changed, false);
  });

  describe('to which something is added without a range', () => {
    const save = Namespace.prototype.save;
    /** How often something was solved. */
    let solved = 0;

    before(async () => {
      const publisher = new Publisher(registry);
      await publisher.component('wide', '1.0.0');
      await publisher.component('wide', '2.0.0', { settings: [{ arch: 'amd64' }] });
      await publisher.component('wide', '1.5.0');
      await publisher.component('near', '1.0.0');
      await publisher.component('near', '1.1.0', { settings: [{ arch: 'amd64' }] });
      Namespace.prototype.save = function () {
        solved += 1;
        return save.call(this);
      };
    });

    after(() => {
      Namespace.prototype.save = save;
    });

    for (const { names, targets, times, ranges } of [
      { names: ['net'], targets: 'amd64/qemu', times: 1, ranges: ['^1.0.0'] },
      { names: ['net', 'wide'], targets: 'amd64/qemu', times: 1, ranges: ['^1.0.0', '^2.0.0'] },
      { names: ['near'], targets: 'amd64/qemu, arm64/qemu', times: 1, ranges: ['^1.0.0'] },
      { names: ['wide'], targets: 'amd64/qemu, arm64/qemu', times: 2, ranges: ['^1.5.0'] },
    ]) {
      it(`solves ${times === 1 ? 'once' : 'again'} for ${names.join(' and ')} on ${targets}`, async () => {
        await writeFile(join(directory, 'Bunnyfile'), bunnyfile.replace('amd64/qemu', targets));
        await lockTargets(await named(), {});
        const requests = await LockRequest.openAll(await named(), {});
        solved = 0;
        const added = await proposeAdditions(
          requests,
          names.map((name) => ({ name })),
        );
        assert.equal(solved, times);
        const { dependencies } = added.project.document.value;
        assert.deepEqual(
          names.map((name) => dependencies[name]?.version),
          ranges,
        );
        // It is what solving for these ranges gives.
        const { resolution, changes } = await propose(requests, added.project.text);
        assert.deepEqual(added.resolution.locks, resolution.locks);
        assert.deepEqual(added.changes, changes);
        await accept(added);
        assert.equal((await lockTargets(await named(), { frozen: true, offline: true })).changed, false);
      });
    }
  });
});
