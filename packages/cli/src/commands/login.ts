import { checkLogin, DockerConfig, isLoopback, OciError } from '@bunny/oci';
import { BunnyError, exitStatus } from '@bunny/spec';
import type { CommonFlags, Run } from '../action.js';
import { type NetworkFlags, registryOptions } from '../network.js';
import { ask, askSecret, readAllInput } from '../prompt.js';
import { registryHost } from '../registry-host.js';

interface Flags extends CommonFlags, NetworkFlags {
  username?: string;
  passwordStdin?: boolean;
}

/** Checks a login against its registry, then keeps it where every OCI tool looks for it. */
export async function run({ flags, terminal, signal }: Run<Flags>, operand: string): Promise<number> {
  const host = registryHost(operand);
  if (flags.plainHttp === true && !isLoopback(host)) {
    terminal.warn(`without TLS everybody on the way to ${host} can read the password`);
  }
  const username = flags.username ?? (await askUser(flags, signal));
  if (username === '') throw unusable('no user was given', 'name one with --username');
  const password = await givenPassword(flags, signal);
  if (password === '')
    throw unusable('the password is empty', 'many registries take an access token as password');
  try {
    await checkLogin(host, { username, password }, registryOptions(host, flags, terminal));
  } catch (error) {
    if (!(error instanceof OciError) || error.code !== 'BUNNY_EAUTH') throw error;
    throw new BunnyError('BUNNY_EAUTH', `${host} does not accept this login of ${username}`, {
      where: host,
      details: [error.message],
      hint: 'check both; many registries want an access token in place of the password',
      exitStatus: exitStatus.registry,
    });
  }
  const config = new DockerConfig();
  await config.set(host, { username, password });
  terminal.done('Logged in', `to ${host} as ${username}`);
  terminal.result({ host, username, config: config.file });
  return exitStatus.done;
}

async function askUser(flags: Flags, signal: AbortSignal): Promise<string> {
  if (flags.passwordStdin || !process.stdin.isTTY) {
    throw unusable('who logs in is not said', 'name the user with --username');
  }
  return (await ask('Username: ', signal)).trim();
}

async function givenPassword(flags: Flags, signal: AbortSignal): Promise<string> {
  if (flags.passwordStdin) return readAllInput();
  if (process.stdin.isTTY) return askSecret('Password: ', signal);
  throw unusable(
    'there is no terminal to ask for the password on',
    'give it on standard input: --password-stdin < FILE',
  );
}

function unusable(summary: string, hint: string): BunnyError {
  return new BunnyError('BUNNY_EAUTH', summary, { hint, exitStatus: exitStatus.usage });
}
