import { validate } from '#validators/tooling';
import type { ToolingDocument, ToolingIdentity } from '../documents/tooling.js';
import { readJsonDocument } from './document.js';
import { hashProblems } from './hash-problems.js';
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
