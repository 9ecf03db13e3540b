import { validate } from '#validators/tooling';
import { canonicalJson, layerHash, sha256 } from '../documents/canonical.js';
import type { ToolingDocument, ToolingIdentity } from '../documents/tooling.js';
import { readJsonDocument } from './document.js';
import type { Problem } from './problem.js';
import { normaliseRules, type RawRules, rulesProblems } from './tooling-rules.js';

interface RawToolingDocument {
  schema: ToolingDocument['schema'];
  identity: ToolingIdentity;
  layerHash: string;
  rules: RawRules;
}

/**
 * Reads `tooling.json`. `where` is its reference or digest, for messages.
 * Throws one BunnyError with all that is wrong: as `readTooling`, BUNNY_EJSON, and BUNNY_EMETADATA where the
 * rules or the identity are not what their hashes say.
 */
export function readToolingDocument(bytes: Uint8Array, where: string): ToolingDocument {
  return readJsonDocument<RawToolingDocument, ToolingDocument>(bytes, where, {
    validate,
    normalise: (raw) => ({ ...raw, rules: normaliseRules(raw.rules) }),
    check: (document, raw) => [
      ...rulesProblems(document.rules).map((problem) => ({ ...problem, path: ['rules', ...problem.path] })),
      ...hashProblems(raw),
    ],
  });
}

function hashProblems({ identity, layerHash: claimed, rules }: RawToolingDocument): Problem[] {
  const problems: Problem[] = [];
  const add = (step: string, message: string) =>
    problems.push({
      code: 'BUNNY_EMETADATA',
      message,
      path: [step],
      hint: 'the registry holds wrong metadata: publish the tooling layer anew, or use another registry',
    });
  const hash = layerHash(identity);
  if (hash !== claimed) add('layerHash', `the identity has the layer hash ${hash}, not ${claimed}`);
  const rulesHash = sha256(canonicalJson(rules));
  if (rulesHash !== identity.rules)
    add('rules', `the rules have the hash ${rulesHash}, not ${identity.rules}`);
  for (const key of ['framework', 'version', 'abi'] as const) {
    if (identity[key] === rules[key]) continue;
    add('identity', `the identity is of ${key} ${identity[key]}, the rules are of ${rules[key]}`);
  }
  return problems;
}
