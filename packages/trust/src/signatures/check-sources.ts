import type { Descriptor, Target, TransferOptions } from 'bunny-libos-oci';
import type { VerificationKey } from '../keys/verification-key.js';
import { type Binding, type Checked, checkSignatures } from './check.js';
import type { Subject } from './claims.js';
import { findSignatures } from './find.js';

/**
 * Looks for signatures of a manifest where it is delivered from, place by place, until one counts: a copy need not have
 * all that its home has, and a signature is worth the same wherever it is from. Throws what the first place threw that
 * could not be read, where no other had one that counts.
 */
export async function checkSources(
  sources: readonly Target[],
  descriptor: Descriptor,
  keys: readonly VerificationKey[],
  subject: Subject,
  binds: Binding,
  options: TransferOptions = {},
): Promise<Checked> {
  const reasons: string[][] = [];
  const failures: unknown[] = [];
  for (const source of sources) {
    try {
      const found = await findSignatures(source, descriptor, options);
      const checked = checkSignatures(found, keys, subject, binds);
      reasons.push(checked.reasons);
      if (checked.signers.length > 0) return { signers: checked.signers, reasons: reasons.flat() };
    } catch (error) {
      if (options.signal?.aborted) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return { signers: [], reasons: reasons.flat() };
}
