import assert from 'node:assert/strict';
import fc from 'fast-check';
import { memoryUniverse } from '../src/search/memory.js';
import type { Candidate, Root, Solution, Universe } from '../src/search/universe.js';
import { solve, solveSync } from '../src/solve.js';
import { readScenario } from './scenario.js';
import { worlds } from './worlds.js';

/** `a 1.0.0, b 2.0.0` */
function told(solution: Solution): string {
  assert.ok(solution.solved, solution.solved ? '' : solution.failure.lines.join('\n'));
  return [...solution.closure].map(([name, { candidate }]) => `${name} ${candidate.version}`).join(', ');
}

function solveText(text: string, options = {}): Solution {
  const scenario = readScenario(text);
  return solveSync(scenario.root, scenario.universe, { ...scenario.options, ...options });
}

/** Answers each question after its own number of turns of the event loop. */
function late(universe: Universe, turns: () => number, asked: string[] = []): Universe {
  const wait = async <T>(answer: T | Promise<T>): Promise<T> => {
    for (let left = turns(); left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
    return answer;
  };
  return {
    candidates: (name) => {
      asked.push(name);
      return wait(universe.candidates(name));
    },
    capability: (name) => wait(universe.capability(name)),
    names: () => wait(universe.names?.() ?? []),
  };
}

describe('solve', function () {
  this.timeout(60_000);

  it('names what of the root a failure is about, in every conflict that it tells of', () => {
    const failing = (requirements: Root['requirements'], constraints: Root['constraints'] = {}) => {
      const component = (name: string, version: string, dependencies = {}): Candidate => ({
        name,
        version,
        id: version,
        options: { fast: false },
        dependencies,
      });
      const universe = memoryUniverse([
        component('libc', '1.0.0'),
        component('net', '1.0.0', { libc: { version: '^2' } }),
        component('fine', '1.0.0'),
      ]);
      const solution = solveSync({ name: 'app', requirements, constraints, settings: {} }, universe);
      assert.ok(!solution.solved);
      return solution.failure.asked;
    };
    const any = { version: '*' };
    assert.deepEqual(failing({ fine: any, net: any }), ['net']);
    assert.deepEqual(failing({ net: any, gone: any, fine: any }), ['gone', 'net']);
    assert.deepEqual(failing({ fine: any }, { fine: { version: '*', options: { fast: true } } }), ['fine']);
  });

  it('says for what a component exists without saying less in other words, and not of what is yanked', () => {
    const candidate = (name: string, id: string, settings: Candidate['settings'], more = {}): Candidate => ({
      name,
      version: '1.0.0',
      id,
      settings: settings ?? {},
      ...more,
    });
    const lines = (candidates: Candidate[]) => {
      const root: Root = {
        name: 'app',
        requirements: { a: { version: '*' } },
        settings: { arch: 'amd64', platform: 'linuxu' },
      };
      const solution = solveSync(root, memoryUniverse(candidates));
      assert.ok(!solution.solved);
      return solution.failure.lines.join('\n');
    };
    const qemu = ['amd64', 'arm64'].map((arch) => candidate('a', arch, { arch, platform: 'qemu' }));
    assert.match(lines(qemu), /a 1\.0\.0 exists only for platform qemu$/m);
    const spread = [...qemu, candidate('a', 'far', { arch: 'arm64', platform: 'linuxu' })];
    assert.match(lines(spread), /a 1\.0\.0 exists only for arch arm64 or platform qemu$/m);
    const yanked = [
      candidate('a', 'here', { arch: 'amd64' }, { yanked: true }),
      candidate('a', 'there', { arch: 'arm64' }, { yanked: true }),
    ];
    assert.match(lines(yanked), /a 1\.0\.0 is yanked/);
    assert.doesNotMatch(lines(yanked), /only for/);
  });

  it('takes the newest versions that go together, by name, with who meets what', () => {
    const solution = solveText(`
universe:
  net 1.2.0; needs libc ^1.0
  net 1.1.0
  musl 1.3.0; provides libc 1.1.0
  musl 1.2.0; provides libc 1.0.0
bunnyfile:
  net ^1.0
`);
    assert.equal(told(solution), 'musl 1.3.0, net 1.2.0');
    assert.ok(solution.solved);
    assert.deepEqual(solution.closure.get('net')?.dependencies, { libc: 'musl' });
    assert.deepEqual(solution.closure.get('musl')?.dependencies, {});
  });

  it('takes the oldest with the strategy `lowest`, still with default options', () => {
    const text = `
universe:
  net 1.0.0 ipv6=true
  net 1.0.0 ipv6=false
  net 1.1.0 ipv6=false
bunnyfile:
  net ^1.0
`;
    const solution = solveText(text, { strategy: 'lowest' });
    assert.equal(told(solution), 'net 1.0.0');
    assert.deepEqual(solution.solved && solution.closure.get('net')?.candidate.options, { ipv6: false });
  });

  it('prefers in a documented total order', () => {
    const candidates: Candidate[] = [
      { name: 'c', version: '1.0.0', id: 'e' },
      { name: 'c', version: '1.1.0', id: 'd', deviations: 1 },
      { name: 'c', version: '1.1.0', id: 'c' },
      { name: 'c', version: '1.1.0', id: 'b', settings: { arch: 'amd64' } },
      { name: 'c', version: '1.1.0', id: 'a', settings: { arch: 'amd64' } },
      { name: 'c', version: '2.0.0-rc.1', id: 'f' },
      { name: 'c', version: '9.0.0', id: 'g', yanked: true },
    ];
    const root: Root = { name: 'app', requirements: { c: { version: '*' } }, settings: { arch: 'amd64' } };
    const order: string[] = [];
    for (let left = candidates; left.length > 0; left = left.filter(({ id }) => id !== order.at(-1))) {
      const solution = solveSync(root, memoryUniverse(left));
      if (!solution.solved) break;
      order.push(solution.closure.get('c')?.candidate.id ?? '');
    }
    assert.deepEqual(order, ['a', 'b', 'c', 'd', 'e']);
    const locked = solveSync(root, memoryUniverse(candidates), { preferred: new Map([['c', 'g']]) });
    assert.equal(told(locked), 'c 9.0.0');
  });

  it('keeps what a lock has where one requirement is added', () => {
    const text = `
universe:
  a 1.0.0; needs shared ^1.0
  a 1.1.0; needs shared ^1.0
  b 1.0.0; needs shared >=1.1.0
  b 1.1.0; needs shared >=2.0.0
  shared 1.0.0
  shared 1.1.0
  shared 1.2.0
  shared 2.0.0
bunnyfile:
  a *
  b *
lock:
  a 1.0.0
  shared 1.0.0
`;
    assert.equal(told(solveText(text)), 'a 1.0.0, b 1.0.0, shared 1.2.0');
    assert.equal(told(solveText(text.replace('  b *\n', ''))), 'a 1.0.0, shared 1.0.0');
    assert.equal(told(solveText(text, { preferred: new Map() })), 'a 1.1.0, b 1.0.0, shared 1.2.0');
  });

  it('goes on where a lock was edited by hand, or is of another universe', () => {
    const candidates: Candidate[] = [
      { name: 'a', version: '1.0.0', id: '1' },
      { name: 'a', version: '1.1.0', id: '2' },
    ];
    const root: Root = { name: 'app', requirements: { a: { version: '^1.0.0' } }, settings: {} };
    const preferred = new Map([
      ['a', 'no such id'],
      ['gone', '1'],
    ]);
    assert.equal(told(solveSync(root, memoryUniverse(candidates), { preferred })), 'a 1.1.0');
  });

  it('chooses providers: the explicit one, one that the root names, the locked one, the default, the only one able', () => {
    const universe = `
universe:
  web 1.0.0; needs libc ^1.0
  dietlibc 0.3.0; provides libc 1.0.0
  musl 1.2.0; provides libc 1.1.0
  newlib 4.0.0; provides libc 1.1.0
  uclibc 1.0.0; provides libc 0.9.0; for arch=m68k
`;
    const defaults = 'defaults:\n  libc musl\n';
    assert.equal(told(solveText(`${universe}${defaults}bunnyfile:\n  web *\n`)), 'musl 1.2.0, web 1.0.0');
    assert.equal(
      told(solveText(`${universe}${defaults}bunnyfile:\n  web *\nlock:\n  newlib 4.0.0\n`)),
      'newlib 4.0.0, web 1.0.0',
    );
    assert.equal(
      told(solveText(`${universe}${defaults}bunnyfile:\n  web *\n  dietlibc *\n`)),
      'dietlibc 0.3.0, web 1.0.0',
    );
    assert.equal(
      told(solveText(`${universe}${defaults}bunnyfile:\n  web *\n  choose newlib for libc\n`)),
      'newlib 4.0.0, web 1.0.0',
    );
    assert.ok(!solveText(`${universe}bunnyfile:\n  web *\n`).solved);
    assert.equal(
      told(solveText(`${universe}bunnyfile:\n  web *\n  libc ~1.0\n`)),
      'dietlibc 0.3.0, web 1.0.0',
    );
  });

  it('leaves the default provider only where it cannot be had', () => {
    const text = `
universe:
  web 1.0.0; needs libc ^1.0
  sched 2.0.0
  musl 1.2.0; provides libc 1.1.0; needs sched ^1.0
  newlib 4.0.0; provides libc 1.1.0
defaults:
  libc musl
bunnyfile:
  web *
  sched ^2.0
`;
    assert.equal(told(solveText(text)), 'newlib 4.0.0, sched 2.0.0, web 1.0.0');
  });

  it('applies conditions on settings and on the options of who asks', () => {
    const text = `
universe:
  net 1.0.0 ipv6=true; needs virtio * when platform=qemu, ndp * when ipv6=true, dbg * when ipv6=false
  virtio 1.0.0
  ndp 1.0.0
  dbg 1.0.0
bunnyfile:
  net *
settings:
  platform=linuxu
`;
    assert.equal(told(solveText(text)), 'ndp 1.0.0, net 1.0.0');
    assert.equal(
      told(solveText(text.replace('platform=linuxu', 'platform=qemu'))),
      'ndp 1.0.0, net 1.0.0, virtio 1.0.0',
    );
  });

  it('passes options along edges to the provider of a capability', () => {
    const text = `
universe:
  web 1.0.0; needs alloc ^1.0 with heap=tlsf
  buddy 1.0.0 heap=buddy; provides alloc 1.0.0
  tlsf 1.0.0 heap=tlsf; provides alloc 1.0.0
bunnyfile:
  web *
`;
    assert.equal(told(solveText(text)), 'tlsf 1.0.0, web 1.0.0');
  });

  it('brings in what the tooling layer needs', () => {
    const text = 'universe:\n  main 1.0.0\n  web 1.0.0\nbunnyfile:\n  web *\nbase:\n  main *\n';
    assert.equal(told(solveText(text)), 'main 1.0.0, web 1.0.0');
  });

  it('goes round in circles only where it may', () => {
    const text = 'universe:\n  a 1.0.0\n  a 2.0.0; needs b *\n  b 1.0.0; needs a *\nbunnyfile:\n  a *\n';
    assert.equal(told(solveText(text)), 'a 1.0.0');
    assert.equal(told(solveText(text, { allowCycles: true })), 'a 2.0.0, b 1.0.0');
  });

  it('takes names that are also properties of every object for names', () => {
    const candidates: Candidate[] = JSON.parse(`[
      {"name": "constructor", "version": "1.0.0", "id": "1", "dependencies": {"__proto__": {"version": "^1.0.0"}}},
      {"name": "__proto__", "version": "1.0.0", "id": "1", "provides": {"toString": "1.0.0"}}
    ]`);
    const requirements = { constructor: { version: '*' }, toString: { version: '*' } };
    const solution = solveSync({ name: 'app', requirements, settings: {} }, memoryUniverse(candidates));
    assert.equal(told(solution), '__proto__ 1.0.0, constructor 1.0.0');
  });

  it('answers the same, whatever the order of candidates and of answers', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.infiniteStream(fc.nat(4)), fc.nat(100), async (world, stream, shift) => {
        const expected = solveSync(world.root, world.universe, world.options);
        const turns = () => stream.next().value ?? 0;
        assert.deepEqual(await solve(world.root, late(world.universe, turns), world.options), expected);
        const at = shift % (world.candidates.length + 1);
        const turned = [...world.candidates.slice(at), ...world.candidates.slice(0, at)].reverse();
        const defaults = Object.entries(world.defaults).map(([name, provider]) => [
          name,
          { default: provider },
        ]);
        const again = memoryUniverse(turned, Object.fromEntries(defaults));
        assert.deepEqual(solveSync(world.root, again, world.options), expected);
      }),
      { numRuns: 300 },
    );
  });

  it('asks each component once, and ahead of need', async () => {
    const chain = Array.from(
      { length: 20 },
      (_, i): Candidate => ({
        name: `c${i}`,
        version: '1.0.0',
        id: '1',
        dependencies: i < 19 ? { [`c${i + 1}`]: { version: '*' }, leaf: { version: '*' } } : {},
      }),
    );
    const leaf: Candidate = { name: 'leaf', version: '1.0.0', id: '1' };
    const asked: string[] = [];
    let open = 0;
    let most = 0;
    const universe = late(memoryUniverse([...chain, leaf]), () => 1, asked);
    const counted: Universe = {
      ...universe,
      candidates: async (name) => {
        most = Math.max(most, ++open);
        const found = await universe.candidates(name);
        open--;
        return found;
      },
    };
    const solution = await solve(
      { name: 'app', requirements: { c0: { version: '*' } }, settings: {} },
      counted,
    );
    assert.ok(solution.solved);
    assert.deepEqual(asked.toSorted(), ['leaf', ...chain.map(({ name }) => name)].toSorted());
    assert.ok(most > 1, 'the chain and the leaf are asked for at the same time');
  });

  it('rejects where the universe does, but not for a guess that nobody needed', async () => {
    const universe: Universe = {
      candidates: async (name) => {
        if (name === 'broken') throw new Error('the registry is gone');
        const newest = { name: 'a', version: '2.0.0', id: '2', dependencies: { broken: { version: '*' } } };
        return [{ name: 'a', version: '1.0.0', id: '1' }, newest];
      },
      capability: () => undefined,
    };
    const root = (version: string): Root => ({ name: 'app', requirements: { a: { version } }, settings: {} });
    assert.equal(told(await solve(root('^1.0.0'), universe)), 'a 1.0.0');
    await assert.rejects(solve(root('^2.0.0'), universe), /the registry is gone/);
  });

  it('needs no answer about a candidate that a later requirement rules out', async () => {
    const dependencies = { broken: { version: '*' } };
    const candidates: Record<string, Candidate[]> = {
      a: [
        { name: 'a', version: '1.0.0', id: '1' },
        { name: 'a', version: '2.0.0', id: '2', dependencies },
      ],
      b: [{ name: 'b', version: '1.0.0', id: '1', dependencies: { a: { version: '^1.0.0' } } }],
    };
    const universe: Universe = {
      candidates: (name) => {
        if (name === 'broken') throw new Error('the registry is gone');
        return candidates[name];
      },
      capability: () => undefined,
    };
    const root: Root = {
      name: 'app',
      requirements: { a: { version: '*' }, b: { version: '*' } },
      settings: {},
    };
    assert.equal(told(solveSync(root, universe)), 'a 1.0.0, b 1.0.0');
    assert.equal(told(await solve(root, universe)), 'a 1.0.0, b 1.0.0');
  });

  it('does not wait for a universe that answers later, if asked not to', () => {
    const universe: Universe = { candidates: async () => [], capability: () => undefined };
    const root: Root = { name: 'app', requirements: { a: { version: '*' } }, settings: {} };
    assert.throws(() => solveSync(root, universe), TypeError);
  });
});
