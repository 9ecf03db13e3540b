import type { Bunnyfile } from 'bunny-libos-spec';
import type { AnnotationValues } from 'bunny-libos-tooling';

/** Where things are in an image, as nubificus/bunny has them. */
export const kernelPath = '/.boot/kernel';
export const rootfsPath = '/.boot/rootfs';
/** Above what else a framework makes for an image. */
export const outputsPath = '/.boot/outputs';

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

/**
 * What a Bunnyfile says of an image; `annotate` gives what an OCI image of it tells. Pure.
 */
export function imageFacts(
  { framework, isOneOfSeveral, entrypoint, cmd, envs }: Bunnyfile,
  image: { name: string; arch: string; platform: string | undefined; version: string | undefined },
  annotate: (values: AnnotationValues) => Record<string, string>,
): ImageFacts {
  const { version, ...called } = image;
  const line = cmd.length === 0 ? undefined : cmd.join(' ');
  const told = { ...called, framework };
  return {
    ...told,
    isOneOfSeveral,
    entrypoint,
    cmd,
    envs,
    annotations: (paths) => annotate({ ...told, version, cmd: line, ...paths }),
  };
}

/** The tag that an image has among those of its project: `amd64-qemu`, after the framework where it has several. */
export function imageTag({ framework, isOneOfSeveral, arch, platform }: ImageFacts): string {
  const parts = [isOneOfSeveral ? framework : undefined, arch, platform];
  return parts.filter((part) => part !== undefined).join('-');
}
