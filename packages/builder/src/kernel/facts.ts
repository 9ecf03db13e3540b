import type { Bunnyfile } from 'bunny-libos-spec';
import { imageAnnotations } from 'bunny-libos-tooling';
import { type ImageFacts, imageFacts } from '../images/image-facts.js';

/** What a Bunnyfile says of an image of a prebuilt kernel: no rules of a framework say more. Pure. */
export function kernelFacts(
  { arch, platform }: { arch: string; platform?: string | undefined },
  bunnyfile: Bunnyfile,
): ImageFacts {
  const { name, toolingVersion, rootfs } = bunnyfile;
  const version = toolingVersion === '*' ? undefined : toolingVersion;
  return imageFacts(bunnyfile, { name, arch, platform, version }, (values) =>
    imageAnnotations({}, values, new Map(), 'kernel', rootfs?.type),
  );
}
