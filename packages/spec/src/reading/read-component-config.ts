import { validate } from '#validators/component-config';
import type { ComponentConfig } from '../documents/component.js';
import { readJsonDocument } from './document.js';
import { hashProblems } from './hash-problems.js';

/**
 * Reads the config of a component layer. `where` is its reference or digest, for messages.
 * Throws one BunnyError with all that is wrong: BUNNY_EJSON, BUNNY_EUNKNOWNKEY, BUNNY_ETYPE, BUNNY_ENAME,
 * BUNNY_EVERSION, BUNNY_ERANGE, BUNNY_EPATH, BUNNY_ETOOLARGE, and BUNNY_EMETADATA where the identity is not what
 * the layer hash says.
 */
export function readComponentConfig(bytes: Uint8Array, where: string): ComponentConfig {
  const normalise = (raw: ComponentConfig) => raw;
  return readJsonDocument(bytes, where, { validate, normalise, check: hashProblems });
}
