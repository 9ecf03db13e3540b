import type { Descriptor, Target, TransferOptions } from 'bunny-libos-oci';
import { annotations } from 'bunny-libos-spec';
import type { SigningKey } from '../keys/signing-key.js';
import { attachStatement, readAttached } from '../signatures/attached-bundles.js';
import { type Author, isMadeBy } from '../signatures/author.js';
import { type Subject, Unusable } from '../signatures/claims.js';
import type { Attestation, UnusableSignature } from '../signatures/found-signature.js';
import { jsonObject, objectOf, optionalText } from '../signatures/json-parts.js';
import { type Signer, signerOf } from '../signatures/signer.js';
import { signPredicate, statementType } from '../signatures/statement.js';

/** Says something of a manifest, signed, beside it: as cosign attests. Throws as the target does. */
export function attest(
  target: Target,
  descriptor: Descriptor,
  { digest, repository, layerHash }: Subject,
  { predicateType, predicate }: Pick<Attestation, 'predicateType' | 'predicate'>,
  by: SigningKey | Signer,
  { now = new Date(), ...options }: TransferOptions & { now?: Date } = {},
): Promise<Descriptor> {
  const [algorithm = '', hex] = digest.split(':');
  const subject = {
    name: repository,
    digest: { [algorithm]: hex },
    annotations: layerHash === undefined ? {} : { [annotations.layerHash]: layerHash },
  };
  const statement = { _type: statementType, subject: [subject], predicateType, predicate };
  const bytes = Buffer.from(JSON.stringify(statement));
  return attachStatement(target, descriptor, bytes, predicateType, signerOf(by), now, options);
}

/** The attestations of a manifest, sorted by the manifests that hold them; with what is of no use. Throws as the target does. */
export async function findAttestations(
  target: Target,
  subject: Descriptor,
  options: TransferOptions = {},
): Promise<{ attestations: Attestation[]; unusable: UnusableSignature[] }> {
  const { read, unusable } = await readAttached(
    target,
    subject,
    (predicate) => predicate !== signPredicate,
    ({ payload, ...signature }, digest) => ({
      digest,
      ...signature,
      ...readAttestation(payload, subject.digest),
    }),
    options,
  );
  // What says nothing of its predicate in the list may be a signature.
  const attestations = read.filter(({ predicateType }) => predicateType !== signPredicate);
  return { attestations: attestations.sort((a, b) => (a.digest < b.digest ? -1 : 1)), unusable };
}

/** What an attestation says of a digest. Throws Unusable where that is nothing. */
function readAttestation(
  bytes: Uint8Array,
  digest: string,
): Pick<Attestation, 'predicateType' | 'predicate' | 'repository' | 'layerHash'> {
  const statement = jsonObject(bytes, 'the statement', bytes.length);
  if (statement._type !== statementType) throw new Unusable('what is signed is no in-toto statement');
  const predicateType = optionalText(statement.predicateType, 'the type of the predicate');
  if (predicateType === undefined) throw new Unusable('it does not say what it is about');
  const [algorithm = '', hex] = digest.split(':');
  for (const each of Array.isArray(statement.subject) ? statement.subject : []) {
    const subject = objectOf(each, 'a subject of the statement');
    if (objectOf(subject.digest, 'the digest of a subject')[algorithm] !== hex) continue;
    const notes = objectOf(subject.annotations ?? {}, 'the annotations of a subject');
    return {
      predicateType,
      predicate: objectOf(statement.predicate ?? {}, 'the predicate'),
      repository: optionalText(subject.name, 'the name of a subject') || undefined,
      layerHash: optionalText(notes[annotations.layerHash], 'the layer hash of a subject'),
    };
  }
  throw new Unusable('it is about another digest');
}

/** Those of the attestations that one of the authors made, for this layer in this repository. Pure. */
export function attestedBy(
  all: readonly Attestation[],
  authors: readonly Author[],
  { repository, layerHash }: Subject,
): { attestation: Attestation; author: Author }[] {
  return all.flatMap((attestation) => {
    // Who names another repository or layer says nothing of this one, whatever the digest.
    if ((attestation.repository ?? repository) !== repository) return [];
    if ((attestation.layerHash ?? layerHash) !== layerHash) return [];
    const author = authors.find((each) => isMadeBy(each, attestation));
    return author === undefined ? [] : [{ attestation, author }];
  });
}
