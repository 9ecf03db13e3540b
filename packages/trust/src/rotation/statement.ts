import { createHash } from 'node:crypto';
import { BunnyError } from 'bunny-libos-spec';
import type { SigningKey } from '../keys/signing-key.js';
import { readVerificationKey, type VerificationKey } from '../keys/verification-key.js';
import { readBundle, writeBundle } from '../signatures/bundle.js';
import { Unusable } from '../signatures/claims.js';
import type { Rotation } from '../signatures/found-signature.js';
import { jsonObject, objectOf, optionalText } from '../signatures/json-parts.js';
import { statementType } from '../signatures/statement.js';

/** An in-toto statement about a key: that it takes the place of the one that signs this. */
export const rotationType = 'https://bunny-libos.github.io/attestation/key-rotation/v1';

/** Keys in a row that replaced each other: nobody has more. */
const longestChain = 16;

/** Says, signed by the key before, which key replaces it: the text of a sigstore bundle. */
export function writeRotation(before: SigningKey, after: VerificationKey, now: Date): string {
  const sha256 = after.id.replace(/^sha256:/, '');
  const statement = {
    _type: statementType,
    subject: [{ name: 'key', digest: { sha256 } }],
    predicateType: rotationType,
    predicate: { publicKey: after.pem, issued: now.toISOString().replace(/\.\d+Z$/, 'Z') },
  };
  return writeBundle(Buffer.from(JSON.stringify(statement)), before).toString('utf8');
}

/** Takes such a text apart. Throws Unusable. */
export function readRotation(text: string): Rotation {
  const { payload, message, signature } = readBundle(Buffer.from(text));
  const statement = jsonObject(payload, 'the statement', payload.length);
  if (statement._type !== statementType || statement.predicateType !== rotationType) {
    throw new Unusable('it is no statement about a key');
  }
  const predicate = objectOf(statement.predicate, 'the predicate of the statement');
  const pem = optionalText(predicate.publicKey, 'the key of the statement') ?? '';
  try {
    return { key: readVerificationKey(pem, 'rotation'), message, signature, text };
  } catch (error) {
    if (error instanceof BunnyError) throw new Unusable(error.message);
    throw error;
  }
}

/** Names a text for messages. */
export function shortName(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** A key, and those that replaced it, each said by the one before. */
export function successors(key: VerificationKey, rotations: readonly Rotation[]): VerificationKey[] {
  const chain = [key];
  for (const each of chain) {
    if (chain.length >= longestChain) break;
    for (const rotation of rotations) {
      if (chain.some(({ id }) => id === rotation.key.id)) continue;
      if (each.verifies(rotation.message, rotation.signature)) chain.push(rotation.key);
    }
  }
  return chain.slice(1);
}
