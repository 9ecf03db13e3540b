import { canonicalJson, layerHash, sha256 } from '../documents/canonical.js';
import type { ComponentIdentity } from '../documents/component.js';
import type { ToolingIdentity } from '../documents/tooling.js';
import type { Problem } from './problem.js';

/**
 * What of a document from a registry is not what its hashes say. Hashes are over the document as it was written: never
 * over what is made of it when it is read, with defaults that were not known to whoever wrote it.
 */
export function hashProblems({ identity, layerHash: claimed, rules }: HashedDocument): Problem[] {
  const problems: Problem[] = [];
  const add = (step: string, message: string) => problems.push(problem(step, message));
  const hash = layerHash(identity);
  if (hash !== claimed) {
    const of = 'name' in identity ? `${identity.name} ${identity.version}` : `tooling ${identity.version}`;
    add('layerHash', `the identity of ${of} has the layer hash ${hash}, not ${claimed}`);
  }
  if (rules === undefined || !('rules' in identity)) return problems;
  const rulesHash = sha256(canonicalJson(rules));
  if (rulesHash !== identity.rules)
    add('rules', `the rules have the hash ${rulesHash}, not ${identity.rules}`);
  for (const key of ['framework', 'version', 'abi'] as const) {
    if (identity[key] === rules[key]) continue;
    add('identity', `the identity is of ${key} ${identity[key]}, the rules are of ${rules[key]}`);
  }
  return problems;
}

/** A document as it was written, with what it says of its hashes. */
export interface HashedDocument {
  identity: ComponentIdentity | ToolingIdentity;
  layerHash: string;
  rules?: { framework: string; version: string; abi: string };
}

function problem(step: string, message: string): Problem {
  return {
    code: 'BUNNY_EMETADATA',
    message,
    path: [step],
    hint: 'the registry holds metadata that was tampered with: do not use it; ask whoever publishes there',
  };
}
