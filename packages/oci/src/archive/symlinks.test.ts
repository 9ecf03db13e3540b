import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkSymlinks } from './symlinks.js';
import { Tree } from './tree.js';

/** A tree of directories (undefined) and symlinks. */
function treeOf(entries: Readonly<Record<string, string | undefined>>): Tree {
  const tree = new Tree();
  for (const [path, target] of Object.entries(entries)) {
    if (target === undefined) tree.set(path, { kind: 'directory', mode: 0o755, layer: 1 });
    else tree.set(path, { kind: 'symlink', target, layer: 1 });
  }
  return tree;
}

function isRefused(entries: Readonly<Record<string, string | undefined>>, absolute = false): boolean {
  try {
    checkSymlinks(treeOf(entries).nodes, absolute);
    return false;
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'BUNNY_EARCHIVE');
    return true;
  }
}

/** The same by following each link from its beginning, as long as there is patience. */
function leaves(entries: Readonly<Record<string, string | undefined>>, link: string): boolean {
  let at = link.split('/').slice(0, -1);
  const waiting = (entries[link] ?? '').split('/').reverse();
  for (let patience = 2000; patience > 0; patience--) {
    const part = waiting.pop();
    if (part === undefined) return false;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.pop() === undefined) return true;
      continue;
    }
    const target = entries[[...at, part].join('/')];
    if (target === undefined) at = [...at, part];
    else waiting.push(...target.split('/').reverse());
  }
  return false;
}

describe('the symlinks of an archive', () => {
  it('may lead anywhere within it, and nowhere', () => {
    const inside = {
      d: undefined,
      'd/up': '..',
      a: 'd/up/d',
      b: 'a/../b2',
      c: 'c',
      e: 'f/x/../..',
      f: 'e',
      g: 'g/..',
    };
    assert.equal(isRefused(inside), false);
    assert.equal(isRefused({ a: '/etc/passwd' }, true), false);
  });

  it('are refused where one leads out, however many links lie between', () => {
    assert.equal(isRefused({ a: '..' }), true);
    assert.equal(isRefused({ a: '/etc/passwd' }), true);
    assert.equal(isRefused({ d: undefined, 'd/up': '..', out: 'd/up/../x' }), true);
    const long = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`l${i}`, `l${i + 1}/x/..`]));
    assert.equal(isRefused(long), false);
    assert.equal(isRefused({ ...long, l100: '..' }), true);
    assert.equal(isRefused({ d: undefined, 'd/l': '../l0/../y', ...long, l100: '.' }), true);
  });

  it('are refused just where one of them, followed alone, leads out', () => {
    const name = fc.constantFrom('a', 'b', 'd', 'd/a', 'd/b', 'd/e', 'd/e/a');
    const target = fc
      .array(fc.constantFrom('a', 'b', 'd', 'e', '..', '..', '.', 'x'), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join('/'));
    fc.assert(
      fc.property(fc.dictionary(name, target, { maxKeys: 6, noNullPrototype: true }), (links) => {
        const { d: _, 'd/e': __, ...rest } = links;
        const entries = { d: undefined, 'd/e': undefined, ...rest };
        assert.equal(
          isRefused(entries),
          Object.keys(rest).some((link) => leaves(entries, link)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('are followed once each, so that many through a long chain take no longer', () => {
    const chain = 'a/'.repeat(1000) + '../'.repeat(1000);
    const entries: Record<string, string> = {};
    for (let i = 0; i < 40; i++) entries[`l${i}`] = `${chain}l${i + 1}`;
    for (let i = 0; i < 50_000; i++) entries[`s${i}`] = 'l0';
    assert.equal(isRefused(entries), false);
  });
});
