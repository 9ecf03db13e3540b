import { imageDestination, Project, pushImages } from 'bunny-libos-project';
import { exitStatus, normaliseArchitecture } from 'bunny-libos-spec';
import { openNetwork } from '../../project/network.js';
import { count, timeSinceStart } from '../../terminal/quantities.js';
import type { Context } from './command.js';

/** `bunny push`: status 1 where nothing was built. */
export async function run(context: Context, text: string): Promise<number> {
  const { flags, terminal, signal } = context;
  const destination = imageDestination(text);
  const project = await Project.open({ file: flags.file, network: openNetwork(context), signal });
  terminal.progress(`pushing ${text}`);
  const { framework, arch, platform } = flags;
  const asked = { framework, arch: arch?.map(normaliseArchitecture), platform };
  const { descriptor, images } = await pushImages(project, destination, asked);
  terminal.clear();
  const what = images.length > 1 ? `, ${count(images.length, 'image')}` : '';
  terminal.done('Pushed', `${text}@${descriptor.digest}${what}, in ${timeSinceStart()}`);
  terminal.result({ reference: text, digest: descriptor.digest, images });
  return exitStatus.done;
}
