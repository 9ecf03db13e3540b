/** Who has to have signed, and how many of them. */
export interface PolicySigners {
  /** Names of keys or identities of the same policy. */
  keys: readonly string[];
  atLeast: number;
}

export interface PolicyRule {
  /** Patterns of repositories, by their names at home. */
  match: readonly string[];
  /** Undefined where layers need not be signed. */
  signers?: PolicySigners;
  /** What a signature has to be for: the layer in its repository, or the digest alone. */
  binds: 'layer' | 'digest';
  /** How old a signature may be, and has to be at least. Milliseconds; undefined where that is of no matter. */
  maxAge?: number | undefined;
  minAge?: number | undefined;
  /** Licences of which one has to be that of a component, as SPDX names them; undefined where any will do. */
  licenses?: readonly string[] | undefined;
  /** What happens where a repository shows less than it did. */
  rollback: 'refuse' | 'warn';
  /** What has to be attested beside: names, or URIs of predicates. */
  attestations: readonly string[];
  onFailure: 'refuse' | 'warn';
}

/** A key that signatures are checked with. */
export interface PolicyKey {
  /** PEM text of the public key. */
  pem: string;
  /** Since when what it signs does not count. */
  revoked?: Date | undefined;
  /** Signed texts that say which keys replace it. */
  rotations: readonly string[];
}

/** Somebody whom a certificate authority vouches for by a name: patterns. */
export interface PolicyIdentity {
  issuer: string;
  identity: string;
}

/** `bunny-policy.yaml`: whose layers may be used. The first rule that matches decides. */
export interface Policy {
  keys: Readonly<Record<string, PolicyKey>>;
  identities: Readonly<Record<string, PolicyIdentity>>;
  /** What certificates of identities are checked under: sigstore's `trusted_root.json`. */
  trustedRoot?: object | undefined;
  rules: readonly PolicyRule[];
}
