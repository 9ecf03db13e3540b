import { Pool } from 'bunny-libos-oci';
import { repositoryOf } from 'bunny-libos-project';
import { readDocumentFile } from 'bunny-libos-resolver';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { attest, predicateType, publishedSubjects } from 'bunny-libos-trust';
import { openNetwork } from '../../project/network.js';
import { openKeyless, whoSigns } from '../../project/signer.js';
import { openKey } from '../../terminal/passphrase.js';
import { count } from '../../terminal/quantities.js';
import type { Context } from './command.js';

/** Bytes. In base64, with its envelope, it has to fit a bundle, which readers take up to a mebibyte of. */
const largestPredicate = 700 * 1024;
/** Layers that are attested at the same time. */
const concurrency = 4;

/** `bunny attest` */
export async function run(context: Context, reference: string): Promise<number> {
  const { flags, terminal, signal } = context;
  const type = predicateType(flags.type);
  if (type === undefined) {
    throw refused(
      `there is no type of attestation ${JSON.stringify(flags.type)}`,
      '--type',
      'take provenance, spdx, cyclonedx, or a URI',
    );
  }
  const predicate = await readPredicate(flags.predicate);
  const keyless = await openKeyless(context);
  const key = flags.key === undefined ? undefined : await openKey(flags.key, flags.passwordStdin, signal);
  const signer = key ?? keyless;
  if (signer === undefined) throw whoSigns('bunny attest', '--key KEY');
  const target = openNetwork(context).open(repositoryOf(reference));
  const subjects = await publishedSubjects(target, reference, { home: flags.as, signal });
  terminal.progress('attesting');
  const pool = new Pool(concurrency);
  const written = await Promise.all(
    subjects.map(({ descriptor, subject }) =>
      pool.run(async () => {
        const { digest } = await attest(
          target,
          descriptor,
          subject,
          { predicateType: type, predicate },
          signer,
          { signal },
        );
        return { ...subject, attestation: digest };
      }),
    ),
  );
  terminal.clear();
  terminal.done('Attested', count(written.length, 'layer'));
  terminal.result({
    ...(key === undefined ? await keyless?.names() : { key: key.publicKey.id }),
    type,
    artifacts: written,
  });
  return exitStatus.done;
}

async function readPredicate(file: string): Promise<Record<string, unknown>> {
  const text = await readDocumentFile(file, largestPredicate);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw refused('the predicate is not a JSON object', file, 'name a file that holds one');
}

function refused(summary: string, where: string, hint: string): BunnyError {
  return new BunnyError('BUNNY_EUSAGE', summary, { where, hint, exitStatus: exitStatus.usage });
}
