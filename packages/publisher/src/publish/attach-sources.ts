import { manifestType, Pool } from 'bunny-libos-oci';
import type { LocalComponent } from '../plan/component-directory.js';
import type { LocalVariant } from '../plan/local-variant.js';
import type { PublishVariantsOptions } from './publish-variants.js';
import { attachedSources, attachSource, packSource } from './source-archive.js';

/** Variants that are looked at at the same time. */
const concurrency = 8;

/**
 * Attaches the sources of variants to them, to those that were there before, too: what has the very same is left alone. Throws BUNNY_ESOURCE
 * where a source was changed meanwhile, and what the registry throws.
 */
export async function attachSources(
  variants: readonly LocalVariant[],
  { bases, to, framework, signal }: Pick<PublishVariantsOptions, 'bases' | 'to' | 'framework' | 'signal'>,
): Promise<void> {
  const pool = new Pool(concurrency);
  for (const [local, ofOne] of byComponent(variants)) {
    const { bytes, digest } = await packSource(local);
    const attach = async ({ identity: { name }, tag }: LocalVariant) => {
      const target = bases.repository(to, framework, name);
      const found = await target.resolve(tag, { signal });
      if (found === undefined) return;
      const subject = { mediaType: manifestType, digest: found.digest, size: found.size };
      const there = await attachedSources(target, subject, { signal });
      if (there.some((layer) => layer.digest === digest)) return;
      await attachSource(target, subject, bytes, { signal });
    };
    await Promise.all(ofOne.map((variant) => pool.run(() => attach(variant))));
  }
}

/** One tree is packed for all variants that are made from it, and let go before the next. */
function byComponent(variants: readonly LocalVariant[]): Map<LocalComponent, LocalVariant[]> {
  const found = new Map<LocalComponent, LocalVariant[]>();
  for (const variant of variants) found.set(variant.local, [...(found.get(variant.local) ?? []), variant]);
  return found;
}
