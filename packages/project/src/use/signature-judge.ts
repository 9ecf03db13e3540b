import { type BunnyError, formatPosition } from 'bunny-libos-spec';
import {
  type Binding,
  checkSignatures,
  evaluate,
  type Found,
  keysFor,
  needsSignatures,
  type OpenPolicy,
  refusedByPolicy,
  type Subject,
  untrusted,
  type VerificationKey,
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
  judge(label: string, subject: Subject, found: Found): Judgement;
  /** Whose attestations count for it. */
  keys(subject: Subject, found: Found): readonly VerificationKey[];
}

/** A key with the place on the command line that it is from. */
export interface NamedKey {
  place: string;
  key: VerificationKey;
}

/** One of the keys has to have signed. */
export function judgeByKeys(named: readonly NamedKey[], binds: Binding): SignatureJudge {
  const keys = named.map(({ key }) => key);
  const placeOf = ({ id }: VerificationKey) => named.find(({ key }) => key.id === id)?.place ?? id;
  return {
    headings: ['SIGNED BY', 'BINDS'],
    asks: () => true,
    keys: () => keys,
    judge(label, subject, found) {
      const checked = checkSignatures(found, keys, subject, binds);
      const { signers, reasons } = checked;
      const isLayer = signers.some((each) => each.binds === 'layer');
      return {
        error: signers.length === 0 ? untrusted(label, subject, checked) : undefined,
        warnings: [],
        cells: [
          signers.map(({ key }) => placeOf(key)).join(' '),
          isLayer ? 'digest, repository, layer hash' : 'digest',
        ],
        facts: {
          signers: signers.map(({ key, ...signer }) => ({ key: key.id, from: placeOf(key), ...signer })),
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
    keys: ({ repository }, found) => keysFor(policies, repository, found),
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
