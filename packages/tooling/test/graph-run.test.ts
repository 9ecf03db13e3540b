import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type HostRoot, hostRoot } from 'bunny-libos-testing/frameworks/host-root.js';
import type { Edge } from '../src/graph/ninja.js';
import { type GraphRun, runGraph } from '../src/graph/run.js';
import { WorkPlace } from '../src/work/work-place.js';

describe('runGraph', () => {
  let host: HostRoot;
  let source: string;
  let place: WorkPlace;

  beforeEach(async () => {
    host = hostRoot();
    source = join(host.scratch, 'source');
    place = new WorkPlace(join(host.scratch, 'place'));
    mkdirSync(source);
    await place.prepare([]);
  });
  afterEach(() => host.remove());

  const compile = (name: string): Edge => ({
    command: ['gcc', '-MD', '-MF', `/work/${name}.d`, '-I', '.', '-c', `${name}.c`, '-o', `/work/${name}.o`],
    inputs: [`${name}.c`],
    outputs: [`/work/${name}.o`],
    depfile: `/work/${name}.d`,
    description: `compile ${name}.c`,
  });
  const link: Edge = {
    command: ['ld', '-r', '/work/a.o', '/work/b.o', '-o', '/work/all.o'],
    inputs: ['/work/a.o', '/work/b.o'],
    outputs: ['/work/all.o'],
    description: 'link',
  };
  const run = (edges: readonly Edge[], more: Partial<GraphRun> = {}) =>
    runGraph({
      graph: { edges },
      root: host.root,
      binds: [...host.binds, { from: source, to: '/src' }],
      place,
      directory: '/src',
      ...more,
    });
  const edges = [compile('a'), compile('b'), link];
  /** Writes a file as if some time had passed since the last build. */
  const write = (name: string, text: string, age = 0) => {
    writeFileSync(join(source, name), text);
    const time = Date.now() / 1000 - age;
    utimesSync(join(source, name), time, time);
  };
  const names = async (result: ReturnType<typeof run>) =>
    (await result).ran.map(({ edge }) => edge.description).sort();

  it('runs just what a change asks for', async () => {
    write('h.h', 'int shared;\n', 60);
    write('a.c', '#include "h.h"\nint a;\n', 60);
    write('b.c', 'int b;\n', 60);
    assert.deepEqual(await names(run(edges)), ['compile a.c', 'compile b.c', 'link']);
    const file = statSync(join(place.plan, 'build.ninja')).mtimeMs;
    assert.deepEqual(await names(run(edges)), []);
    assert.equal(statSync(join(place.plan, 'build.ninja')).mtimeMs, file);
    write('b.c', 'int b2;\n');
    assert.deepEqual(await names(run(edges)), ['compile b.c', 'link']);
    write('h.h', 'long shared;\n', -2);
    assert.deepEqual(await names(run(edges)), ['compile a.c', 'link']);
  });

  it('runs a command again when its words change', async () => {
    write('a.c', 'int a;\n', 60);
    await run([compile('a')]);
    const changed = { ...compile('a'), command: [...compile('a').command, '-DX'] };
    assert.deepEqual(await names(run([changed])), ['compile a.c']);
  });

  it('lists the headers that a compiler read', async () => {
    write('h.h', 'int shared;\n', 60);
    write('a.c', '#include "h.h"\nint a;\n', 60);
    write('b.c', 'int b;\n', 60);
    await run(edges, { dependencies: true });
    const expected = [
      ['/work/a.o', ['a.c', 'h.h']],
      ['/work/b.o', ['b.c']],
    ] as const;
    // gcc reads a header of its own besides.
    const own = (files: readonly string[]) => files.filter((file) => !file.startsWith('/usr/')).sort();
    const found = [...new WorkPlace(place.path).dependencies()].map(([output, files]) => [
      output,
      own(files),
    ]);
    assert.deepEqual(found.sort(), expected);
    const listed = statSync(join(place.work, 'dependencies')).mtimeMs;
    await run(edges, { dependencies: true });
    assert.equal(statSync(join(place.work, 'dependencies')).mtimeMs, listed);
    write('a.c', 'bad\n');
    const result = await run(edges, { dependencies: true });
    assert.equal(result.failed.length, 1);
  });

  it('tells which commands failed, with their own words and those of no other', async () => {
    write('a.c', '#warning careful\nint a = ;\n');
    write('b.c', 'int b = 1\n');
    const result = await run(edges, { keepGoing: true, jobs: 2 });
    const byName = new Map(result.failed.map((each) => [each.edge.description, each.output.join('\n')]));
    assert.deepEqual([...byName.keys()].sort(), ['compile a.c', 'compile b.c']);
    assert.match(byName.get('compile a.c') ?? '', /^a\.c:1:2: warning: #warning careful/);
    assert.match(byName.get('compile a.c') ?? '', /a\.c:2:9: error/);
    assert.doesNotMatch(byName.get('compile a.c') ?? '', /b\.c|ninja|FAILED/);
    assert.match(byName.get('compile b.c') ?? '', /^b\.c:1:/);
    assert.doesNotMatch(byName.get('compile b.c') ?? '', /a\.c|ninja|FAILED/);
  });

  it('stops at the first failure where it is not told to go on', async () => {
    write('a.c', 'bad\n');
    write('b.c', 'bad\n');
    const result = await run(edges, { jobs: 1 });
    assert.equal(result.ran.length, 1);
    assert.equal(result.failed.length, 1);
  });

  it('passes on warnings of what succeeds, and the progress', async () => {
    write('a.c', '#warning careful\n');
    const seen: string[] = [];
    await runGraph(
      {
        graph: { edges: [compile('a')] },
        root: host.root,
        binds: [...host.binds, { from: source, to: '/src' }],
        place,
        directory: '/src',
      },
      {
        onEdge: (edge, { done, total }, output) =>
          seen.push(`${done}/${total} ${edge.description}: ${output[0]}`),
      },
    );
    assert.deepEqual(seen, ['1/1 compile a.c: a.c:1:2: warning: #warning careful [-Wcpp]']);
  });

  it('finishes what a killed run has begun', async () => {
    const slow: Edge = {
      command: ['sh', '-c', 'echo half > /work/out; sleep 60; echo whole > /work/out'],
      inputs: [],
      outputs: ['/work/out'],
      description: 'slow',
    };
    await assert.rejects(
      runGraph(
        { graph: { edges: [slow] }, root: host.root, binds: host.binds, place, directory: '/work' },
        { timeout: 300 },
      ),
      { code: 'BUNNY_ETIMEOUT' },
    );
    const quick = { ...slow, command: ['sh', '-c', 'echo whole > /work/out'] };
    assert.deepEqual(await names(run([quick])), ['slow']);
    assert.equal(readFileSync(join(place.work, 'out'), 'utf8'), 'whole\n');
  });

  it('says that a root has no ninja, with and without a shell around it', async () => {
    const root = join(host.scratch, 'bare');
    const libraries = ['usr/lib', 'usr/lib64'];
    for (const name of ['bin', ...libraries]) mkdirSync(join(root, name), { recursive: true });
    for (const name of ['lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name));
    copyFileSync('/bin/sh', join(root, 'bin', 'sh'));
    const binds = libraries.map((name) => ({ from: `/${name}`, to: `/${name}` }));
    for (const dependencies of [true, false]) {
      await assert.rejects(run([link], { root, binds, dependencies, directory: '/' }), {
        code: 'BUNNY_ESANDBOX',
        message: 'the tooling root has no program ninja',
        where: root,
      });
    }
  });

  it('says that a root has no shell where ninja looks for it', async () => {
    const root = join(host.scratch, 'shell-less');
    for (const name of ['bin', 'usr']) mkdirSync(join(root, name), { recursive: true });
    for (const name of ['lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name));
    const binds = [{ from: '/usr', to: '/usr' }];
    const made = { command: ['true'], inputs: [], outputs: ['/work/none'], description: 'make none' };
    await assert.rejects(run([made], { root, binds, directory: '/' }), {
      code: 'BUNNY_ESANDBOX',
      message: 'the tooling root has no program /bin/sh',
      where: root,
    });
  });

  it('refuses a graph with a missing input', async () => {
    await assert.rejects(run([compile('a')]), (error: Error & { code: string }) => {
      assert.equal(error.code, 'BUNNY_EGRAPH');
      assert.match(error.message, /'a\.c'.* missing and no known rule to make it/);
      return true;
    });
  });
});
