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
import { bundleType, isBundleType, largestBundle, readBundle, type Signed } from './bundle.js';
import { type Subject, Unusable } from './claims.js';
import { contentFault } from './content-fault.js';
import type { Found, FoundSignature, UnusableSignature } from './found-signature.js';
import type { Signer } from './signer.js';
import { readStatement, signPredicate, writeStatement } from './statement.js';

const contentAnnotation = 'dev.sigstore.bundle.content';
const predicateAnnotation = 'dev.sigstore.bundle.predicateType';
const createdAnnotation = 'org.opencontainers.image.created';

/** Referrers that are looked at; anybody who may push can add more. */
export const mostBundles = 200;
const concurrency = 8;

/** The signatures in bundles that refer to a manifest, on registries with the referrers API and without. Throws as the target does. */
export async function findBundles(
  target: Target,
  subject: Descriptor,
  options: TransferOptions = {},
): Promise<Found> {
  const { read, unusable } = await readAttached(
    target,
    subject,
    (predicate) => predicate === undefined || predicate === signPredicate,
    ({ payload, ...signature }, digest): FoundSignature => {
      const claims = readStatement(payload, subject.digest);
      return { form: 'bundle', digest, ...signature, claims };
    },
    options,
  );
  return { signatures: read, unusable };
}

/**
 * What `read` makes of each bundle that refers to a manifest and may be about one of the predicates that `isWanted`: of
 * some it is not known before they are read. What `read` throws Unusable for is told with its reason.
 */
export async function readAttached<Read>(
  target: Target,
  subject: Descriptor,
  isWanted: (predicate: string | undefined) => boolean,
  read: (signed: Signed, digest: string) => Read,
  options: TransferOptions = {},
): Promise<{ read: Read[]; unusable: UnusableSignature[] }> {
  const found: { read: Read[]; unusable: UnusableSignature[] } = { read: [], unusable: [] };
  const refuse = (digest: string, reason: string) => found.unusable.push({ form: 'bundle', digest, reason });
  const referrers = await target.referrers(subject, undefined, options);
  const candidates = referrers.filter(
    (each) => mayBeBundle(each) && isWanted(each.annotations?.[predicateAnnotation]),
  );
  const pool = new Pool(concurrency);
  await Promise.all(
    candidates.slice(0, mostBundles).map((each) =>
      pool.run(async () => {
        try {
          found.read.push(read(await fetchBundle(target, each, options), each.digest));
        } catch (error) {
          refuse(each.digest, error instanceof Unusable ? error.message : contentFault(error));
        }
      }),
    ),
  );
  const rest = candidates.length - mostBundles;
  if (rest > 0)
    refuse(subject.digest, `${rest} more referrers are not looked at: ${mostBundles} are the limit`);
  return found;
}

/**
 * By what the list of referrers says. On registries without the API cosign writes the type of the empty config there,
 * and some registries nothing.
 */
function mayBeBundle({ artifactType }: Descriptor): boolean {
  return artifactType === undefined || artifactType === emptyType || isBundleType(artifactType);
}

async function fetchBundle(target: Target, referrer: Descriptor, options: TransferOptions): Promise<Signed> {
  const fetched = await target.fetchManifest(referrer.digest, options);
  if (fetched === undefined) throw new Unusable('it is listed, but missing');
  const manifest = parseManifest(fetched.bytes, fetched.descriptor.mediaType, referrer.digest);
  if (isIndex(manifest)) throw new Unusable('an index, not a bundle');
  const layer = manifest.layers.find(({ mediaType }) => isBundleType(mediaType));
  if (layer === undefined) throw new Unusable('it holds no bundle');
  return readBundle(await readBytes(target, layer, largestBundle, options));
}

/** Signs a manifest, and attaches the bundle as cosign 3 does. `now` goes into an annotation for people. */
export function attachBundle(
  target: Target,
  descriptor: Descriptor,
  subject: Subject,
  signer: Signer,
  now: Date,
  options: TransferOptions = {},
): Promise<Descriptor> {
  return attachStatement(target, descriptor, writeStatement(subject), signPredicate, signer, now, options);
}

/** Signs a statement about a manifest, and attaches the bundle. Throws as the target does. */
export async function attachStatement(
  target: Target,
  descriptor: Descriptor,
  statement: Uint8Array,
  predicateType: string,
  signer: Signer,
  now: Date,
  options: TransferOptions = {},
): Promise<Descriptor> {
  const layer = await pushBytes(target, bundleType, await signer.bundle(statement), {}, options);
  const { mediaType, digest, size } = descriptor;
  return packManifest(
    target,
    {
      artifactType: bundleType,
      layers: [layer],
      subject: { mediaType, digest, size },
      annotations: {
        [contentAnnotation]: 'dsse-envelope',
        [predicateAnnotation]: predicateType,
        [createdAnnotation]: now.toISOString().replace(/\.\d+Z$/, 'Z'),
      },
    },
    options,
  );
}
