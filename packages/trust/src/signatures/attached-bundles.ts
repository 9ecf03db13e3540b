import {
  type Descriptor,
  emptyType,
  isIndex,
  Pool,
  packManifest,
  parseManifest,
  pushBytes,
  readBytes,
  type Target,
  type TransferOptions,
} from 'bunny-libos-oci';
import type { SigningKey } from '../keys/signing-key.js';
import { bundleType, isBundleType, largestBundle, readBundle, writeBundle } from './bundle.js';
import { type Subject, Unusable } from './claims.js';
import { contentFault } from './content-fault.js';
import type { Found, FoundSignature } from './found-signature.js';
import { readStatement, signPredicate, writeStatement } from './statement.js';

const contentAnnotation = 'dev.sigstore.bundle.content';
const predicateAnnotation = 'dev.sigstore.bundle.predicateType';
const createdAnnotation = 'org.opencontainers.image.created';

/** Referrers that are looked at; anybody who may push can add more. */
export const mostBundles = 200;
const concurrency = 8;

/** The bundles that refer to a manifest, on registries with the referrers API and without. Throws as the target does. */
export async function findBundles(
  target: Target,
  subject: Descriptor,
  options: TransferOptions = {},
): Promise<Found> {
  const found: Found = { signatures: [], unusable: [] };
  const candidates = (await target.referrers(subject, undefined, options)).filter(mayBeSignature);
  const pool = new Pool(concurrency);
  await Promise.all(
    candidates.slice(0, mostBundles).map((each) =>
      pool.run(async () => {
        try {
          found.signatures.push(await readAttached(target, each, subject, options));
        } catch (error) {
          const reason = error instanceof Unusable ? error.message : contentFault(error);
          found.unusable.push({ form: 'bundle', digest: each.digest, reason });
        }
      }),
    ),
  );
  const rest = candidates.length - mostBundles;
  if (rest > 0) {
    const reason = `${rest} more referrers are not looked at: ${mostBundles} are the limit`;
    found.unusable.push({ form: 'bundle', digest: subject.digest, reason });
  }
  return found;
}

/**
 * By what the list of referrers says. On registries without the API cosign writes the type of the empty config there,
 * and some registries nothing.
 */
function mayBeSignature({ artifactType, annotations }: Descriptor): boolean {
  const predicate = annotations?.[predicateAnnotation];
  if (predicate !== undefined && predicate !== signPredicate) return false;
  return artifactType === undefined || artifactType === emptyType || isBundleType(artifactType);
}

async function readAttached(
  target: Target,
  referrer: Descriptor,
  subject: Descriptor,
  options: TransferOptions,
): Promise<FoundSignature> {
  const fetched = await target.fetchManifest(referrer.digest, options);
  if (fetched === undefined) throw new Unusable('it is listed, but missing');
  const manifest = parseManifest(fetched.bytes, fetched.descriptor.mediaType, referrer.digest);
  if (isIndex(manifest)) throw new Unusable('an index, not a bundle');
  const layer = manifest.layers.find(({ mediaType }) => isBundleType(mediaType));
  if (layer === undefined) throw new Unusable('it holds no bundle');
  const signed = readBundle(await readBytes(target, layer, largestBundle, options));
  const { message, signature } = signed;
  const claims = readStatement(signed.payload, subject.digest);
  return { form: 'bundle', digest: referrer.digest, message, signature, claims };
}

/** Signs a manifest, and attaches the bundle as cosign 3 does. `now` goes into an annotation for people. */
export async function attachBundle(
  target: Target,
  descriptor: Descriptor,
  subject: Subject,
  key: SigningKey,
  now: Date,
  options: TransferOptions = {},
): Promise<Descriptor> {
  const bundle = writeBundle(writeStatement(subject), key);
  const layer = await pushBytes(target, bundleType, bundle, {}, options);
  const { mediaType, digest, size } = descriptor;
  return packManifest(
    target,
    {
      artifactType: bundleType,
      layers: [layer],
      subject: { mediaType, digest, size },
      annotations: {
        [contentAnnotation]: 'dsse-envelope',
        [predicateAnnotation]: signPredicate,
        [createdAnnotation]: now.toISOString().replace(/\.\d+Z$/, 'Z'),
      },
    },
    options,
  );
}
