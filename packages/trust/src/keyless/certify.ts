import type { Certification } from '../signatures/author.js';
import type { Found, Signature } from '../signatures/found-signature.js';
import type { Authority } from './authority.js';
import type { TrustedRoot } from './trusted-root.js';

/** What checks under a root, by the root: certificates and logs are parsed once. */
const authorities = new WeakMap<TrustedRoot, Promise<Authority>>();

/** What checks certificates is large: it is loaded where there is one to be checked. */
export function authorityOf(root: TrustedRoot): Promise<Authority> {
  const known = authorities.get(root);
  if (known !== undefined) return known;
  const opened = import('./authority.js').then(({ Authority }) => new Authority(root));
  authorities.set(root, opened);
  return opened;
}

/**
 * Signatures with what their certificates say under each of the roots. Those of keys are left as they are. Throws
 * BUNNY_ETRUSTEDROOT for a root that cannot be used, whoever signed: nothing else says so.
 */
export async function certifyAll<Each extends Signature>(
  signatures: readonly Each[],
  roots: readonly TrustedRoot[],
): Promise<Each[]> {
  if (roots.length === 0 || signatures.every(({ bundle }) => bundle === undefined)) return [...signatures];
  const opened = await Promise.all(roots.map(authorityOf));
  return signatures.map((each) => {
    const { bundle } = each;
    if (bundle === undefined) return each;
    const certified = new Map<string, Certification>();
    for (const authority of opened) {
      certified.set(authority.root.id, authority.certify({ ...each, bundle }));
    }
    return { ...each, certified };
  });
}

/** The same of all that was found of a manifest. */
export async function certify(found: Found, roots: readonly TrustedRoot[]): Promise<Found> {
  const signatures = await certifyAll(found.signatures, roots);
  if (found.attestations === undefined) return { ...found, signatures };
  return { ...found, signatures, attestations: await certifyAll(found.attestations, roots) };
}
