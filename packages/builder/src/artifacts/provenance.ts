import { type Descriptor, packManifest, pushBytes, type Target } from 'bunny-libos-oci';
import type { Report, Reports } from './artifact.js';
import { recordOf } from './record.js';

/** What it is called among the outputs. */
const output = 'provenance';

/**
 * How the image came about, as others read it: by this version of Bunny. An output that nothing is written to where it is not
 * asked for, as one of an earlier build would be about another image. There is none of a prebuilt kernel.
 */
export function provenanceReport(tool?: string): Report {
  return {
    output,
    ending: '.provenance.json',
    of: async (made, written) => {
      const record = tool === undefined ? undefined : recordOf(made, written);
      if (tool === undefined || record === undefined) return undefined;
      // What writes it is loaded by those who ask for it.
      const { imageProvenance } = await import('bunny-libos-trust');
      return imageProvenance(record, tool);
    },
  };
}

/** It refers to an OCI image, too, unsigned; with the annotation by which others tell what a statement is about. */
export async function attachProvenance(
  target: Target,
  subject: Descriptor,
  { [output]: text }: Reports,
): Promise<void> {
  if (text === undefined) return;
  const { statementMediaType, predicateType } = await import('bunny-libos-trust');
  const notes = { 'in-toto.io/predicate-type': predicateType(output) ?? '' };
  const layer = await pushBytes(target, statementMediaType, Buffer.from(text), { annotations: notes });
  await packManifest(target, { artifactType: statementMediaType, layers: [layer], subject });
}
