import { readVariantDocuments, variantOfManifest } from 'bunny-libos-namespace';
import { joinReference, manifestType, Pool, type TransferOptions } from 'bunny-libos-oci';
import {
  attachedSboms,
  attachSbom,
  canonicalRepository,
  layerBill,
  namedSbomFormats,
  sbomText,
} from 'bunny-libos-trust';
import type { LocalVariant } from '../plan/local-variant.js';
import type { PublishVariantsOptions } from './publish-variants.js';

/** Variants that are looked at at the same time. */
const concurrency = 8;

/**
 * Attaches bills of materials to variants, those that were there before included: one that has the very same is left alone.
 * Throws what the registry throws.
 */
export async function attachSboms(
  variants: readonly LocalVariant[],
  names: readonly string[],
  { bases, to, framework, signal }: Pick<PublishVariantsOptions, 'bases' | 'to' | 'framework' | 'signal'>,
): Promise<void> {
  const formats = namedSbomFormats(names);
  if (formats.length === 0) return;
  const transfer: TransferOptions = { signal };
  const pool = new Pool(concurrency);
  const attach = async ({ identity: { name }, tag }: LocalVariant) => {
    const target = bases.repository(to, framework, name);
    const found = await readVariantDocuments(target, tag, transfer);
    if (found === undefined) return;
    const { descriptor, manifest, config, where } = found;
    const { layer } = variantOfManifest(descriptor, manifest, config, where);
    const { digest, size } = descriptor;
    const subject = { mediaType: manifestType, digest, size };
    const repository = canonicalRepository(joinReference(to, `${framework}/${name}`));
    const bill = layerBill({ config, repository, digest, layer: layer.digest });
    for (const format of formats) {
      const text = sbomText(bill, format);
      const there = await attachedSboms(target, subject, format, transfer);
      if (!there.includes(text)) await attachSbom(target, subject, format, text, transfer);
    }
  };
  await Promise.all(variants.map((variant) => pool.run(() => attach(variant))));
}
