import { dirname, resolve } from 'node:path';
import { updateVersionIndex } from 'bunny-libos-namespace';
import { type Descriptor, manifestType, Pool, type Target } from 'bunny-libos-oci';
import { openBases, repositoryOf, requireLock } from 'bunny-libos-project';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import {
  type AttachedForm,
  lockedSubjects,
  publishedSubjects,
  readKeyText,
  readRotationFile,
  readVerificationKey,
  type SignatureForm,
  type Signer,
  type SigningKey,
  type StatedVersion,
  type StateOptions,
  type Subject,
  signManifest,
  stateVariants,
  writeRotationFile,
} from 'bunny-libos-trust';
import { openNetwork } from '../../project/network.js';
import { openKeyless, whoSigns } from '../../project/signer.js';
import { openKey } from '../../terminal/passphrase.js';
import { count } from '../../terminal/quantities.js';
import type { Context } from './command.js';

interface ToSign {
  target: Target;
  descriptor: Descriptor;
  subject: Subject;
  version: string | undefined;
}

interface SignedArtifact extends Partial<Subject> {
  written: readonly SignatureForm[];
}

/** Artifacts that are signed at the same time. */
const concurrency = 4;

/** `bunny sign` */
export async function run(context: Context, reference?: string): Promise<number> {
  const { flags, terminal, signal } = context;
  const { form = 'both' } = flags;
  if ([reference, flags.lock, flags.successor].filter((each) => each !== undefined).length !== 1) {
    throw notOne();
  }
  const keyless = await openKeyless(context);
  const key = flags.key === undefined ? undefined : await openKey(flags.key, flags.passwordStdin, signal);
  if (flags.successor !== undefined && key !== undefined) return await replace(key, flags.successor, context);
  const signer = flags.successor === undefined ? (key ?? keyless) : undefined;
  if (signer === undefined) throw whoSigns('bunny sign', '--key KEY');
  const rotations = await Promise.all((flags.rotation ?? []).map(readRotationFile));
  const all = reference === undefined ? await locked(context) : await published(context, reference);
  terminal.progress('signing');
  const artifacts =
    form === 'statement'
      ? await state(all, signer, { rotations, signal })
      : await attach(all, signer, form, signal);
  terminal.clear();
  const signed = artifacts.filter(({ written }) => written.length > 0);
  terminal.done(
    'Signed',
    `${count(signed.length, 'layer')}, ${artifacts.length - signed.length} by this ${key === undefined ? 'identity' : 'key'} already`,
  );
  terminal.result({ ...(key === undefined ? await keyless?.names() : { key: key.publicKey.id }), artifacts });
  return exitStatus.done;
}

/** A signature for each, beside it. */
async function attach(
  all: readonly ToSign[],
  signer: SigningKey | Signer,
  form: AttachedForm | 'both',
  signal: AbortSignal,
): Promise<SignedArtifact[]> {
  const pool = new Pool(concurrency);
  const options = { signal, forms: form === 'both' ? undefined : [form] };
  const results = await Promise.allSettled(
    all.map(({ target, descriptor, subject }) =>
      pool.run(() => signManifest(target, descriptor, subject, signer, options)),
    ),
  );
  return results.map((result, index) => {
    if (result.status === 'rejected') throw result.reason;
    return { ...all[index]?.subject, written: result.value };
  });
}

/** One signature for all variants of a version; what is no variant, as a tooling layer, is signed by itself. */
async function state(
  all: readonly ToSign[],
  signer: SigningKey | Signer,
  options: StateOptions & { signal: AbortSignal },
): Promise<SignedArtifact[]> {
  const { signal } = options;
  const versions = new Map<string, { target: Target; version: StatedVersion }>();
  const others: ToSign[] = [];
  for (const each of all) {
    const { target, version, subject } = each;
    const { digest, layerHash, repository } = subject;
    if (version === undefined || layerHash === undefined || repository.endsWith('/tooling')) {
      others.push(each);
      continue;
    }
    const found = versions.get(`${repository} ${version}`)?.version.variants ?? [];
    const variants = [...found, { digest, layerHash }];
    versions.set(`${repository} ${version}`, { target, version: { repository, version, variants } });
  }
  const artifacts: SignedArtifact[] = [];
  for (const { target, version } of versions.values()) {
    await stateVariants(target, version, signer, options);
    await updateVersionIndex(target, version.version, [], { signal });
    const { repository, variants } = version;
    for (const each of variants) artifacts.push({ ...each, repository, written: ['statement'] });
  }
  return [...artifacts, ...(await attach(others, signer, 'both', signal))];
}

async function locked(context: Context): Promise<ToSign[]> {
  const { flags, terminal } = context;
  const file = flags.lock ?? '';
  const locks = await requireLock(file, 'name it with --lock FILE');
  const bases = openBases([], resolve(dirname(file)), openNetwork(context), (text) => terminal.warn(text));
  return locks.flatMap((lock) =>
    lockedSubjects(lock).map(({ name, version, from, digest, size, repository, layerHash }) => ({
      version,
      target: bases.repository(from, lock.framework, name),
      descriptor: { mediaType: manifestType, digest, size },
      subject: { digest, repository, layerHash },
    })),
  );
}

async function published(context: Context, reference: string): Promise<ToSign[]> {
  const target = openNetwork(context).open(repositoryOf(reference));
  const subjects = await publishedSubjects(target, reference, {
    home: context.flags.as,
    signal: context.signal,
  });
  return subjects.map((each) => ({ ...each, target }));
}

/** Says, signed by the key, which other one replaces it. */
async function replace(key: SigningKey, place: string, { terminal }: Context): Promise<number> {
  const successor = readVerificationKey(await readKeyText(place), place);
  const file = `${place.replace(/^env:\/\//, '').replace(/\.pub$/, '')}.rotation`;
  await writeRotationFile(file, key, successor);
  terminal.done('Signed', `${file}: ${successor.id} replaces ${key.publicKey.id}`);
  terminal.result({ key: key.publicKey.id, successor: successor.id, file });
  return exitStatus.done;
}

function notOne(): BunnyError {
  return new BunnyError('BUNNY_EUSAGE', 'what is to be signed is a REF, a lock, or a successor', {
    where: 'bunny sign',
    hint: 'name one of them: `bunny sign REF --key KEY`, or `bunny sign --lock bunny.lock --key KEY`',
    exitStatus: exitStatus.usage,
  });
}
