import { dirname, resolve } from 'node:path';
import { rebaseReference } from 'bunny-libos-namespace';
import { type Descriptor, manifestType, Pool, type Target } from 'bunny-libos-oci';
import {
  judgeByAuthors,
  judgeByPolicies,
  openSources,
  policiesOf,
  repositoryOf,
  requireLock,
  type SignatureJudge,
} from 'bunny-libos-project';
import { lockFileName } from 'bunny-libos-resolver';
import { BunnyError, exitStatus, toolingRepository } from 'bunny-libos-spec';
import {
  attestedBy,
  certifyAll,
  findAttestations,
  gatherSignatures,
  identityLike,
  lockedSubjects,
  policyFileName,
  predicateName,
  publishedSubjects,
  readKeyText,
  readVerificationKey,
  type Subject,
  userPolicyFile,
} from 'bunny-libos-trust';
import { openNetwork } from '../../project/network.js';
import { openTrustedRoot } from '../../project/trusted-root.js';
import { count } from '../../terminal/quantities.js';
import { reportError } from '../../terminal/report-error.js';
import { table } from '../../terminal/table.js';
import type { Context } from './command.js';

interface ToVerify {
  /** `libc 1.2.0`, or a reference. */
  label: string;
  /** Where signatures are looked for, in order. */
  sources: readonly Target[];
  descriptor: Descriptor;
  subject: Subject;
  /** Undefined for what is no variant of a component. */
  version: string | undefined;
}

/** Artifacts whose signatures are read at the same time. */
const concurrency = 8;

/** `bunny verify`: status 4 where something is not signed as the keys or the policies ask. */
export async function run(context: Context, operand: string = lockFileName): Promise<number> {
  const { flags, terminal, signal } = context;
  const isLock = operand.endsWith('.lock');
  const { judge, asks, roots, authors, headings } = await judgeOf(flags, isLock ? dirname(operand) : '.');
  const all = isLock ? await locked(context, operand) : await published(context, operand);
  terminal.progress('verifying');
  const pool = new Pool(concurrency);
  const results = await Promise.allSettled(
    all.map(({ label, sources, descriptor, subject, version }) =>
      pool.run(async () => {
        const isEnough = (found: Parameters<typeof judge>[2]) =>
          judge(label, subject, found).error === undefined;
        const found = await gatherSignatures(asks(subject) ? sources : [], descriptor, isEnough, {
          signal,
          version,
          attestations: true,
          roots: roots(subject),
        });
        const judgement = judge(label, subject, found);
        const [source] = sources;
        // What else is said of it is of interest where it is in order.
        const others =
          source === undefined || judgement.error !== undefined || !asks(subject)
            ? []
            : (await findAttestations(source, descriptor, { signal })).attestations;
        const certified = await certifyAll(others, roots(subject));
        const attested = attestedBy(certified, authors(subject, found), subject).map(
          ({ attestation, author }) => ({
            type: attestation.predicateType,
            ['verifies' in author ? 'key' : 'identity']: author.id,
            digest: attestation.digest,
          }),
        );
        return { label, subject, attested, ...judgement };
      }),
    ),
  );
  terminal.clear();
  const judged = results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
  const failures = judged.flatMap(({ error }) => error ?? []);
  for (const error of failures) reportError(error, terminal.withoutResults());
  for (const text of judged.flatMap(({ warnings }) => warnings)) terminal.warn(text);
  if (failures.length < judged.length) {
    const good = judged.filter(({ error }) => error === undefined);
    terminal.report(
      table(
        ['LAYER', ...headings, 'ATTESTED'],
        good.map(({ label, cells, attested }) => [
          label,
          ...cells,
          [...new Set(attested.map(({ type }) => predicateName(type)))].sort().join(' '),
        ]),
      ),
    );
  }
  if (failures.length === 0) terminal.done('Verified', count(judged.length, 'layer'));
  terminal.result({
    verified: failures.length === 0,
    artifacts: judged.map(({ label, subject, facts, attested, error }) => ({
      label,
      ...subject,
      ...facts,
      attestations: attested,
      code: error?.code,
    })),
    error: failures[0] === undefined ? undefined : shownError(failures[0]),
  });
  return failures.length === 0 ? exitStatus.done : exitStatus.trust;
}

/** By the keys of the command line; without any by the policies that hold in the directory. Throws BUNNY_EUSAGE. */
async function judgeOf(flags: Context['flags'], directory: string): Promise<SignatureJudge> {
  const { key = [], binds, certificateIdentity: identity, certificateOidcIssuer: issuer } = flags;
  const named = await Promise.all(
    key.map(async (place) => ({ place, author: readVerificationKey(await readKeyText(place), place) })),
  );
  if (identity !== undefined && issuer !== undefined) {
    const root = await openTrustedRoot(flags.trustedRoot);
    const author = identityLike({ identity, issuer }, root);
    return judgeByAuthors([...named, { place: identity, author }], binds ?? 'layer', [root]);
  }
  if (identity !== undefined || issuer !== undefined) throw halfAnIdentity();
  if (named.length > 0) return judgeByAuthors(named, binds ?? 'layer');
  const policies = await policiesOf(directory);
  if (policies.length > 0 && binds === undefined) return judgeByPolicies(policies);
  const summary =
    binds === undefined ? 'nothing says whose signatures count' : '--binds is about the keys of --key';
  throw new BunnyError('BUNNY_EUSAGE', summary, {
    where: 'bunny verify',
    hint: `name a public key with --key FILE, or write a policy: ${policyFileName}, or ${userPolicyFile()}`,
    exitStatus: exitStatus.usage,
  });
}

function halfAnIdentity(): BunnyError {
  return new BunnyError('BUNNY_EUSAGE', 'a name counts only with whoever says whose it is', {
    where: 'bunny verify',
    hint: 'give both --certificate-identity and --certificate-oidc-issuer',
    exitStatus: exitStatus.usage,
  });
}

async function locked(context: Context, file: string): Promise<ToVerify[]> {
  const { flags, terminal } = context;
  const locks = await requireLock(file, 'name another one, or a REF with a tag or digest');
  // A lock names layouts relative to itself, a command line relative to where it is given.
  const directory = resolve(dirname(file));
  const from = (flags.from ?? []).map((each) => rebaseReference(each, process.cwd(), directory));
  const bases = openSources(from, directory, openNetwork(context), (text) => terminal.warn(text));
  return locks.flatMap((lock) =>
    lockedSubjects(lock).map(({ name, version, from, digest, size, repository, layerHash }) => ({
      label: `${locks.length > 1 ? `${lock.framework}/` : ''}${name} ${version}`,
      sources: bases.sources(from, lock.framework, name),
      descriptor: { mediaType: manifestType, digest, size },
      subject: { digest, repository, layerHash },
      version: name === toolingRepository ? undefined : version,
    })),
  );
}

async function published(context: Context, reference: string): Promise<ToVerify[]> {
  const target = openNetwork(context).open(repositoryOf(reference));
  const subjects = await publishedSubjects(target, reference, {
    home: context.flags.as,
    signal: context.signal,
  });
  return subjects.map(({ descriptor, subject, version }) => ({
    label: subjects.length === 1 ? reference : `${reference} ${descriptor.digest}`,
    sources: [target],
    descriptor,
    subject,
    version: subject.repository.endsWith('/tooling') ? undefined : version,
  }));
}

function shownError({ code, message, where, details, hint }: BunnyError) {
  return { code, message, where, details, hint };
}
