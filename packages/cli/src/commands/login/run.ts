import { type Credential, DockerConfig, isLoopback, OciError } from 'bunny-libos-oci';
import { registryHost } from 'bunny-libos-project';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { openNetwork } from '../../project/network.js';
import { ask, askSecret, readAllInput } from '../../terminal/prompt.js';
import type { Context } from './command.js';

/**
 * Checks a login with its registry, or with the token server that this one names, then keeps it where every OCI
 * tool looks for it: as an identity token where the token server gives one.
 */
export async function run(context: Context, operand: string): Promise<number> {
  const { flags, terminal, signal } = context;
  const host = registryHost(operand);
  if (flags.plainHttp === true && !isLoopback(host)) {
    terminal.warn(`without TLS everybody on the way to ${host} can read the password`);
  }
  const given = await givenCredential(flags, signal);
  const { username } = given;
  let kept: Credential;
  try {
    kept = await openNetwork(context).checkLogin(host, given);
  } catch (error) {
    if (!(error instanceof OciError) || error.code !== 'BUNNY_EAUTH') throw error;
    throw new BunnyError(
      'BUNNY_EAUTH',
      `${host} does not accept this login${username === '' ? '' : ` of ${username}`}`,
      {
        where: host,
        details: [error.message],
        hint: flags.identityToken
          ? 'get a new token: identity tokens run out'
          : 'check both; many registries want an access token in place of the password',
        exitStatus: exitStatus.registry,
      },
    );
  }
  const config = new DockerConfig();
  await config.set(host, kept);
  const identityToken = kept.identityToken !== undefined;
  terminal.done(
    'Logged in',
    `to ${host}${username === '' ? '' : ` as ${username}`}${identityToken ? ', with an identity token' : ''}`,
  );
  terminal.result({ host, username, identityToken, config: config.file });
  return exitStatus.done;
}

async function givenCredential(flags: Context['flags'], signal: AbortSignal): Promise<Credential> {
  if (flags.identityToken) {
    const identityToken = await givenSecret('Identity token: ', flags, signal);
    if (identityToken === '')
      throw unusable('the identity token is empty', 'give one, or leave out --identity-token');
    return { username: flags.username ?? '', password: '', identityToken };
  }
  const username = flags.username ?? (await askUser(flags, signal));
  if (username === '') throw unusable('the user name is empty', 'name one with --username');
  const password = await givenSecret('Password: ', flags, signal);
  if (password === '')
    throw unusable('the password is empty', 'many registries take an access token as password');
  return { username, password };
}

async function askUser(flags: Context['flags'], signal: AbortSignal): Promise<string> {
  if (flags.passwordStdin || !process.stdin.isTTY) {
    throw unusable('no user is named', 'name the user with --username');
  }
  return (await ask('Username: ', signal)).trim();
}

async function givenSecret(question: string, flags: Context['flags'], signal: AbortSignal): Promise<string> {
  if (flags.passwordStdin) return readAllInput(signal);
  if (process.stdin.isTTY) return askSecret(question, signal);
  throw unusable(
    'there is no terminal to ask for the secret on',
    'give it on standard input: --password-stdin < FILE',
  );
}

function unusable(summary: string, hint: string): BunnyError {
  return new BunnyError('BUNNY_EAUTH', summary, { where: 'bunny login', hint, exitStatus: exitStatus.usage });
}
