import { OciError } from 'bunny-libos-oci';

/** Failures of what was delivered, not of the way to it: others could be had where there is no signature to be had now. */
const faults = new Set([
  'BUNNY_EMANIFEST',
  'BUNNY_EDIGEST',
  'BUNNY_ESIZE',
  'BUNNY_ELIMIT',
  'BUNNY_ENOTFOUND',
]);

/** Why content is of no use. Throws what is no fault of the content: a registry that fails must not look like one that has nothing. */
export function contentFault(error: unknown): string {
  if (error instanceof OciError && faults.has(error.code)) return error.message;
  throw error;
}
