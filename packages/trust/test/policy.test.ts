import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import {
  evaluate,
  type Found,
  type OpenPolicy,
  openPolicy,
  type Subject,
  userPolicyFile,
} from '../src/index.js';
import { readSigningKey } from '../src/keys/signing-key.js';
import { readVerificationKey } from '../src/keys/verification-key.js';
import { matchesPattern } from '../src/policy/pattern.js';
import { foundIn, readPublications, statePublication } from '../src/publication/statement.js';
import { writeRotation } from '../src/rotation/statement.js';
import type { FoundSignature } from '../src/signatures/found-signature.js';

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
      message: /the key b is the same key as a/,
    });
  });

  it('of a user stands where the desktop keeps settings', () => {
    assert.equal(userPolicyFile({ XDG_CONFIG_HOME: '/x', HOME: '/h' }), '/x/bunny/policy.yaml');
    assert.equal(userPolicyFile({ HOME: '/h' }), '/h/.config/bunny/policy.yaml');
    assert.equal(userPolicyFile({ XDG_CONFIG_HOME: 'relative', HOME: '/h' }), '/h/.config/bunny/policy.yaml');
  });
});

describe('keys over time', () => {
  const signer = (name: Person) =>
    readSigningKey(
      pairs.get(name)?.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      name,
      async () => '',
    );
  const publicKey = (name: Person) => readVerificationKey(pemOf(name), name);
  const now = new Date('2026-11-29T12:00:00Z');
  const day = 24 * 3_600_000;
  const daysAgo = (days: number) => new Date(now.getTime() - days * day);

  /** What a statement of this date is found to say. */
  async function stated(by: Person, issued: Date, ...rotations: string[]): Promise<Found> {
    const { repository } = subject;
    const texts = await statePublication(
      { repository, version: '1.0.0', issued, variants: [{ digest, layerHash }] },
      await signer(by),
    );
    return foundIn(readPublications([...texts, ...rotations]), digest);
  }
  const opinion = (one: OpenPolicy, all: Found) => evaluate([one], subject, all, now).opinions[0];

  it('count within the ages that a rule asks for, and only with a date', async () => {
    const one = policy([{ match: '**', signers: ['alice'], maxAge: '30d', minAge: '7d' }]);
    assert.equal(opinion(one, await stated('alice', daysAgo(10)))?.outcome, 'signed');
    const stale = opinion(one, await stated('alice', daysAgo(31)));
    assert.equal(stale?.outcome, 'refused');
    assert.match(stale?.reasons.join() ?? '', /it is of 2026-10-29T12:00, which is too long ago/);
    const young = opinion(one, await stated('alice', daysAgo(1)));
    assert.match(young?.reasons.join() ?? '', /which is not long enough ago/);
    // Stated long ago, and again of late: both rules are met.
    const [long, late] = [await stated('alice', daysAgo(100)), await stated('alice', daysAgo(1))];
    const again = { signatures: [...long.signatures, ...late.signatures], unusable: [] };
    assert.equal(opinion(one, again)?.outcome, 'signed');
    const undated = opinion(one, found(signed('alice')));
    assert.equal(undated?.outcome, 'refused');
    assert.match(undated?.reasons.join() ?? '', /does not say when it was made/);
    // Somebody else's date is nobody's.
    const [mine, theirs] = [await stated('alice', daysAgo(100)), await stated('bob', daysAgo(1))];
    const mixed = { signatures: [...mine.signatures, ...theirs.signatures], unusable: [] };
    assert.equal(opinion(one, mixed)?.outcome, 'refused');
  });

  it('are replaced by what the key before signs, step by step, in the policy or beside the version', async () => {
    const [toBob, toCarol] = [
      writeRotation(await signer('alice'), publicKey('bob'), now),
      writeRotation(await signer('bob'), publicKey('carol'), now),
    ];
    const one = openPolicy(
      JSON.stringify({ keys: { libos: pemOf('alice') }, rules: [{ match: '**', signers: ['libos'] }] }),
      'p',
    );
    for (const [by, rotations, outcome] of [
      ['bob', [], 'refused'],
      ['bob', [toBob], 'signed'],
      ['carol', [toBob], 'refused'],
      ['carol', [toCarol], 'refused'],
      ['carol', [toCarol, toBob], 'signed'],
      ['alice', [toBob], 'signed'],
    ] as const) {
      const told = opinion(one, await stated(by, now, ...rotations));
      assert.equal(told?.outcome, outcome, `${by} ${rotations.length}`);
      if (outcome === 'signed') assert.deepEqual(told?.signers, ['libos']);
    }
    const named = openPolicy(
      JSON.stringify({
        keys: { libos: { pem: pemOf('alice'), rotations: [toBob] } },
        rules: [{ match: '**', signers: ['libos'] }],
      }),
      'p',
    );
    assert.equal(opinion(named, await stated('bob', now))?.outcome, 'signed');
    assert.throws(
      () =>
        openPolicy(
          JSON.stringify({
            keys: { libos: { pem: pemOf('alice'), rotations: [toCarol] } },
            rules: [{ match: '**', signers: ['libos'] }],
          }),
          'p',
        ),
      /not signed by the key before it/,
    );
    // One person, one voice, however many keys.
    const two = policy([{ match: '**', signers: { keys: ['alice', 'dave'], atLeast: 2 } }]);
    const [byAlice, byBob] = [await stated('alice', now), await stated('bob', now, toBob)];
    const both = {
      signatures: [...byAlice.signatures, ...byBob.signatures],
      unusable: [],
      rotations: byBob.rotations ?? [],
    };
    assert.deepEqual(opinion(two, both)?.signers, ['alice']);
  });

  it('that were revoked count for nothing, nor do those that they alone say replace them', async () => {
    const toBob = writeRotation(await signer('alice'), publicKey('bob'), now);
    const revoked = (rotations: string[]) =>
      openPolicy(
        JSON.stringify({
          keys: { libos: { pem: pemOf('alice'), revoked: '2026-11-01', rotations } },
          rules: [{ match: '**', signers: ['libos'] }],
        }),
        'p',
      );
    // Whoever has the key writes any date.
    const told = opinion(revoked([]), await stated('alice', daysAgo(300)));
    assert.equal(told?.outcome, 'refused');
    assert.match(told?.reasons.join() ?? '', /libos signed it, with a key that is revoked since 2026-11-01/);
    assert.equal(opinion(revoked([]), await stated('bob', now, toBob))?.outcome, 'refused');
    assert.equal(opinion(revoked([toBob]), await stated('bob', now))?.outcome, 'signed');
    assert.equal(opinion(revoked([toBob]), await stated('alice', now))?.outcome, 'refused');
  });
});
