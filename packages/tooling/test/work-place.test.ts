import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type HostRoot, hostRoot } from 'bunny-libos-testing/frameworks/host-root.js';
import type { Edge } from '../src/graph/ninja.js';
import { runGraph } from '../src/graph/run.js';
import { WorkPlace } from '../src/work/work-place.js';

describe('a work place', () => {
  let host: HostRoot;
  let place: WorkPlace;
  let outside: string;

  beforeEach(async () => {
    host = hostRoot();
    place = new WorkPlace(join(host.scratch, 'place'));
    outside = join(host.scratch, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'kept'), 'kept');
    await place.prepare(['a']);
  });
  afterEach(() => host.remove());

  const run = (script: string, more: Partial<Edge> = {}) => {
    const edge = {
      inputs: [],
      outputs: ['/work/out'],
      description: 'run',
      command: ['sh', '-c', script],
      ...more,
    };
    return runGraph({
      graph: { edges: [edge] },
      root: host.root,
      binds: host.binds,
      place,
      directory: '/work',
      dependencies: true,
    });
  };

  it('keeps what was made for commands of the same origin', async () => {
    writeFileSync(join(place.work, 'made'), '');
    await place.prepare(['a']);
    await place.prepare(['a', 'b']);
    await place.prepare(['b', 'a']);
    assert.ok(existsSync(join(place.work, 'made')));
  });

  it('is emptied where commands of another origin were there, or nobody knows which', async () => {
    const outcomes: string[][] = [];
    const dirty = () => {
      writeFileSync(join(place.work, '.ninja_log'), '');
      symlinkSync(outside, join(place.work, 'link'));
    };
    const left = async (origins: string[]) => {
      await new WorkPlace(place.path).prepare(origins);
      outcomes.push(readdirSync(place.work));
    };
    dirty();
    await left(['b']);
    dirty();
    await place.prepare(['b', 'c']);
    await left(['b']);
    dirty();
    writeFileSync(join(place.path, 'origins.json'), '["b');
    await left(['b']);
    assert.deepEqual(outcomes, [[], [], []]);
    assert.ok(existsSync(join(outside, 'kept')));
  });

  it('stays unknown while it is emptied, so that whoever is killed then leaves nothing to be trusted', async () => {
    writeFileSync(join(place.work, 'made'), '');
    await assert.rejects(place.prepare(['b'], AbortSignal.abort()), { code: 'BUNNY_EABORTED' });
    await place.prepare(['a']);
    assert.deepEqual(readdirSync(place.work), []);
  });

  it('has what commands start from where they cannot change it', async () => {
    place.write({ list: 'from here' });
    const result = await run(
      'cat /plan/list > out; for f in /plan/list /plan/build.ninja; do echo evil > $f || rm $f || mv $f /work/; done; true',
    );
    assert.equal(result.failed.length, 0, result.failed[0]?.output.join('\n'));
    assert.deepEqual(readdirSync(place.plan).sort(), ['build.ninja', 'list']);
    assert.equal(readFileSync(join(place.plan, 'list'), 'utf8'), 'from here');
    assert.equal(place.read('/work/out', 100).toString(), 'from here');
    assert.deepEqual(readdirSync(place.path).sort(), ['dependencies.json', 'origins.json', 'plan', 'work']);
  });

  it('reads nothing of what commands leave that is not a file of its own, of a size', async () => {
    const limit = 1000;
    symlinkSync(join(outside, 'kept'), join(place.work, 'link'));
    symlinkSync(outside, join(place.work, 'directory'));
    linkSync(join(outside, 'kept'), join(place.work, 'second'));
    execFileSync('mkfifo', [join(place.work, 'fifo')]);
    writeFileSync(join(place.work, 'huge'), '');
    truncateSync(join(place.work, 'huge'), 2 ** 40);
    for (const [name, code] of [
      ['link', 'BUNNY_EPATH'],
      ['directory/kept', 'BUNNY_EPATH'],
      ['directory', 'BUNNY_EPATH'],
      ['second', 'BUNNY_EPATH'],
      ['../../outside/kept', 'BUNNY_EPATH'],
      ['fifo', 'BUNNY_ENOFILE'],
      ['huge', 'BUNNY_ELIMIT'],
    ] as const) {
      assert.throws(() => place.read(`/work/${name}`, limit), { code }, name);
      assert.throws(() => place.file(`/work/${name}`, limit), { code }, name);
    }
    assert.throws(() => place.remove('/work/directory/kept'), { code: 'BUNNY_EPATH' });
    assert.throws(() => place.read('/etc/hostname', limit), { code: 'BUNNY_EPATH' });
    place.remove('/work/link');
    place.remove('/work/none');
    assert.ok(existsSync(join(outside, 'kept')));
  });

  for (const [what, plant, code] of [
    ['a link', `ln -s ../../outside/kept`, 'BUNNY_EPATH'],
    ['a directory', 'mkdir', 'BUNNY_ENOFILE'],
    ['a file of 1 GB', 'truncate -s 1G', 'BUNNY_ELIMIT'],
  ] as const) {
    it(`refuses a listing of dependencies that is ${what}`, async () => {
      await assert.rejects(run(`touch out; ${plant} dependencies; :`), {
        code,
        where: join(place.work, 'dependencies'),
      });
    });
  }

  it('takes a listing only of files that are in the sandbox to be read', async () => {
    const reading = (path: string) =>
      run(`echo "out: ${path}" > out.d; touch out`, { depfile: '/work/out.d' });
    for (const path of ['/usr/include/stdio.h', 'own.h', '/closure/x/include/y.h', '/src/a.c', '/dev/null']) {
      await reading(path).catch((error: { code?: string }) => assert.equal(error.code, 'BUNNY_EGRAPH', path));
      assert.deepEqual([...place.dependencies()], [['/work/out', [path]]]);
      place.remove('/work/out');
    }
    for (const path of [
      '/proc/1/environ',
      '/root/.ssh/id_rsa',
      '../etc/shadow',
      '/src/../home/me/x',
      '/dev/sda',
    ]) {
      await assert.rejects(reading(path), { code: 'BUNNY_EPATH', where: '/work/out' }, path);
      place.remove('/work/out');
      place.remove('/work/dependencies');
    }
    assert.deepEqual([...new WorkPlace(place.path).dependencies()], [['/work/out', ['/dev/null']]]);
  });
});
