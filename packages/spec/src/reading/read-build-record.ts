import { validate } from '#validators/build-record';
import type { BuildRecord } from '../documents/build-record.js';
import { readJsonDocument } from './document.js';

/**
 * Reads the build record of an image. `where` is its reference or digest, for messages.
 * Throws one BunnyError with all that is wrong: BUNNY_EJSON, BUNNY_EUNKNOWNKEY, BUNNY_ETYPE, BUNNY_ENAME, BUNNY_EVERSION, BUNNY_ETOOLARGE.
 */
export function readBuildRecord(bytes: Uint8Array, where: string): BuildRecord {
  return readJsonDocument<BuildRecord, BuildRecord>(bytes, where, {
    validate,
    normalise: (raw) => raw,
    check: () => [],
  });
}
