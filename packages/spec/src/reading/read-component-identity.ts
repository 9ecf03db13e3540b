import { validate } from '#validators/component-identity';
import type { ComponentIdentity } from '../documents/component.js';
import { readJsonDocument } from './document.js';
import { hashProblems } from './hash-problems.js';

/**
 * Reads an identity as an index carries it in an annotation, beside the layer hash that it is claimed to have. `where` is
 * the reference of the index, for messages. Throws as `readComponentConfig` does.
 */
export function readComponentIdentity(text: string, layerHash: string, where: string): ComponentIdentity {
  return readJsonDocument(Buffer.from(text), where, {
    validate,
    normalise: (raw: ComponentIdentity) => raw,
    check: (identity) => hashProblems({ identity, layerHash }),
  });
}
