import type { LayerFile } from 'bunny-libos-namespace';
import { BunnyError, type ComponentFiles, exitStatus, holds } from 'bunny-libos-spec';
import { readComponentFile } from '../plan/component-file.js';
import type { LocalVariant } from '../plan/local-variant.js';

/**
 * The files of a variant's layer that are neither compiled nor linked: `files/NAME` for commands, `root/…` for root
 * file systems. Throws BUNNY_ESOURCE where one is not there, BUNNY_EDUPLICATE where two come to one place.
 */
export async function layerFiles({ local, identity }: LocalVariant): Promise<LayerFile[]> {
  const facts = { ...identity.settings, ...identity.options };
  const found = new Map<string, LayerFile>();
  for (const [index, entry] of (local.document.value.files ?? []).entries()) {
    if (!holds(entry.when, facts)) continue;
    const where = local.document.at(['files', index]);
    const sources = sourcesOf(entry, local.files);
    if (sources.length === 0) {
      throw new BunnyError('BUNNY_ESOURCE', `there is nothing in ${entry.directory}`, {
        where,
        hint: `paths are relative to ${local.directory}; what \`exclude\` names is not there`,
        exitStatus: exitStatus.usage,
      });
    }
    for (const { source, places } of sources) {
      const content = await readComponentFile(local, source, where);
      for (const path of places) {
        if (found.has(path)) {
          throw new BunnyError('BUNNY_EDUPLICATE', `two files come to ${path} of the layer`, {
            where,
            hint: 'give one of them another name or path',
          });
        }
        found.set(path, { path, content, mode: entry.executable ? 0o755 : 0o644 });
      }
    }
  }
  return [...found.values()];
}

/** The files that an entry is about, each with its places in the layer. */
function sourcesOf(
  { file, directory, name, rootfs }: ComponentFiles,
  tree: readonly { path: string }[],
): { source: string; places: string[] }[] {
  if (file !== undefined) {
    const places = [
      ...(name === undefined ? [] : [`files/${name}`]),
      ...(rootfs === undefined ? [] : [`root${rootfs}`]),
    ];
    return [{ source: file, places }];
  }
  const prefix = directory === '.' || directory === '' ? '' : `${directory}/`;
  const root = rootfs === '/' ? 'root' : `root${rootfs}`;
  return tree.flatMap(({ path }) =>
    path.startsWith(prefix) ? [{ source: path, places: [`${root}/${path.slice(prefix.length)}`] }] : [],
  );
}
