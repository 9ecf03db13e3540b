import { readVariantDocuments, variantOfManifest } from 'bunny-libos-namespace';
import { joinReference, manifestType, Pool, type TransferOptions } from 'bunny-libos-oci';
import {
  attachedSboms,
  attachSbom,
  attest,
  canonicalRepository,
  layerBill,
  namedSbomFormats,
  predicateType,
  sbomText,
} from 'bunny-libos-trust';
import type { LocalVariant } from '../plan/local-variant.js';
import { isMadeHere } from './made-here.js';
import type { PublishVariantsOptions } from './publish-variants.js';

/** Variants that are looked at at the same time. */
const concurrency = 8;

/**
 * Attaches bills of materials to variants, those that were there before included: one that has the very same is left alone.
 * With a key they are attested, too, of what was made on this machine, as policies ask for. Throws what the registry throws.
 */
export async function attachSboms(
  variants: readonly LocalVariant[],
  names: readonly string[],
  options: Pick<PublishVariantsOptions, 'bases' | 'to' | 'framework' | 'store' | 'signingKey' | 'signal'>,
): Promise<void> {
  const { bases, to, framework, store, signingKey, signal } = options;
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
      if (there.includes(text)) continue;
      await attachSbom(target, subject, format, text, transfer);
      if (signingKey === undefined || !(await isMadeHere(store, digest))) continue;
      const attestation = {
        predicateType: predicateType(format.name) ?? '',
        predicate: JSON.parse(text) as Record<string, unknown>,
      };
      const about = { digest, layerHash: config.layerHash, repository };
      await attest(target, subject, about, attestation, signingKey, transfer);
    }
  };
  await Promise.all(variants.map((variant) => pool.run(() => attach(variant))));
}
