import { attachedTexts, attachText } from 'bunny-libos-namespace';
import type { Descriptor, Target, TransferOptions } from 'bunny-libos-oci';
import type { SbomFormat } from './formats.js';

/** Attaches an SBOM to a manifest, as a referrer of the format's media type. The same text again changes nothing. */
export async function attachSbom(
  target: Target,
  subject: Descriptor,
  { type }: SbomFormat,
  text: string,
  options: TransferOptions = {},
): Promise<void> {
  await attachText(target, subject, type, text, options);
}

/** The SBOMs of a format that are attached to a manifest. Throws as `attachedTexts`. */
export async function attachedSboms(
  target: Target,
  subject: Descriptor,
  { type }: SbomFormat,
  options: TransferOptions = {},
): Promise<string[]> {
  const hint = 'remove it, and attach one with bunny build or bunny publish --sbom';
  return await attachedTexts(target, subject, type, { what: 'an SBOM', hint }, options);
}
