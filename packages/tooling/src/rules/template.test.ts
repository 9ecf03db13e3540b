import assert from 'node:assert/strict';
import type { BunnyError, Template } from 'bunny-libos-spec';
import fc from 'fast-check';
import { expandTemplate, templateNames } from './template.js';

const scope = (values: Record<string, readonly string[]>, variables: Record<string, Template> = {}) => ({
  values: new Map(Object.entries(values)),
  variables: new Map(Object.entries(variables)),
});

const failure = (summary: RegExp) => (error: BunnyError) => {
  assert.equal(error.code, 'BUNNY_ETEMPLATE');
  assert.match(error.message, summary);
  assert.equal(error.where, 'rules.link');
  return true;
};

describe('expandTemplate', () => {
  it('splices a word that is just a name, and replaces names inside words', () => {
    const words = expandTemplate(
      'cc $flags -o$out  pre-${name}.o $$HOME ${flags}',
      scope({ flags: ['-O2', '-g x'], out: ['a b.o'], name: ['net'] }),
      'rules.link',
    );
    assert.deepEqual(words, ['cc', '-O2', '-g x', '-oa b.o', 'pre-net.o', '$HOME', '-O2', '-g x']);
  });

  it('splices nothing for an empty variable', () => {
    assert.deepEqual(expandTemplate('a $none b', scope({ none: [] }), 'rules.link'), ['a', 'b']);
  });

  it('keeps the blanks of a list of words', () => {
    assert.deepEqual(expandTemplate(['sh', '-c', 'echo $x'], scope({ x: ['1'] }), 'rules.link'), [
      'sh',
      '-c',
      'echo 1',
    ]);
  });

  it('expands variables that use variables', () => {
    const variables = { cc: 'gcc', cflags: '-O2 $machine', machine: '-m64', compile: '$cc $cflags' };
    assert.deepEqual(expandTemplate('$compile $in', scope({ in: ['a.c'] }, variables), 'rules.link'), [
      'gcc',
      '-O2',
      '-m64',
      'a.c',
    ]);
  });

  it('does not read dollar signs in values', () => {
    assert.deepEqual(expandTemplate('$in x$in', scope({ in: ['$out'] }), 'rules.link'), ['$out', 'x$out']);
  });

  it('names an unknown variable, near ones and all that are known', () => {
    assert.throws(
      () => expandTemplate('ld $objcts', scope({ objects: [], out: ['o'] }), 'rules.link'),
      (error: BunnyError) => {
        assert.match(error.message, /unknown variable \$objcts$/);
        assert.equal(error.hint, 'did you mean $objects?');
        assert.deepEqual(error.details, ['known here: $objects $out']);
        return failure(/unknown/)(error);
      },
    );
  });

  it('tells which variable used the unknown one', () => {
    assert.throws(
      () => expandTemplate('$a', scope({}, { a: '$b' }), 'rules.link'),
      failure(/\$b \(used by \$a\)/),
    );
  });

  it('refuses several words inside a longer one', () => {
    assert.throws(
      () => expandTemplate('-I$dirs', scope({ dirs: ['a', 'b'] }), 'rules.link'),
      failure(/\$dirs has 2 words/),
    );
    assert.throws(() => expandTemplate('-I$dirs', scope({ dirs: [] }), 'rules.link'), failure(/0 words/));
  });

  it('refuses a circle and a lone dollar sign', () => {
    assert.throws(
      () => expandTemplate('$a', scope({}, { a: '$b', b: 'x $a' }), 'rules.link'),
      failure(/\$a -> \$b -> \$a/),
    );
    assert.throws(() => expandTemplate('a$ b', scope({}), 'rules.link'), failure(/lone dollar/));
    assert.throws(() => expandTemplate('${a', scope({}), 'rules.link'), failure(/lone dollar/));
  });

  it('stops variables that double each other', () => {
    const doubling: Record<string, Template> = { v0: 'x' };
    const empty: Record<string, Template> = { v0: '' };
    const joined: Record<string, Template> = { v0: 'x' };
    for (let level = 1; level < 64; level++) {
      doubling[`v${level}`] = `$v${level - 1} $v${level - 1}`;
      empty[`v${level}`] = `$v${level - 1} $v${level - 1}`;
      joined[`v${level}`] = `\${v${level - 1}}\${v${level - 1}}`;
    }
    assert.throws(
      () => expandTemplate('$v63', scope({}, doubling), 'rules.link'),
      failure(/longer than any/),
    );
    assert.throws(() => expandTemplate('$v63', scope({}, joined), 'rules.link'), failure(/longer than any/));
    assert.deepEqual(expandTemplate('$v63', scope({}, empty), 'rules.link'), []);
  });

  it('gives any words back that were quoted for it', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        const quoted = words.map((word) => word.replaceAll('$', '$$$$'));
        assert.deepEqual(expandTemplate(quoted, scope({}), 'rules.link'), words);
        assert.deepEqual(expandTemplate('$words', scope({ words }), 'rules.link'), words);
      }),
    );
  });
});

describe('templateNames', () => {
  it('lists the names once, sorted', () => {
    assert.deepEqual(templateNames('$b ${a}x $$c $b', 'here'), ['a', 'b']);
  });
});
