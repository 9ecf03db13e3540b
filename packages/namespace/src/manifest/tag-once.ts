import type { Descriptor, Target, TransferOptions } from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';

/**
 * Sets a tag that stands for one content for ever. Throws BUNNY_EPUBLISHED where it stands for another
 * already: the same layer hash came out as other bytes, here or there.
 */
export async function tagOnce(
  target: Target,
  descriptor: Descriptor,
  tag: string,
  options: TransferOptions,
): Promise<void> {
  const published = await target.resolve(tag, options);
  if (published?.digest === descriptor.digest) return;
  if (published === undefined) return target.tag(descriptor, tag, options);
  throw new BunnyError('BUNNY_EPUBLISHED', `${tag} is published already, with other bytes`, {
    where: `${target.name}:${tag}`,
    details: [`published ${published.digest}`, `here      ${descriptor.digest}`],
    hint: 'the compile command is not reproducible, or depends on more than the tooling layer: make it so',
    exitStatus: exitStatus.unsatisfiable,
  });
}
