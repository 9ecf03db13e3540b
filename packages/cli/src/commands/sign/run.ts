import { dirname, resolve } from 'node:path';
import { type Descriptor, manifestType, Pool, type Target } from 'bunny-libos-oci';
import { openBases, repositoryOf, requireLock } from 'bunny-libos-project';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import {
  lockedSubjects,
  publishedSubjects,
  readKeyText,
  readSigningKey,
  type Subject,
  signManifest,
} from 'bunny-libos-trust';
import { openNetwork } from '../../project/network.js';
import { givenPassphrase } from '../../terminal/passphrase.js';
import { count } from '../../terminal/quantities.js';
import type { Context } from './command.js';

interface ToSign {
  target: Target;
  descriptor: Descriptor;
  subject: Subject;
}

/** Artifacts that are signed at the same time. */
const concurrency = 4;

/** `bunny sign` */
export async function run(context: Context, reference?: string): Promise<number> {
  const { flags, terminal, signal } = context;
  const { form = 'both' } = flags;
  if ((reference === undefined) === (flags.lock === undefined)) throw neitherOrBoth();
  const key = await readSigningKey(await readKeyText(flags.key), flags.key, () =>
    givenPassphrase(flags.passwordStdin, signal),
  );
  const all = reference === undefined ? await locked(context) : await published(context, reference);
  const pool = new Pool(concurrency);
  const options = { signal, ...(form === 'both' ? {} : { forms: [form] }) };
  terminal.progress('signing');
  const results = await Promise.allSettled(
    all.map(({ target, descriptor, subject }) =>
      pool.run(() => signManifest(target, descriptor, subject, key, options)),
    ),
  );
  terminal.clear();
  const artifacts = results.map((result, index) => {
    if (result.status === 'rejected') throw result.reason;
    return { ...all[index]?.subject, written: result.value };
  });
  const signed = artifacts.filter(({ written }) => written.length > 0);
  terminal.done(
    'Signed',
    `${count(signed.length, 'layer')}, ${artifacts.length - signed.length} by this key already`,
  );
  terminal.result({ key: key.publicKey.id, artifacts });
  return exitStatus.done;
}

async function locked(context: Context): Promise<ToSign[]> {
  const { flags, terminal } = context;
  const file = flags.lock ?? '';
  const lock = await requireLock(file, 'name it with --lock FILE');
  const bases = openBases([], resolve(dirname(file)), openNetwork(context), (text) => terminal.warn(text));
  return lockedSubjects(lock).map(({ name, from, digest, size, repository, layerHash }) => ({
    target: bases.repository(from, lock.framework, name),
    descriptor: { mediaType: manifestType, digest, size },
    subject: { digest, repository, layerHash },
  }));
}

async function published(context: Context, reference: string): Promise<ToSign[]> {
  const target = openNetwork(context).open(repositoryOf(reference));
  const subjects = await publishedSubjects(target, reference, {
    home: context.flags.as,
    signal: context.signal,
  });
  return subjects.map((each) => ({ ...each, target }));
}

function neitherOrBoth(): BunnyError {
  return new BunnyError('BUNNY_EUSAGE', 'what is to be signed is a REF, or a lock', {
    where: 'bunny sign',
    hint: 'name one of them: `bunny sign REF --key KEY`, or `bunny sign --lock bunny.lock --key KEY`',
    exitStatus: exitStatus.usage,
  });
}
