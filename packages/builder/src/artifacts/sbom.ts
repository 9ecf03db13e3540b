import type { FileDigest } from 'bunny-libos-spec';
import type { Made, Report, Reports } from './artifact.js';

/** How the name of a file with one ends, by its format. */
const endings: Readonly<Record<string, string>> = { spdx: '.spdx.json', cyclonedx: '.cdx.json' };

/** What a bill of materials is called among the outputs. */
export function sbomOutput(format: string): string {
  return `sbom-${format}`;
}

/**
 * Bills of materials in the formats that are asked for. Those of other formats are outputs too, which nothing is written to:
 * one of an earlier build would be about another image.
 */
export function sbomReports(asked: readonly string[] = []): Report[] {
  return Object.entries(endings).map(([format, ending]) => ({
    output: sbomOutput(format),
    ending,
    of: async (made, written) => (asked.includes(format) ? await sbomOf(format, made, written) : undefined),
  }));
}

/** What writes them is loaded by those who ask for one. */
async function sbomOf(
  format: string,
  { facts, linked, rootfs }: Made,
  written: Readonly<Record<string, string>>,
): Promise<object | undefined> {
  const { imageBill, lockedParts, namedSbomFormats } = await import('bunny-libos-trust');
  const { framework, name, arch, platform } = facts;
  const parts = linked && lockedParts(framework, linked.target, await linked.configs(), linked.toolingFacts);
  const bill = imageBill({
    name,
    target: platform === undefined ? arch : `${arch}-${platform}`,
    components: [],
    ...parts,
    sources: byPath(linked?.inputs),
    files: byPath(rootfs?.inputs),
    outputs: written,
  });
  const [wanted] = namedSbomFormats([format]);
  return wanted?.document(bill);
}

function byPath(files: readonly FileDigest[] = []): Record<string, string> {
  return Object.fromEntries(files.map(({ path, digest }) => [path, digest]));
}

/** The bills among reports: format -> text. */
export function sbomsAmong(reports: Reports): [format: string, text: string][] {
  return Object.keys(endings).flatMap((format) => {
    const text = reports[sbomOutput(format)];
    return text === undefined ? [] : [[format, text] as [string, string]];
  });
}
