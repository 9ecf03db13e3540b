import { join } from 'node:path';
import { documentText } from '../document-text.js';
import { type NewTree, requireFree, writeNewTree } from '../new-tree.js';
import { rootSource } from '../root-source.js';
import { type Installation, readInstallation } from './installation.js';
import { overlayFiles, rootContent, toolingDocument } from './tooling.js';

export interface Solo5Options {
  /** Where Solo5 is installed. */
  prefix: string;
  /** The directory to write: new, or empty. */
  out: string;
  /** An OCI image with a compiler, in place of one that is made from Debian packages. */
  root?: string | undefined;
}

/** What an import has written. */
export interface ImportedSolo5 {
  version: string;
  /** `amd64/spt` */
  targets: string[];
  /** Bindings that were not taken, as Bunny boots them nowhere. */
  leftOut: string[];
}

/**
 * Writes a tooling directory and the component `bindings` from an installed Solo5, for `bunny publish`. Nothing of the
 * installation is run. Throws BUNNY_EIMPORT, BUNNY_EEXISTS, BUNNY_EPATH, BUNNY_ELIMIT.
 */
export async function importSolo5({ prefix, out, root }: Solo5Options): Promise<ImportedSolo5> {
  requireFree(out);
  const installation = readInstallation(prefix);
  const files: NewTree = new Map();
  const rootfs = rootSource(root, rootContent(installation.toolchains), join(out, 'tooling'), files);
  const from = `Imported by bunny from Solo5 ${installation.describedVersion}.`;
  files.set('tooling/tooling.yaml', { content: documentText(toolingDocument(installation, rootfs), from) });
  for (const [path, file] of overlayFiles(installation)) files.set(`tooling/overlay/${path}`, file);
  addBindings(installation, from, files);
  await writeNewTree(out, files);
  return {
    version: installation.version,
    targets: installation.toolchains.flatMap(({ arch, bindings }) =>
      bindings.map(({ platform }) => `${arch}/${platform}`),
    ),
    leftOut: installation.leftOut,
  };
}

/** The component of the bindings: one object and its script for each target, and the public headers. */
function addBindings({ version, toolchains, headers }: Installation, from: string, files: NewTree): void {
  const each = toolchains.flatMap(({ arch, bindings }) =>
    bindings.map((one) => ({
      ...one,
      below: `${arch}/solo5_${one.platform}`,
      when: { arch, platform: one.platform },
    })),
  );
  const component = {
    framework: 'solo5',
    name: 'bindings',
    version,
    description: 'What an app of Solo5 is linked with: its entry, memory, clock, console, block and net',
    license: 'ISC',
    objects: each.map(({ below, when }) => ({ files: `${below}.o`, when })),
    scripts: each.map(({ below, when }) => ({ file: `${below}.lds`, kind: 'default', when })),
    include: ['include'],
    matrix: {
      arch: toolchains.map(({ arch }) => arch),
      platform: [...new Set(each.map(({ platform }) => platform))],
    },
  };
  files.set('bindings/component.yaml', { content: documentText(component, from) });
  for (const { below, object, script } of each) {
    files.set(`bindings/${below}.o`, { content: object });
    files.set(`bindings/${below}.lds`, { content: script });
  }
  for (const [name, content] of headers) files.set(`bindings/include/${name}`, { content });
}
