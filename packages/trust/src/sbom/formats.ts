import { BunnyError, exitStatus, mediaTypes, suggestion } from 'bunny-libos-spec';
import type { Bill } from './bill.js';
import { cycloneDxDocument } from './cyclonedx.js';
import { spdxDocument } from './spdx.js';

/** A format of a software bill of materials. */
export interface SbomFormat {
  /** As `--sbom` names it. */
  name: string;
  /** Media type, which is the artifact type of the referrer that has one. */
  type: string;
  /** `created`: its date; 1970 where left out, as that of all that Bunny makes. */
  document(bill: Bill, created?: Date): object;
}

/** SPDX 2.3 and CycloneDX 1.6, as JSON. */
const sbomFormats: readonly SbomFormat[] = [
  { name: 'spdx', type: mediaTypes.spdx, document: spdxDocument },
  { name: 'cyclonedx', type: mediaTypes.cycloneDx, document: cycloneDxDocument },
];

/** The formats of these names, each once. Throws BUNNY_EUSAGE. */
export function namedSbomFormats(names: readonly string[]): SbomFormat[] {
  const known = sbomFormats.map(({ name }) => name);
  return [...new Set(names)].map((wanted) => {
    const found = sbomFormats.find(({ name }) => name === wanted);
    if (found !== undefined) return found;
    throw new BunnyError('BUNNY_EUSAGE', `there is no SBOM format ${JSON.stringify(wanted)}`, {
      where: '--sbom',
      hint: suggestion(wanted, known) ?? `choose one of ${known.join(', ')}`,
      exitStatus: exitStatus.usage,
    });
  });
}

/** The text of a bill in a format: what is written to files and attached. */
export function sbomText(bill: Bill, { document }: SbomFormat): string {
  return `${JSON.stringify(document(bill), undefined, 2)}\n`;
}
