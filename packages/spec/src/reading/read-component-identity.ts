import { validate } from '#validators/component-identity';
import type { ComponentIdentity } from '../documents/component.js';
import { readJsonDocument } from './document.js';

/**
 * Reads an identity as an index carries it in an annotation. `where` is the reference of the index, for
 * messages. Throws as `readComponentConfig` does; whether it fits a layer hash is for the caller to check.
 */
export function readComponentIdentity(text: string, where: string): ComponentIdentity {
  const normalise = (raw: ComponentIdentity) => raw;
  return readJsonDocument(Buffer.from(text), where, { validate, normalise, check: () => [] });
}
