/** Where things are in an image, as nubificus/bunny has them. */
export const kernelPath = '/.boot/kernel';
export const rootfsPath = '/.boot/rootfs';

/** What a Bunnyfile and the rules of a target say of an image. */
export interface ImageFacts {
  name: string;
  framework: string;
  /** The project has images for others too. */
  isOneOfSeveral?: true | undefined;
  arch: string;
  platform: string | undefined;
  entrypoint: readonly string[];
  cmd: readonly string[];
  /** `NAME=value` */
  envs: readonly string[];
  /** Those of an OCI image that has its kernel and, if any, its root file system at these paths. */
  annotations(paths: { kernel: string; rootfs: string | undefined }): Record<string, string>;
}

/** The tag that an image has among those of its project: `amd64-qemu`, after the framework where it has several. */
export function imageTag({ framework, isOneOfSeveral, arch, platform }: ImageFacts): string {
  const parts = [isOneOfSeveral ? framework : undefined, arch, platform];
  return parts.filter((part) => part !== undefined).join('-');
}
