import { exitStatus } from 'bunny-libos-spec';
import { newKeyPair, readVerificationKey, writeKeyPair } from 'bunny-libos-trust';
import { givenPassphrase } from '../../terminal/passphrase.js';
import type { Context } from './command.js';

/** `bunny keygen` */
export async function run({ flags, terminal, signal }: Context, name = 'bunny'): Promise<number> {
  const pair = await newKeyPair(await givenPassphrase(flags.passwordStdin, signal, true));
  const files = await writeKeyPair(name, pair);
  const { id } = readVerificationKey(pair.publicKey, files.publicKey);
  terminal.done('Made', `${files.privateKey} (keep it secret) and ${files.publicKey} (give it away)`);
  terminal.note(`the name of this key is ${id}`);
  terminal.result({ ...files, id });
  return exitStatus.done;
}
