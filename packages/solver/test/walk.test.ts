import assert from 'node:assert/strict';
import fc from 'fast-check';
import { closureOf } from '../src/search/closure.js';
import { LookupsNow } from '../src/search/lookups-now.js';
import type { Candidate, Root, SolveOptions, Universe } from '../src/search/universe.js';
import { VersionReader } from '../src/search/version.js';
import { walk } from '../src/search/walk.js';
import { World } from '../src/search/world.js';
import { answerOf } from './answer.js';
import { Oracle } from './oracle.js';
import { readScenario } from './scenario.js';
import { worlds } from './worlds.js';

/** The members that a walk comes to, by name. Undefined where it leaves the answer to the search. */
function walked(root: Root, universe: Universe, options: SolveOptions = {}) {
  const versions = new VersionReader();
  const world = new World(root, options, versions);
  const lookups = new LookupsNow(universe, root, options, versions);
  for (let need = world.lackingToBegin(); need !== undefined; need = world.lackingToBegin()) {
    lookups.answer({ world, need });
  }
  const steps = walk(world, options.budget ?? 1000);
  let step = steps.next();
  for (; !step.done; step = steps.next()) lookups.answer({ world, need: step.value });
  if (step.value === undefined) return undefined;
  const closure = closureOf(world, step.value);
  return new Map([...closure].map(([name, { candidate }]): [string, Candidate] => [name, candidate]));
}

function walkedText(text: string, more: SolveOptions = {}): string | undefined {
  const { root, universe, options } = readScenario(text);
  const members = walked(root, universe, { ...options, ...more });
  return members && [...members].map(([name, { version }]) => `${name} ${version}`).join(', ');
}

describe('walk', function () {
  this.timeout(60_000);

  it('comes to the answer, or to none', () => {
    let found = 0;
    fc.assert(
      fc.property(worlds, (world) => {
        const members = walked(world.root, world.universe, world.options);
        if (members === undefined) return;
        if (members.size > 2) found++;
        assert.deepEqual(members, answerOf(new Oracle(world)));
      }),
      { numRuns: 5000 },
    );
    assert.ok(found > 100, `only ${found} of the worlds are of a kind that can be walked through`);
  });

  const text = `
universe:
  web 2.0.0; needs libc ^1.0, net *; conflicts net <1, libc <1
  web 3.0.0; needs libc ^1.0; for platform=xen
  net 1.0.0; needs libc *, virtio * when platform=qemu
  net 1.1.0; needs libc *, virtio * when platform=qemu; conflicts web <2, posix *
  musl 1.0.0; provides libc 1.0.0
  musl 2.0.0; provides libc 2.0.0
  newlib 4.0.0; provides libc 1.0.0, posix 1.0.0
  virtio 1.0.0
  main 1.0.0; needs virtio *
defaults:
  libc musl
bunnyfile:
  web *
  wherever net *
base:
  main *
settings:
  platform=qemu
`;

  it('takes the first provider, and conflicts that nobody in the closure is meant by', () => {
    assert.equal(walkedText(text), 'main 1.0.0, musl 1.0.0, net 1.1.0, virtio 1.0.0, web 2.0.0');
  });

  it('follows a lock, a strategy, a choice, conditions and options that are asked for wherever they are needed', () => {
    assert.match(walkedText(text, { strategy: 'lowest' }) ?? '', / net 1\.0\.0, /);
    assert.match(walkedText(`${text}lock:\n  net 1.0.0\n`) ?? '', / net 1\.0\.0, /);
    assert.match(walkedText(text.replace('net *\nbase', 'net ~1.0\nbase')) ?? '', / net 1\.0\.0, /);
    assert.equal(
      walkedText(text.replace('platform=qemu\n', 'platform=linuxu\n')),
      'main 1.0.0, musl 1.0.0, net 1.1.0, virtio 1.0.0, web 2.0.0',
    );
    const chosen = text.replace('  web *\n', '  web *\n  choose newlib for libc\n').replace(', posix *', '');
    assert.match(walkedText(chosen) ?? '', / newlib 4\.0\.0, /);
  });

  const left: Record<string, string> = {
    'a candidate that a later one contradicts': `
universe:
  a 1.0.0
  a 2.0.0
  b 1.0.0; needs a ^1.0
bunnyfile:
  a *
  b *
`,
    'a provider that a later requirement rules out': `
universe:
  a 1.0.0; needs x *, b *
  b 1.0.0; needs x ^2.0
  p 1.0.0; provides x 1.0.0
  q 1.0.0; provides x 2.0.0
defaults:
  x p
bunnyfile:
  a *
`,
    'a conflict with a name': 'universe:\n  a 1.0.0; conflicts b *\n  b 1.0.0\nbunnyfile:\n  a *\n  b *\n',
    'a conflict with a capability': `
universe:
  a 1.0.0; conflicts x <2
  b 1.0.0; provides x 1.0.0
bunnyfile:
  a *
  b *
`,
    'two providers of what nobody asks for': `
universe:
  a 1.0.0; provides x 1.0.0
  b 1.0.0; provides x 1.0.0
bunnyfile:
  a *
  b *
`,
    'a provider other than the one that was chosen': `
universe:
  a 1.0.0; provides x 1.0.0
  b 1.0.0; provides x 1.0.0
bunnyfile:
  a *
  choose b for x
`,
    'an open capability': `
universe:
  a 1.0.0; needs x *
  p 1.0.0; provides x 1.0.0
  q 1.0.0; provides x 1.0.0
bunnyfile:
  a *
`,
    'a capability that nobody provides':
      'universe:\n  a 1.0.0; needs x *\ndefaults:\n  x nobody\nbunnyfile:\n  a *\n',
    'a circle': 'universe:\n  a 1.0.0; needs b *\n  b 1.0.0; needs a *\nbunnyfile:\n  a *\n',
    'a component that needs itself': 'universe:\n  a 1.0.0; needs a *\nbunnyfile:\n  a *\n',
    'more decisions than there may be':
      'universe:\n  a 1.0.0; needs b *\n  b 1.0.0\nbunnyfile:\n  a *\nbudget:\n  1\n',
  };
  for (const [what, scenario] of Object.entries(left)) {
    it(`leaves to the search: ${what}`, () => assert.equal(walkedText(scenario), undefined));
  }

  it('leaves to the search what is not read, and what cannot be read', () => {
    const needs = (name: string, needed: string, more = {}): Candidate[] => [
      { name, version: '1.0.0', id: '1', dependencies: { [needed]: { version: '*' } }, ...more },
    ];
    const universe: Universe = {
      candidates: (name) => {
        if (name === 'broken') throw new Error('the registry is gone');
        return name === 'a' ? needs(name, 'broken') : needs(name, 'unread', { unread: name === 'unread' });
      },
      capability: () => undefined,
    };
    for (const name of ['a', 'b']) {
      const root: Root = { name: 'app', requirements: { [name]: { version: '*' } }, settings: {} };
      assert.equal(walked(root, universe), undefined);
    }
  });

  it('goes round in circles where it may', () => {
    const circle = left['a circle'] ?? '';
    assert.equal(walkedText(circle, { allowCycles: true }), 'a 1.0.0, b 1.0.0');
  });
});
