import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { readKeyText, readSigningKey, type SigningKey } from 'bunny-libos-trust';
import { askSecret, readAllInput } from './prompt.js';

/**
 * The passphrase of a private key: from standard input where that was said, else COSIGN_PASSWORD (which may be empty, as
 * for cosign), else what is typed. A new one is asked for twice. Throws BUNNY_EKEY where there is nobody to ask.
 */
export async function givenPassphrase(
  passwordStdin: boolean | undefined,
  signal: AbortSignal,
  isNew = false,
): Promise<string> {
  if (passwordStdin) return readAllInput(signal);
  const { COSIGN_PASSWORD: known } = process.env;
  if (known !== undefined) return known;
  if (!process.stdin.isTTY) {
    throw unusable(
      'there is no terminal to ask for the passphrase on',
      'give it on standard input, with --password-stdin < FILE, or in COSIGN_PASSWORD',
    );
  }
  const typed = await askSecret('Passphrase of the private key: ', signal);
  if (isNew && (await askSecret('Repeat it: ', signal)) !== typed) {
    throw unusable('the two passphrases differ', 'run it again, and type the same twice');
  }
  return typed;
}

/** The private key at a place that the command line names. Throws BUNNY_EKEY. */
export async function openKey(
  place: string,
  passwordStdin: boolean | undefined,
  signal: AbortSignal,
): Promise<SigningKey> {
  return readSigningKey(await readKeyText(place), place, () => givenPassphrase(passwordStdin, signal));
}

function unusable(summary: string, hint: string): BunnyError {
  return new BunnyError('BUNNY_EKEY', summary, { where: 'passphrase', hint, exitStatus: exitStatus.usage });
}
