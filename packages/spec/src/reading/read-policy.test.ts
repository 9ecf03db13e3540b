import assert from 'node:assert/strict';
import { BunnyError } from '../errors/errors.js';
import { readPolicy } from './read-policy.js';

const pem = (name: string) => `-----BEGIN PUBLIC KEY-----\\n${name}\\n-----END PUBLIC KEY-----`;
const keys = `keys: { alice: "${pem('a')}", bob: "${pem('b')}" }\n`;

function refused(text: string): BunnyError {
  try {
    readPolicy(text, 'bunny-policy.yaml');
  } catch (error) {
    if (error instanceof BunnyError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: `accepted: ${text}` });
}

describe('bunny-policy.yaml', () => {
  it('fills every default in', () => {
    const text = `${keys}rules:\n  - { match: host/libos/**, signers: [alice] }\n  - { match: ['**'], unsigned: allow }\n`;
    assert.deepEqual(readPolicy(text, 'p').value.rules, [
      {
        match: ['host/libos/**'],
        signers: { keys: ['alice'], atLeast: 1 },
        binds: 'layer',
        rollback: 'warn',
        attestations: [],
        onFailure: 'refuse',
      },
      { match: ['**'], binds: 'layer', rollback: 'warn', attestations: [], onFailure: 'refuse' },
    ]);
  });

  it('takes several of many signers, and says where a rule stands', () => {
    const document = readPolicy(
      `${keys}rules:\n  - match: [oci:warren/*, '*.example.org:5000/**']\n    signers: { keys: [alice, bob], atLeast: 2 }\n    binds: digest\n    onFailure: warn\n`,
      'p',
    );
    assert.deepEqual(document.value.rules[0]?.signers, { keys: ['alice', 'bob'], atLeast: 2 });
    assert.deepEqual(document.at(['rules', 0]), { file: 'p', line: 3, column: 5 });
  });

  it('reads ages, and keys that were revoked or replaced', () => {
    const text = `keys: { alice: { pem: "${pem('a')}", revoked: 2026-11-01, rotations: [text] }, bob: "${pem('b')}" }
rules: [{ match: '**', signers: [alice], maxAge: 2w, minAge: 12h, rollback: refuse }]`;
    const { keys: read, rules } = readPolicy(text, 'p').value;
    assert.deepEqual(read.alice?.revoked, new Date('2026-11-01T00:00:00Z'));
    assert.deepEqual([read.alice?.rotations, read.bob?.rotations], [['text'], []]);
    const [rule] = rules;
    assert.deepEqual(
      [rule?.maxAge, rule?.minAge, rule?.rollback],
      [14 * 24 * 3_600_000, 12 * 3_600_000, 'refuse'],
    );
  });

  it('is refused where it would not do what it says', () => {
    const cases: [string, string, RegExp][] = [
      ['{}', 'BUNNY_ETYPE', /rules/],
      ['rules: []', 'BUNNY_ETYPE', /rules/],
      ['rules: [{ match: "**", unsigned: allow, note: x }]', 'BUNNY_EUNKNOWNKEY', /note/],
      ['rules: [{ match: "**", unsigned: deny }]', 'BUNNY_ETYPE', /unsigned/],
      ['rules: [{ match: "**" }]', 'BUNNY_ETYPE', /neither/],
      [`${keys}rules: [{ match: "**", signers: [alice], unsigned: allow }]`, 'BUNNY_ETYPE', /both/],
      [`${keys}rules: [{ match: "**", signers: [] }]`, 'BUNNY_ETYPE', /signers/],
      [`${keys}rules: [{ match: "**", signers: [carol] }]`, 'BUNNY_EKEY', /no key "carol"/],
      [`${keys}rules: [{ match: "**", signers: [constructor] }]`, 'BUNNY_EKEY', /no key/],
      [`${keys}rules: [{ match: "**", signers: [alice, alice] }]`, 'BUNNY_EDUPLICATE', /twice/],
      [`${keys}rules: [{ match: "**", signers: { keys: [alice], atLeast: 2 } }]`, 'BUNNY_ETYPE', /2 signers/],
      [`${keys}rules: [{ match: "**", signers: { keys: [alice], atLeast: 0 } }]`, 'BUNNY_ETYPE', /atLeast/],
      [`${keys}rules: [{ match: "**", signers: { keys: [alice], atLeast: 1.5 } }]`, 'BUNNY_ETYPE', /atLeast/],
      [`${keys}rules: [{ match: "**", signers: [alice], maxAge: 3 days }]`, 'BUNNY_ETYPE', /maxAge/],
      [
        `${keys}rules: [{ match: "**", signers: [alice], attestations: [slsa] }]`,
        'BUNNY_ETYPE',
        /no type of attestation/,
      ],
      [`rules: [{ match: "**", unsigned: allow, maxAge: 3d }]`, 'BUNNY_ETYPE', /nobody's signature/],
      [
        `keys: { a: { pem: "${pem('a')}", revoked: 2026-13-01 } }\nrules: [{ match: "**", signers: [a] }]`,
        'BUNNY_ETYPE',
        /no such date/,
      ],
      ['keys: { a: text }\nrules: [{ match: "**", unsigned: allow }]', 'BUNNY_ETYPE', /public key/],
      [
        'rules: [{ match: "**", unsigned: allow }, { match: host/x, unsigned: allow }]',
        'BUNNY_ETYPE',
        /never reached/,
      ],
      ...[
        'host//x',
        'Host/x',
        'host/x**',
        'host/a b',
        'host/ä',
        '',
        '/x',
        'https://host/x',
        'host/x@sha256',
      ].map((pattern): [string, string, RegExp] => [
        `rules: [{ match: ${JSON.stringify(pattern)}, unsigned: allow }]`,
        pattern === '' ? 'BUNNY_ETYPE' : 'BUNNY_EREFERENCE',
        /./,
      ]),
    ];
    for (const [text, code, message] of cases) {
      const error = refused(text);
      assert.equal(error.code, code, `${text}: ${error.message}`);
      assert.match(error.message, message);
      assert.equal(error.exitStatus, 2);
    }
  });
});
