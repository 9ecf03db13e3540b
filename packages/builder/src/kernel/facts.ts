import type { Bunnyfile } from 'bunny-libos-spec';
import { imageAnnotations } from 'bunny-libos-tooling';
import type { ImageFacts } from '../images/image-facts.js';

/** What a Bunnyfile says of an image of a prebuilt kernel: no rules of a framework say more. Pure. */
export function kernelFacts(
  { arch, platform }: { arch: string; platform?: string | undefined },
  bunnyfile: Bunnyfile,
): ImageFacts {
  const { name, framework, entrypoint, cmd, envs, toolingVersion, rootfs } = bunnyfile;
  return {
    name,
    framework,
    arch,
    platform,
    entrypoint,
    cmd,
    envs,
    annotations: (paths) => {
      const line = cmd.length === 0 ? undefined : cmd.join(' ');
      const version = toolingVersion === '*' ? undefined : toolingVersion;
      const values = { name, framework, arch, platform, version, cmd: line, ...paths };
      return imageAnnotations({}, values, new Map(), 'kernel', rootfs?.type);
    },
  };
}
