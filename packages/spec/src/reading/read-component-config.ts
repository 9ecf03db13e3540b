import { validate } from '#validators/component-config';
import { layerHash } from '../documents/canonical.js';
import type { ComponentConfig } from '../documents/component.js';
import { readJsonDocument } from './document.js';
import type { Problem } from './problem.js';

/**
 * Reads the config of a component layer. `where` is its reference or digest, for messages.
 * Throws one BunnyError with all that is wrong: BUNNY_EJSON, BUNNY_EUNKNOWNKEY, BUNNY_ETYPE, BUNNY_ENAME,
 * BUNNY_EVERSION, BUNNY_ERANGE, BUNNY_EPATH, BUNNY_ETOOLARGE, and BUNNY_EMETADATA where the identity is not what
 * the layer hash says.
 */
export function readComponentConfig(bytes: Uint8Array, where: string): ComponentConfig {
  const normalise = (raw: ComponentConfig) => raw;
  return readJsonDocument(bytes, where, { validate, normalise, check });
}

function check({ identity, layerHash: claimed }: ComponentConfig): Problem[] {
  const actual = layerHash(identity);
  if (actual === claimed) return [];
  return [
    {
      code: 'BUNNY_EMETADATA',
      message: `the identity of ${identity.name} ${identity.version} has the layer hash ${actual}, not ${claimed}`,
      path: ['layerHash'],
      hint: 'the registry holds wrong metadata: publish the variant anew, or use another registry',
    },
  ];
}
