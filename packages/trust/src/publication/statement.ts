import { annotations } from 'bunny-libos-spec';
import type { SigningKey } from '../keys/signing-key.js';
import { readRotation, shortName } from '../rotation/statement.js';
import { readBundle } from '../signatures/bundle.js';
import { type Subject, Unusable } from '../signatures/claims.js';
import type { Found, FoundSignature, Rotation, Signature } from '../signatures/found-signature.js';
import { jsonObject, objectOf, optionalText } from '../signatures/json-parts.js';
import { type Signer, signerOf } from '../signatures/signer.js';
import { statementType } from '../signatures/statement.js';

/** An in-toto statement about many variants of one version at once: one signature for a whole publication. */
const predicateType = 'https://bunny-libos.github.io/attestation/publication/v1';

/** Variants that one statement is about. More of them make it larger than a bundle may be. */
const mostSubjects = 1000;

/** A statement as somebody delivered it: nothing of it is verified. */
export interface Publication extends Signature {
  /** The first 16 hex digits of the sha256 of its text: its tag ends in them. */
  id: string;
  /** Canonical name. */
  repository: string;
  version: string;
  /** When it was signed, as its signer says. */
  issued: Date;
  /** Digest of a manifest -> layer hash. */
  variants: ReadonlyMap<string, string>;
  /** As it is kept. */
  text: string;
}

/** Variants of one version, and when somebody says that they are theirs. */
export interface ToState {
  repository: string;
  version: string;
  issued: Date;
  variants: readonly Required<Pick<Subject, 'digest' | 'layerHash'>>[];
}

/** States variants of a version: texts of sigstore bundles, one for each thousand variants, of the same bytes for the same key and time. */
export async function statePublication(
  { repository, version, issued, variants }: ToState,
  by: SigningKey | Signer,
): Promise<string[]> {
  const signer = signerOf(by);
  const sorted = [...variants].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const predicate = { repository, version, issued: issued.toISOString().replace(/\.\d+Z$/, 'Z') };
  const texts: string[] = [];
  for (let from = 0; from < sorted.length; from += mostSubjects) {
    const subject = sorted.slice(from, from + mostSubjects).map(({ digest, layerHash }) => ({
      digest: { sha256: digest.replace(/^sha256:/, '') },
      annotations: { [annotations.layerHash]: layerHash },
    }));
    const statement = { _type: statementType, subject, predicateType, predicate };
    texts.push((await signer.bundle(Buffer.from(JSON.stringify(statement)))).toString('utf8'));
  }
  return texts;
}

/** Takes a statement apart. Throws Unusable. */
export function readPublication(text: string): Publication {
  const { payload, ...signature } = readBundle(Buffer.from(text));
  const statement = jsonObject(payload, 'the statement', payload.length);
  if (statement._type !== statementType || statement.predicateType !== predicateType) {
    throw new Unusable('it is not a statement about a publication');
  }
  const predicate = objectOf(statement.predicate, 'the predicate of the statement');
  const textOf = (name: string) => {
    const value = optionalText(predicate[name], `${name} of the statement`);
    if (value === undefined || value === '') throw new Unusable(`the statement does not say its ${name}`);
    return value;
  };
  const issued = new Date(textOf('issued'));
  if (Number.isNaN(issued.getTime())) throw new Unusable('the statement does not say when it was signed');
  const subjects = Array.isArray(statement.subject) ? statement.subject : [];
  if (subjects.length > mostSubjects)
    throw new Unusable(`the statement is about more than ${mostSubjects} variants`);
  const variants = new Map<string, string>();
  for (const each of subjects) {
    const subject = objectOf(each, 'a subject of the statement');
    const { sha256 } = objectOf(subject.digest, 'the digest of a subject');
    const notes = objectOf(subject.annotations, 'the annotations of a subject');
    const layerHash = notes[annotations.layerHash];
    if (typeof sha256 !== 'string' || typeof layerHash !== 'string') {
      throw new Unusable('a subject of the statement lacks digest or layer hash');
    }
    variants.set(`sha256:${sha256}`, layerHash);
  }
  return {
    id: shortName(text),
    repository: textOf('repository'),
    version: textOf('version'),
    issued,
    variants,
    ...signature,
    text,
  };
}

/** What stands beside a version, read. */
export interface Statements {
  publications: Publication[];
  rotations: Rotation[];
  unusable: Found['unusable'];
}

/** The statements that stand beside a version, read; with those that are of no use. */
export function readPublications(texts: Iterable<string>): Statements {
  const statements: Statements = { publications: [], rotations: [], unusable: [] };
  for (const text of texts) {
    try {
      const rotation = rotationOf(text);
      if (rotation === undefined) statements.publications.push(readPublication(text));
      else statements.rotations.push(rotation);
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      statements.unusable.push({ form: 'statement', digest: shortName(text), reason: error.message });
    }
  }
  return statements;
}

function rotationOf(text: string): Rotation | undefined {
  try {
    return readRotation(text);
  } catch (error) {
    if (error instanceof Unusable) return undefined;
    throw error;
  }
}

/** The signatures that statements are of one manifest. */
export function foundIn({ publications, rotations, unusable }: Statements, digest: string): Found {
  return { signatures: statedSignatures(publications, digest), rotations, unusable };
}

/** What statements say of one manifest, as signatures of it. */
export function statedSignatures(publications: readonly Publication[], digest: string): FoundSignature[] {
  return publications.flatMap(({ id, version: _, repository, variants, ...signed }) => {
    const layerHash = variants.get(digest);
    if (layerHash === undefined) return [];
    const claims = { digest, repository, layerHash };
    return [{ form: 'statement' as const, digest: id, claims, ...signed }];
  });
}
