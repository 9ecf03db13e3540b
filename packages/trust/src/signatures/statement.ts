import { annotations } from 'bunny-libos-spec';
import { type Claims, type Subject, Unusable } from './claims.js';
import { jsonObject, objectOf, optionalText } from './json-parts.js';

/** In-toto statements, version 1, with the predicate that cosign 3 signs images with. */
export const statementType = 'https://in-toto.io/Statement/v1';
export const signPredicate = 'https://sigstore.dev/cosign/sign/v1';

/** The statement that a subject is signed with. */
export function writeStatement({ digest, repository, layerHash }: Subject): Buffer {
  const [algorithm = '', hex] = digest.split(':');
  const subject = {
    name: repository,
    digest: { [algorithm]: hex },
    annotations: layerHash === undefined ? {} : { [annotations.layerHash]: layerHash },
  };
  return Buffer.from(
    JSON.stringify({ _type: statementType, subject: [subject], predicateType: signPredicate, predicate: {} }),
  );
}

/** What a statement says of a digest. Throws Unusable where that is nothing, or it is no signature of an image. */
export function readStatement(bytes: Uint8Array, digest: string): Claims {
  const statement = jsonObject(bytes, 'the statement', bytes.length);
  if (statement._type !== statementType) throw new Unusable('what is signed is no in-toto statement');
  if (statement.predicateType !== signPredicate) {
    throw new Unusable(`an attestation (${String(statement.predicateType).slice(0, 200)}), not a signature`);
  }
  const subjects = Array.isArray(statement.subject) ? statement.subject : [];
  const [algorithm = '', hex] = digest.split(':');
  for (const each of subjects) {
    const subject = objectOf(each, 'a subject of the statement');
    if (objectOf(subject.digest, 'the digest of a subject')[algorithm] !== hex) continue;
    const notes = objectOf(subject.annotations ?? {}, 'the annotations of a subject');
    return {
      digest,
      repository: optionalText(subject.name, 'the name of a subject') || undefined,
      layerHash: optionalText(notes[annotations.layerHash], 'the layer hash of a subject'),
    };
  }
  throw new Unusable('it is about another digest');
}
