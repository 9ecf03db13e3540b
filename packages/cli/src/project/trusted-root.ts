import { readDocumentFile } from 'bunny-libos-resolver';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { largestTrustedRoot, readTrustedRoot, type TrustedRoot } from 'bunny-libos-trust';

/** The trusted root that the command line or the environment names. Throws BUNNY_ETRUSTEDROOT. */
export async function openTrustedRoot(file: string | undefined): Promise<TrustedRoot> {
  const place = file ?? process.env.BUNNY_TRUSTED_ROOT;
  if (place !== undefined && place !== '') {
    return readTrustedRoot(await readDocumentFile(place, largestTrustedRoot), place);
  }
  throw new BunnyError('BUNNY_ETRUSTEDROOT', 'nothing says whose certificates count', {
    where: '--trusted-root',
    hint: 'name the trusted_root.json of whoever runs Fulcio and Rekor, with --trusted-root or BUNNY_TRUSTED_ROOT',
    exitStatus: exitStatus.usage,
  });
}
