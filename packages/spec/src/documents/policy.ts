/** Who has to have signed, and how many of them. */
export interface PolicySigners {
  /** Names of keys of the same policy. */
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
  onFailure: 'refuse' | 'warn';
}

/** `bunny-policy.yaml`: whose layers may be used. The first rule that matches decides. */
export interface Policy {
  /** PEM texts of public keys. */
  keys: Readonly<Record<string, string>>;
  rules: readonly PolicyRule[];
}
