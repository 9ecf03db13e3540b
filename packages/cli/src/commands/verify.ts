import { dirname, resolve } from 'node:path';
import { rebaseReference } from 'bunny-libos-namespace';
import { type Descriptor, manifestType, Pool, type Target } from 'bunny-libos-oci';
import { lockFileName } from 'bunny-libos-resolver';
import { type BunnyError, exitStatus } from 'bunny-libos-spec';
import {
  type Binding,
  checkSources,
  lockedSubjects,
  publishedSubjects,
  readKeyText,
  readVerificationKey,
  type Signer,
  type Subject,
  untrusted,
  type VerificationKey,
} from 'bunny-libos-trust';
import type { CommonFlags, Run } from '../options/action.js';
import { openNetwork } from '../project/network.js';
import { requireLock } from '../project/required-lock.js';
import { type BaseFlags, openSources, repositoryOf } from '../project/workspace.js';
import { count } from '../terminal/quantities.js';
import { reportError } from '../terminal/report-error.js';
import { table } from '../terminal/table.js';

interface Flags extends CommonFlags, BaseFlags {
  key: readonly string[];
  binds?: Binding;
  as?: string;
}

interface ToVerify {
  /** `libc 1.2.0`, or a reference. */
  label: string;
  /** Where signatures are looked for, in order. */
  sources: readonly Target[];
  descriptor: Descriptor;
  subject: Subject;
}

/** Artifacts whose signatures are read at the same time. */
const concurrency = 8;

/** `bunny verify`: status 4 where something is not signed by one of the keys. */
export async function run(context: Run<Flags>, operand: string = lockFileName): Promise<number> {
  const { flags, terminal, signal } = context;
  const { binds = 'layer' } = flags;
  const named = await Promise.all(
    flags.key.map(async (place) => ({ place, key: readVerificationKey(await readKeyText(place), place) })),
  );
  const keys = named.map(({ key }) => key);
  const placeOf = ({ id }: VerificationKey) => named.find(({ key }) => key.id === id)?.place ?? id;
  const all = operand.endsWith('.lock') ? await locked(context, operand) : await published(context, operand);
  terminal.progress('verifying');
  const pool = new Pool(concurrency);
  const results = await Promise.allSettled(
    all.map(({ sources, descriptor, subject }) =>
      pool.run(() => checkSources(sources, descriptor, keys, subject, binds, { signal })),
    ),
  );
  terminal.clear();
  const verdicts = results.map((result, index) => {
    if (result.status === 'rejected') throw result.reason;
    const { label, subject } = all[index] as ToVerify;
    const { signers, reasons } = result.value;
    const error = signers.length === 0 ? untrusted(label, subject, result.value) : undefined;
    return { label, subject, signers, reasons, error };
  });
  const failures = verdicts.flatMap(({ error }) => error ?? []);
  for (const error of failures) reportError(error, terminal.withoutResults());
  if (failures.length < verdicts.length) {
    const rows = verdicts
      .filter(({ signers }) => signers.length > 0)
      .map(({ label, signers }) => [
        label,
        signers.map((each) => placeOf(each.key)).join(' '),
        bindsOf(signers),
      ]);
    terminal.report(table(['LAYER', 'SIGNED BY', 'BINDS'], rows));
  }
  if (failures.length === 0) terminal.done('Verified', count(verdicts.length, 'layer'));
  terminal.result({
    verified: failures.length === 0,
    artifacts: verdicts.map(({ label, subject, signers, reasons, error }) => ({
      label,
      ...subject,
      signers: signers.map(({ key, ...signer }) => ({ key: key.id, from: placeOf(key), ...signer })),
      reasons,
      ...(error === undefined ? {} : { code: error.code }),
    })),
    ...(failures[0] === undefined ? {} : { error: shownError(failures[0]) }),
  });
  return failures.length === 0 ? exitStatus.done : exitStatus.trust;
}

async function locked(context: Run<Flags>, file: string): Promise<ToVerify[]> {
  const { flags, terminal } = context;
  const lock = await requireLock(file, 'name another one, or a REF with a tag or digest');
  // A lock names layouts relative to itself, a command line relative to where it is given.
  const directory = resolve(dirname(file));
  const from = (flags.from ?? []).map((each) => rebaseReference(each, process.cwd(), directory));
  const bases = openSources(from, directory, openNetwork(context), terminal);
  return lockedSubjects(lock).map(({ name, version, from, digest, size, repository, layerHash }) => ({
    label: `${name} ${version}`,
    sources: bases.sources(from, lock.framework, name),
    descriptor: { mediaType: manifestType, digest, size },
    subject: { digest, repository, layerHash },
  }));
}

async function published(context: Run<Flags>, reference: string): Promise<ToVerify[]> {
  const target = openNetwork(context).open(repositoryOf(reference));
  const subjects = await publishedSubjects(target, reference, {
    home: context.flags.as,
    signal: context.signal,
  });
  return subjects.map(({ descriptor, subject }) => ({
    label: subjects.length === 1 ? reference : `${reference} ${descriptor.digest}`,
    sources: [target],
    descriptor,
    subject,
  }));
}

/** What all that signed it bind: the most. */
function bindsOf(signers: readonly Signer[]): string {
  const isLayer = signers.some(({ binds }) => binds === 'layer');
  return isLayer ? 'digest, repository, layer hash' : 'digest';
}

function shownError({ code, message, where, details, hint }: BunnyError) {
  return { code, message, where, details, hint };
}
