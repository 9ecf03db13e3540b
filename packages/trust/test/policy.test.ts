import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import {
  evaluate,
  type Found,
  type FoundSignature,
  type OpenPolicy,
  openPolicy,
  type Subject,
  userPolicyFile,
} from '../src/index.js';
import { matchesPattern } from '../src/policy/pattern.js';

const people = ['alice', 'bob', 'carol', 'dave'] as const;
type Person = (typeof people)[number];
const pairs = new Map(people.map((name) => [name, generateKeyPairSync('ed25519')]));
const pemOf = (name: Person) => pairs.get(name)?.publicKey.export({ type: 'spki', format: 'pem' }) as string;
const keys = Object.fromEntries(people.map((name) => [name, pemOf(name)]));

const digest = `sha256:${'1'.repeat(64)}`;
const layerHash = `sha256:${'2'.repeat(64)}`;
const subject: Subject = { digest, layerHash, repository: 'host/libos/warren/libc' };

/** A signature that really is one: its message is of no matter here, its claims are. */
function signed(by: Person, claims: Partial<Subject> = {}): FoundSignature {
  const message = Buffer.from(`${by} ${JSON.stringify(claims)}`);
  const key = pairs.get(by)?.privateKey;
  assert.ok(key !== undefined);
  const all = { ...subject, ...claims };
  return {
    form: 'bundle',
    digest: `sha256:${by}`,
    message,
    signature: sign(null, message, key),
    claims: { digest: all.digest, repository: all.repository, layerHash: all.layerHash },
  };
}
const found = (...signatures: FoundSignature[]): Found => ({ signatures, unusable: [] });

function policy(rules: object[], file = 'policy.yaml'): OpenPolicy {
  return openPolicy(JSON.stringify({ keys, rules }), file);
}

describe('patterns of repositories', () => {
  it('match whole parts, and any number of them', () => {
    const cases: [string, string[], string[]][] = [
      [
        'host/libos/**',
        ['host/libos/a', 'host/libos/a/b', 'host/libos'],
        ['host/libosx/a', 'xhost/libos/a', 'host/lib'],
      ],
      ['host/*/libc', ['host/a/libc'], ['host/libc', 'host/a/b/libc', 'host/a/libcx']],
      [
        '*.example.org/**',
        ['a.example.org/x', 'a.b.example.org/x/y'],
        ['example.org/x', 'a.example.org:5000/x', 'aexample.org.evil/x'],
      ],
      ['host/**/libc', ['host/libc', 'host/a/libc', 'host/a/b/libc'], ['host/libc/x']],
      ['**', ['host/a', 'oci:a/b'], []],
      ['oci:**', ['oci:a', 'oci:a/b'], ['host/a', 'oci.example.org/a']],
      ['oci:warren/*', ['oci:warren/libc'], ['oci:warren/a/b', 'warren/libc']],
      ['host/lib*-*', ['host/libc-x', 'host/lib--'], ['host/libc', 'host/lib-x/y']],
    ];
    for (const [pattern, good, bad] of cases) {
      for (const name of good) assert.ok(matchesPattern(pattern, name), `${pattern} ${name}`);
      for (const name of bad) assert.ok(!matchesPattern(pattern, name), `${pattern} ${name}`);
    }
  });

  it('match as a regular expression would, and in time whatever they hold', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', '/', '*', '**'), { maxLength: 10 })
      .map((parts) => parts.join(''));
    const expression = (pattern: string) =>
      new RegExp(
        `^${pattern
          .split('/')
          .map((part) => part.replace(/\*+/g, '[^/]*'))
          .join('/')}$`,
      );
    fc.assert(
      fc.property(
        text,
        text.map((each) => each.replaceAll('*', '')),
        (pattern, name) => {
          fc.pre(!/\*\*/.test(pattern));
          assert.equal(matchesPattern(pattern, name), expression(pattern).test(name));
        },
      ),
    );
    const start = performance.now();
    assert.ok(!matchesPattern(`${'*a'.repeat(200)}b`, 'a'.repeat(400)));
    assert.ok(!matchesPattern(`${'**/a/'.repeat(80)}b`, 'a/'.repeat(200)));
    assert.ok(performance.now() - start < 500);
  });
});

describe('a policy', () => {
  it('decides by the first rule that matches, and refuses what none is about', () => {
    const one = policy([
      { match: 'host/libos/warren/net', unsigned: 'allow' },
      { match: 'host/libos/**', signers: ['alice'] },
    ]);
    const opinion = (repository: string, ...signatures: FoundSignature[]) =>
      evaluate([one], { ...subject, repository }, found(...signatures)).opinions[0];
    assert.equal(opinion('host/libos/warren/net')?.outcome, 'unsigned');
    assert.equal(opinion('host/libos/warren/libc')?.outcome, 'refused');
    const good = opinion('host/libos/warren/libc', signed('alice'));
    assert.deepEqual([good?.outcome, good?.signers], ['signed', ['alice']]);
    assert.equal(opinion('host/libos/warren/libc', signed('bob'))?.outcome, 'refused');
    const other = opinion('elsewhere/libc', signed('alice', { repository: 'elsewhere/libc' }));
    assert.equal(other?.outcome, 'refused');
    assert.match(other?.reasons.join() ?? '', /no rule is about elsewhere\/libc/);
    assert.deepEqual(other?.where, { file: 'policy.yaml' });
    // A name that looks alike, another case, another namespace: no rule, or not signed for it.
    for (const repository of [
      'hοst/libos/warren/libc',
      'host/Libos/warren/libc',
      'host/libos2/warren/libc',
    ]) {
      assert.equal(opinion(repository, signed('alice'))?.outcome, 'refused', repository);
    }
  });

  it('tells at which line, what is asked for and who signed', () => {
    const one = policy([{ match: '**', signers: { keys: ['alice', 'bob', 'carol'], atLeast: 2 } }], 'p.yaml');
    const [none] = evaluate([one], subject, found()).opinions;
    assert.match(
      none?.reasons[0] ?? '',
      /^p\.yaml:1:\d+ asks for 2 of alice, bob, carol; none of them signed it$/,
    );
    const [some] = evaluate([one], subject, found(signed('bob'))).opinions;
    assert.match(some?.reasons[0] ?? '', /only bob signed it/);
  });

  it('warns where it says so, and is never weaker for it', () => {
    const soft = policy([{ match: '**', signers: ['alice'], onFailure: 'warn' }]);
    const verdict = evaluate([soft], subject, found());
    assert.deepEqual([verdict.allowed, verdict.opinions[0]?.outcome], [true, 'warned']);
    assert.equal(
      evaluate([soft, policy([{ match: '**', signers: ['alice'] }])], subject, found()).allowed,
      false,
    );
  });

  it('takes the digest alone for enough where it says so', () => {
    const cosigned = signed('alice', { layerHash: undefined });
    const asks = (binds: string) => policy([{ match: '**', signers: ['alice'], binds }]);
    assert.equal(evaluate([asks('layer')], subject, found(cosigned)).allowed, false);
    assert.equal(evaluate([asks('digest')], subject, found(cosigned)).allowed, true);
    const elsewhere = signed('alice', { digest: layerHash });
    assert.equal(evaluate([asks('digest')], subject, found(elsewhere)).allowed, false);
  });

  it('counts distinct keys: allowed just where as many as are asked for signed', () => {
    fc.assert(
      fc.property(
        fc.subarray([...people], { minLength: 1 }),
        fc.array(fc.constantFrom(...people), { maxLength: 8 }),
        fc.nat(3),
        (asked, signers, more) => {
          const atLeast = Math.min(1 + more, asked.length);
          const one = policy([{ match: '**', signers: { keys: asked, atLeast } }]);
          const { allowed, opinions } = evaluate(
            [one],
            subject,
            found(...signers.map((each) => signed(each))),
          );
          const counted = asked.filter((each) => signers.includes(each)).sort();
          assert.equal(allowed, counted.length >= atLeast);
          assert.deepEqual(opinions[0]?.signers, counted);
        },
      ),
      { numRuns: 50 },
    );
  });

  const rule = fc.record({
    match: fc.constantFrom('**', 'host/**', 'host/libos/warren/*', 'elsewhere/**'),
    what: fc.oneof(
      fc.constant({ unsigned: 'allow' }),
      fc.record({
        signers: fc.subarray([...people], { minLength: 1 }),
        binds: fc.constantFrom('layer', 'digest'),
        onFailure: fc.constantFrom('refuse', 'warn'),
      }),
    ),
  });
  const anyPolicy = fc.array(rule, { minLength: 1, maxLength: 4 }).map((rules) => {
    const last = rules.findIndex(({ match }) => match === '**');
    const reached = last < 0 ? rules : rules.slice(0, last + 1);
    return policy(reached.map(({ match, what }) => ({ match, ...what })));
  });
  const anySignature = fc
    .record({
      by: fc.constantFrom(...people),
      claims: fc.constantFrom({}, { layerHash: undefined }, { repository: 'x/y' }),
    })
    .map(({ by, claims }) => signed(by, claims));

  it('of a user is not weakened by that of a project, nor the other way round', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        anyPolicy,
        fc.array(anySignature, { maxLength: 4 }),
        (user, project, signatures) => {
          const alone = [user, project].map(
            (each) => evaluate([each], subject, found(...signatures)).allowed,
          );
          assert.equal(
            evaluate([user, project], subject, found(...signatures)).allowed,
            alone.every((each) => each),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('refuses nothing for a signature more', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        fc.array(anySignature, { maxLength: 4 }),
        anySignature,
        (one, signatures, more) => {
          if (!evaluate([one], subject, found(...signatures)).allowed) return;
          assert.ok(evaluate([one], subject, found(...signatures, more)).allowed);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('with keys that are none, or one under two names, is refused at their line', () => {
    const text = (all: Record<string, string>) =>
      `keys:\n${Object.entries(all)
        .map(([name, pem]) => `  ${name}: ${JSON.stringify(pem)}\n`)
        .join('')}rules: [{ match: '**', signers: [a] }]\n`;
    const damaged = pemOf('alice').replace('MCow', 'AAAA');
    assert.throws(() => openPolicy(text({ a: damaged }), 'p.yaml'), {
      code: 'BUNNY_EKEY',
      exitStatus: 2,
      where: { file: 'p.yaml', line: 2, column: 6 },
    });
    assert.throws(() => openPolicy(text({ a: pemOf('alice'), b: pemOf('alice') }), 'p.yaml'), {
      code: 'BUNNY_EKEY',
      message: /the key b is the key a once more/,
    });
  });

  it('of a user stands where the desktop keeps settings', () => {
    assert.equal(userPolicyFile({ XDG_CONFIG_HOME: '/x', HOME: '/h' }), '/x/bunny/policy.yaml');
    assert.equal(userPolicyFile({ HOME: '/h' }), '/h/.config/bunny/policy.yaml');
    assert.equal(userPolicyFile({ XDG_CONFIG_HOME: 'relative', HOME: '/h' }), '/h/.config/bunny/policy.yaml');
  });
});
