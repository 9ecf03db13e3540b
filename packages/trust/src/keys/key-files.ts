import { rm, writeFile } from 'node:fs/promises';
import { codeOf } from 'bunny-libos-oci';
import { BunnyError, systemError } from 'bunny-libos-spec';
import type { KeyPairTexts } from './signing-key.js';

/**
 * Writes a key pair to `<prefix>.key`, which only its owner may read, and `<prefix>.pub`: both or neither, over nothing
 * that is there. Throws BUNNY_EEXISTS, BUNNY_EACCESS, BUNNY_EIO.
 */
export async function writeKeyPair(
  prefix: string,
  { privateKey, publicKey }: KeyPairTexts,
): Promise<{ privateKey: string; publicKey: string }> {
  const files = { privateKey: `${prefix}.key`, publicKey: `${prefix}.pub` };
  await writeNew(files.publicKey, publicKey, 0o644);
  try {
    await writeNew(files.privateKey, privateKey, 0o600);
  } catch (error) {
    await rm(files.publicKey, { force: true });
    throw error;
  }
  return files;
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  try {
    // Exclusively: no link is followed either.
    await writeFile(path, text, { flag: 'wx', mode, flush: true });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') {
      await rm(path, { force: true }).catch(() => undefined);
      throw systemError(error) ?? error;
    }
    throw new BunnyError('BUNNY_EEXISTS', 'this file is there already', {
      where: path,
      hint: 'name another one: what a key has signed cannot be signed again once the key is gone',
    });
  }
}
