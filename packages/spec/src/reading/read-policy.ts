import { validate } from '#validators/policy';
import type { Policy, PolicyIdentity, PolicyKey, PolicyRule, PolicySigners } from '../documents/policy.js';
import { present } from '../words/present.js';
import { type Document, readYamlDocument } from './document.js';
import type { Problem } from './problem.js';
import { given } from './shorthand.js';

/** A policy as registry-schemas/policy.schema.json describes it. */
interface RawPolicy {
  keys?: Record<string, string | { pem: string; revoked?: string; rotations?: string[] }>;
  identities?: Record<string, PolicyIdentity>;
  trustedRoot?: object;
  rules: RawRule[];
}

interface RawRule {
  match: string | string[];
  signers?: string[] | { keys: string[]; atLeast?: number };
  unsigned?: 'allow';
  binds?: PolicyRule['binds'];
  maxAge?: string;
  minAge?: string;
  licenses?: string[];
  rollback?: PolicyRule['rollback'];
  attestations?: string[];
  onFailure?: PolicyRule['onFailure'];
}

/**
 * Reads a policy. Throws one BunnyError with all that is wrong: BUNNY_EYAML, BUNNY_EUNKNOWNKEY, BUNNY_ETYPE, BUNNY_EKEY,
 * BUNNY_EREFERENCE, BUNNY_EDUPLICATE, BUNNY_ETOOLARGE. Whether keys are keys is seen by who checks signatures.
 */
export function readPolicy(text: string, file: string): Document<Policy> {
  return readYamlDocument(text, file, { validate, normalise, check });
}

function normalise({ keys = {}, identities = {}, trustedRoot, rules }: RawPolicy): Policy {
  return present({
    identities,
    trustedRoot,
    keys: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, policyKey(key)])),
    rules: rules.map(rule),
  });
}

function policyKey(key: NonNullable<RawPolicy['keys']>[string]): PolicyKey {
  const { pem, revoked, rotations = [] } = typeof key === 'string' ? { pem: key } : key;
  return present({ pem, revoked: revoked === undefined ? undefined : new Date(revoked), rotations });
}

const hour = 3_600_000;
const units: Readonly<Record<string, number>> = { h: hour, d: 24 * hour, w: 7 * 24 * hour };

/** `30d` in milliseconds, under its name. */
function age<Name extends string>(name: Name, text: string | undefined): { [_ in Name]?: number } {
  if (text === undefined) return {};
  const milliseconds = Number(text.slice(0, -1)) * (units[text.slice(-1)] ?? 0);
  return { [name]: milliseconds } as { [_ in Name]?: number };
}

function signersOf(signers: NonNullable<RawRule['signers']>): PolicySigners {
  return Array.isArray(signers) ? { keys: signers, atLeast: 1 } : { atLeast: 1, ...signers };
}

function rule(raw: RawRule): PolicyRule {
  const { match, signers, binds = 'layer', onFailure = 'refuse', rollback = 'warn' } = raw;
  return {
    match: [match].flat(),
    ...present({ signers: signers && signersOf(signers) }),
    binds,
    ...age('maxAge', raw.maxAge),
    ...age('minAge', raw.minAge),
    ...given(raw, 'licenses'),
    rollback,
    attestations: raw.attestations ?? [],
    onFailure,
  };
}

/** A name of a predicate that all know, or the URI of another. */
function isPredicate(text: string): boolean {
  return ['provenance', 'spdx', 'cyclonedx'].includes(text) || /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text);
}

/** What a part of a repository's name may have, and `*`; the host comes first, or `oci:`. */
const part = /^[a-z0-9*._[\]:-]+$/;

/** Whether a text can match the name of a repository at all. */
function isPattern(text: string): boolean {
  const parts = text.replace(/^oci:/, '').split('/');
  return parts.every((each) => each === '**' || (part.test(each) && !each.includes('**')));
}

function check({ keys, identities, trustedRoot, rules }: Policy, raw: RawPolicy): Problem[] {
  const problems: Problem[] = [];
  const add = (code: Problem['code'], path: Problem['path'], message: string, hint: string) =>
    problems.push({ code, path, message, hint });
  for (const [name, { revoked }] of Object.entries(keys)) {
    if (revoked === undefined || !Number.isNaN(revoked.getTime())) continue;
    add('BUNNY_ETYPE', ['keys', name, 'revoked'], 'there is no such date', 'write it as 2026-11-01');
  }
  for (const [name, patterns] of Object.entries(identities)) {
    const at = ['identities', name];
    if (Object.hasOwn(keys, name)) {
      add('BUNNY_EDUPLICATE', at, `${name} is the name of a key too`, 'call one of them otherwise');
    }
    for (const key of ['issuer', 'identity'] as const) {
      if (!patterns[key].split('/').some((part) => part !== '**' && part.includes('**'))) continue;
      const hint = '* stands for any characters within a part, ** for any number of whole parts';
      add('BUNNY_ETYPE', [...at, key], `** is not a whole part of ${JSON.stringify(patterns[key])}`, hint);
    }
  }
  if (trustedRoot === undefined && Object.keys(identities).length > 0) {
    const hint = 'add the contents of trusted_root.json as `trustedRoot`';
    add('BUNNY_ETRUSTEDROOT', ['identities'], 'nothing says whose certificates count', hint);
  }
  let all: number | undefined;
  for (const [index, { match, signers }] of rules.entries()) {
    const at = ['rules', index];
    if (all !== undefined) {
      const message = `rules[${index}] is never reached: rules[${all}] matches everything`;
      add('BUNNY_ETYPE', at, message, 'put the rule that matches everything last');
    }
    if (match.includes('**')) all ??= index;
    for (const pattern of match.filter((each) => !isPattern(each))) {
      const message = `${JSON.stringify(pattern)} matches no repository`;
      const hint = 'write host[:port]/path or oci:path in lower case; * within a part, ** as a whole one';
      add('BUNNY_EREFERENCE', [...at, 'match'], message, hint);
    }
    const { unsigned } = raw.rules[index] ?? {};
    if ((signers === undefined) === (unsigned === undefined)) {
      const what = signers === undefined ? 'says neither who signs nor' : 'says both who signs and';
      const message = `rules[${index}] ${what} that layers may be unsigned`;
      add('BUNNY_ETYPE', at, message, 'write `signers: [KEY]`, or `unsigned: allow`');
    }
    const dated = (['maxAge', 'minAge', 'rollback', 'attestations'] as const).find(
      (key) => raw.rules[index]?.[key] !== undefined,
    );
    if (signers === undefined && dated !== undefined) {
      const message = `rules[${index}] asks for ${dated}, and for nobody's signature`;
      add(
        'BUNNY_ETYPE',
        [...at, dated],
        message,
        'dates and lists are those that signers give: name some, or leave it out',
      );
    }
    const unknown = rules[index]?.attestations.find((each) => !isPredicate(each));
    if (unknown !== undefined) {
      const message = `there is no type of attestation ${JSON.stringify(unknown)}`;
      add(
        'BUNNY_ETYPE',
        [...at, 'attestations'],
        message,
        'write provenance, spdx, cyclonedx, or the URI of a predicate',
      );
    }
    if (signers === undefined) continue;
    const names = new Set(signers.keys);
    for (const name of [...names].filter(
      (each) => !Object.hasOwn(keys, each) && !Object.hasOwn(identities, each),
    )) {
      const known = Object.keys({ ...keys, ...identities }).join(', ');
      const hint = known === '' ? 'add it to `keys`' : `add it to \`keys\`: there is ${known}`;
      add('BUNNY_EKEY', [...at, 'signers'], `there is no key ${JSON.stringify(name)}`, hint);
    }
    if (names.size < signers.keys.length) {
      add('BUNNY_EDUPLICATE', [...at, 'signers'], 'a key appears twice', 'name each once: it counts once');
    }
    if (signers.atLeast > names.size) {
      const message = `${signers.atLeast} signers are asked for, and there are ${names.size}`;
      add('BUNNY_ETYPE', [...at, 'signers'], message, 'name more keys, or lower `atLeast`');
    }
  }
  return problems;
}
