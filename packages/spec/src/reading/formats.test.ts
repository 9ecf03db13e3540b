import assert from 'node:assert/strict';
import { explainFormat, isComponentName, isRange, isRelativePath, isVersion } from './formats.js';

describe('formats', () => {
  it('takes full semantic versions that fit into a tag', () => {
    for (const version of ['0.0.0', '1.2.3', '1.2.3-rc.1', `1.0.0-${'a'.repeat(94)}`]) {
      assert.ok(isVersion(version), version);
    }
    for (const version of [
      '',
      '1',
      '1.2',
      'v1.2.3',
      ' 1.2.3',
      '1.2.3+build',
      '01.2.3',
      `1.0.0-${'a'.repeat(95)}`,
    ]) {
      assert.ok(!isVersion(version), version);
    }
  });

  it('says what to write in place of a bad version', () => {
    assert.equal(explainFormat('semver', '1.2').hint, 'write "1.2.0"');
    assert.equal(explainFormat('semver', 'v1.2.3').hint, 'write "1.2.3"');
    assert.deepEqual(explainFormat('semver', '1.2.3+5'), {
      code: 'BUNNY_EVERSION',
      message: '"1.2.3+5" has build metadata, which OCI tags cannot hold',
      hint: 'write "1.2.3"',
    });
    assert.match(explainFormat('semver', `1.0.0-${'a'.repeat(99)}`).message, /has 105 characters/);
    assert.equal(explainFormat('semver', 'new').hint, 'write three numbers: 1.2.0');
  });

  it('takes the ranges of node-semver', () => {
    for (const range of ['^1.0', '~1.2.3', '*', '1.x', '>=1 <3', '1 || 2', '1.2 - 1.4', 'v0.15.0']) {
      assert.ok(isRange(range), range);
    }
    for (const range of ['', ' ', '1..0', 'latest', '^^1', `>=1.${'0'.repeat(2000)}`]) {
      assert.ok(!isRange(range), range);
    }
  });

  it('takes path components of OCI repositories as names', () => {
    for (const name of ['libc', 'alloc-bump', 'a.b', 'a_b', 'a__b', 'a--b', '9p', 'constructor']) {
      assert.ok(isComponentName(name), name);
    }
    for (const name of [
      '',
      'Libc',
      'a/b',
      '-a',
      'a-',
      'a..b',
      'a___b',
      '__proto__',
      'a b',
      'é',
      'x'.repeat(65),
    ]) {
      assert.ok(!isComponentName(name), name);
    }
  });

  it('keeps the names of the repositories that stand beside components', () => {
    assert.ok(!isComponentName('tooling'));
    assert.ok(!isComponentName('catalog'));
    assert.match(explainFormat('component-name', 'tooling').message, /reserved by Bunny/);
  });

  it('takes paths that stay below their directory', () => {
    for (const path of ['a', 'src/**/*.c', './a', 'a..b', '...']) assert.ok(isRelativePath(path), path);
    for (const path of ['', '/a', '..', 'a/../b', '../a', 'a\\..\\b', 'a\0b']) {
      assert.ok(!isRelativePath(path), path);
    }
  });
});
