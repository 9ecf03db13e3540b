import { sandboxDirectories } from 'bunny-libos-tooling';

/** Where things are inside the sandbox while an image is built: the Bunnyfile's directory, and layers by name. */
export const sandbox = {
  source: sandboxDirectories.source,
  work: sandboxDirectories.work,
  plan: sandboxDirectories.plan,
  closure: (name: string): string => `${sandboxDirectories.closure}/${name}`,
} as const;

/** Where headers are that are made for the image. */
export const generatedHeaders = `${sandbox.work}/include`;

/** Files that are written before the first step, where steps can read them. */
export const planFiles = {
  /** JSON: image name, settings, components with name, version, options and layer hash. */
  closure: 'closure.json',
  /** A line `name version layerHash` for each component. */
  components: 'components.txt',
  /** Digests of all layers. Unpacked layers have no times: this file is newer once one of them is another. */
  digests: 'digests.txt',
  /** The root file system, where a step reads it: written once the app is linked. */
  rootfs: 'rootfs',
} as const;

/** The path of a file in the work directory inside the sandbox. */
export function inWork(file: string): string {
  return `${sandbox.work}/${file}`;
}

/** The path of one of `planFiles` inside the sandbox. */
export function inPlan(file: string): string {
  return `${sandbox.plan}/${file}`;
}
