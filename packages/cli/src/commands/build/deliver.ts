import type { BuiltImage } from 'bunny-libos-builder';
import { deliverImages, type ImageDestination, type Project } from 'bunny-libos-project';
import type { Context } from './command.js';
import { isOnRegistry } from './images.js';

/** Brings the images that were built to where they go, and says so. Returns what became of each destination. */
export async function deliver(
  project: Project,
  { flags, terminal }: Context,
  built: readonly BuiltImage[],
  destinations: readonly ImageDestination[],
): Promise<object[]> {
  const named: object[] = [];
  for (const destination of destinations) {
    const { text } = destination;
    terminal.progress(`writing ${text}`);
    const options = { push: flags.push === true, output: flags.output };
    const { descriptor, isDelivered } = await deliverImages(project, built, destination, options);
    terminal.clear();
    const what = `${text}@${descriptor.digest}`;
    if (isDelivered) terminal.done(isOnRegistry(destination.reference) ? 'Pushed' : 'Wrote', what);
    else terminal.done('Named', `${what}: push it with bunny push ${text}`);
    named.push({ reference: text, digest: descriptor.digest, written: isDelivered });
  }
  return named;
}
