import assert from 'node:assert/strict';
import type { RegistryUniverse } from 'bunny-libos-resolver';
import type { Candidate } from 'bunny-libos-solver';
import { BunnyError } from 'bunny-libos-spec';
import type { TargetRules } from 'bunny-libos-tooling';
import { LocalUniverse } from '../plan/local-universe.js';
import type { LocalVariant } from '../plan/local-variant.js';
import { ClosureSolver } from './closure-solver.js';

const rules = { settings: { arch: 'amd64', platform: 'qemu' } } as unknown as TargetRules;

/** A universe that counts how often it is asked for the candidates of each name. */
class Counting extends LocalUniverse {
  readonly asked = new Map<string, number>();

  override candidates(name: string) {
    this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
    return super.candidates(name);
  }
}

function variantOf(name: string, n: number, dependencies: Candidate['dependencies']): LocalVariant {
  const version = '1.0.0';
  const settings = { arch: 'amd64' };
  const layerHash = `${name} ${n}`;
  const options = { n };
  const shared = { name, version, options, settings, dependencies };
  const candidate = { ...shared, id: layerHash };
  const document = { value: { dependencies }, at: () => ({ file: 'component.yaml' }) };
  return { layerHash, candidate, identity: shared, local: { document } } as unknown as LocalVariant;
}

function solverOf(dependencies: Candidate['dependencies']) {
  const many = [0, 1, 2, 3].map((n) => variantOf('many', n, dependencies));
  const libc = variantOf('libc', 0, {});
  const published = { candidates: () => undefined, capability: () => undefined };
  const variants = [...many, libc];
  const universe = new Counting(variants, published);
  const solver = new ClosureSolver(variants, universe, published as unknown as RegistryUniverse);
  return { many, libc, universe, solver };
}

describe('the closure that a variant is compiled against', () => {
  it('is found without a look at the other variants of its component', async () => {
    const { many, libc, universe, solver } = solverOf({ libc: { version: '^1.0' } });
    for (const variant of many) {
      const { members, direct } = await solver.closureOf(variant, rules);
      assert.deepEqual(
        members.map((each) => each.variant),
        [libc],
      );
      assert.deepEqual(direct, { libc: 'libc' });
    }
    assert.deepEqual([...universe.asked], [['libc', many.length]]);
  });

  it('is missed with a look at all there is', async () => {
    const { many, universe, solver } = solverOf({ libc: { version: '^2.0' } });
    const [variant] = many;
    assert.ok(variant !== undefined);
    await assert.rejects(solver.closureOf(variant, rules), (error) => {
      assert.ok(error instanceof BunnyError);
      assert.equal(error.code, 'BUNNY_ENOSOLUTION');
      return error.details.some((each) => each.includes('libc is in ^2.0'));
    });
    assert.equal(universe.asked.get('many'), 1);
  });
});
