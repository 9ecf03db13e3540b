import { importUnikraft } from 'bunny-libos-importer';
import { exitStatus } from 'bunny-libos-spec';
import { shownPath } from '../../terminal/shown-path.js';
import type { Context } from './command.js';

/** `bunny import unikraft` */
export async function run({ flags, terminal }: Context, builds: string[]): Promise<number> {
  const { out, root } = flags;
  const imported = await importUnikraft({ builds, out, root });
  const { version, configurations, components, perImage } = imported;
  terminal.done('Imported', `Unikraft ${version} to ${shownPath(out)}, ${components.length} components`);
  for (const { name, arch, platform, libraries } of configurations)
    terminal.note(`configuration ${name}: ${arch}/${platform}, ${libraries} libraries`);
  if (perImage.length > 0) terminal.note(`made for each image: ${perImage.join(', ')}`);
  terminal.result({ out, ...imported });
  return exitStatus.done;
}
