import { writeFile } from 'node:fs/promises';
import { codeOf } from 'bunny-libos-oci';
import { BunnyError, systemError } from 'bunny-libos-spec';
import { keyError } from '../keys/key-error.js';
import { readKeyText } from '../keys/key-place.js';
import type { SigningKey } from '../keys/signing-key.js';
import type { VerificationKey } from '../keys/verification-key.js';
import { Unusable } from '../signatures/claims.js';
import { readRotation, writeRotation } from './statement.js';

/** Writes, signed by the key before, that another key replaces it. Throws BUNNY_EEXISTS, BUNNY_EACCESS, BUNNY_EIO. */
export async function writeRotationFile(
  file: string,
  before: SigningKey,
  after: VerificationKey,
  now: Date = new Date(),
): Promise<void> {
  try {
    await writeFile(file, `${writeRotation(before, after, now)}\n`, { flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw systemError(error) ?? error;
    throw new BunnyError('BUNNY_EEXISTS', 'this file is there already', {
      where: file,
      hint: 'remove it, if no policy has it yet',
    });
  }
}

/** The text of such a file, without the end of its line. Throws BUNNY_EKEY where it is none. */
export async function readRotationFile(file: string): Promise<string> {
  const text = (await readKeyText(file)).trim();
  try {
    readRotation(text);
    return text;
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    throw keyError(
      `this is not a rotation: ${error.message}`,
      file,
      'name a file that `bunny sign --successor` wrote',
    );
  }
}
