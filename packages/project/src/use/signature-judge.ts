import { type BunnyError, formatPosition } from 'bunny-libos-spec';
import {
  type Author,
  authorsFor,
  type Binding,
  checkSignatures,
  evaluate,
  type Found,
  needsSignatures,
  type OpenPolicy,
  refusedByPolicy,
  rootsFor,
  type Subject,
  type TrustedRoot,
  untrusted,
} from 'bunny-libos-trust';

/** What is said of an artifact with its signatures. */
export interface Judgement {
  /** Undefined where it is in order. */
  error: BunnyError | undefined;
  warnings: readonly string[];
  /** For people: who signed, and what that rests on. */
  cells: readonly [signedBy: string, basis: string];
  /** For `--json`. */
  facts: object;
}

export interface SignatureJudge {
  /** Over `cells`. */
  headings: readonly [string, string];
  /** Whether signatures have to be looked for at all. */
  asks(subject: Subject): boolean;
  /** What certificates have to be checked under before they are judged. */
  roots(subject: Subject): readonly TrustedRoot[];
  judge(label: string, subject: Subject, found: Found): Judgement;
  /** Whose attestations count for it. */
  authors(subject: Subject, found: Found): readonly Author[];
}

/** A key or an identity, with the words on the command line that it is from. */
export interface NamedAuthor {
  place: string;
  author: Author;
}

/** One of them has to have signed. */
export function judgeByAuthors(
  named: readonly NamedAuthor[],
  binds: Binding,
  roots: readonly TrustedRoot[] = [],
): SignatureJudge {
  const authors = named.map(({ author }) => author);
  const placeOf = ({ id }: Author) => named.find(({ author }) => author.id === id)?.place ?? id;
  return {
    headings: ['SIGNED BY', 'BINDS'],
    asks: () => true,
    roots: () => roots,
    authors: () => authors,
    judge(label, subject, found) {
      const checked = checkSignatures(found, authors, subject, binds);
      const { signers, reasons } = checked;
      const isLayer = signers.some((each) => each.binds === 'layer');
      return {
        error: signers.length === 0 ? untrusted(label, subject, checked) : undefined,
        warnings: [],
        cells: [
          signers.map(({ author }) => placeOf(author)).join(' '),
          isLayer ? 'digest, repository, layer hash' : 'digest',
        ],
        facts: {
          signers: signers.map(({ author, ...signer }) => ({
            ['verifies' in author ? 'key' : 'identity']: author.id,
            from: placeOf(author),
            ...signer,
          })),
          reasons,
        },
      };
    },
  };
}

/** All policies have to allow it. */
export function judgeByPolicies(policies: readonly OpenPolicy[]): SignatureJudge {
  return {
    headings: ['SIGNED BY', 'RULE'],
    asks: ({ repository }) => needsSignatures(policies, repository),
    roots: ({ repository }) => rootsFor(policies, repository),
    authors: ({ repository }, found) => authorsFor(policies, repository, found),
    judge(label, subject, found) {
      const verdict = evaluate(policies, subject, found);
      const opinions = verdict.opinions.map(({ where, ...opinion }) => ({
        ...opinion,
        where: formatPosition(where),
      }));
      const signers = new Set(opinions.flatMap((opinion) => opinion.signers));
      const warned = opinions.filter(({ outcome }) => outcome === 'warned');
      return {
        error: verdict.allowed ? undefined : refusedByPolicy(label, subject, verdict),
        warnings: warned.map(({ reasons }) => `${label}: ${reasons[0]}`),
        cells: [[...signers].join(' '), opinions.map(({ where }) => where).join(' ')],
        facts: { opinions },
      };
    },
  };
}
