import type { Position, Template, ToolingTarget } from 'bunny-libos-spec';
import { expandTemplate, usedNames } from './template.js';

/** What annotations of an OCI image may tell. What an image does not have is undefined. */
export interface AnnotationValues {
  name: string;
  framework: string;
  arch: string;
  platform: string | undefined;
  /** Of the framework. */
  version: string | undefined;
  /** Paths in the image. */
  kernel: string;
  rootfs: string | undefined;
  /** The app's arguments, joined by blanks. */
  cmd: string | undefined;
}

/** Names that annotations may use. */
export const annotationNames: readonly (keyof AnnotationValues)[] = [
  'name',
  'framework',
  'arch',
  'platform',
  'version',
  'kernel',
  'rootfs',
  'cmd',
];

const urunc = {
  'com.urunc.unikernel.unikernelType': '$framework',
  'com.urunc.unikernel.hypervisor': '$platform',
  'com.urunc.unikernel.binary': '$kernel',
  'com.urunc.unikernel.cmdline': '$cmd',
  'com.urunc.unikernel.unikernelVersion': '$version',
};

/** Where frameworks mount a block device that urunc gives them, if not at the root. */
const mountPoints: Readonly<Record<string, string>> = { rumprun: '/data' };

/** What urunc reads of an image (github.com/urunc-dev/urunc), by how it takes its root file system. */
function uruncAnnotations(root: RootKind, framework: string): Readonly<Record<string, string>> {
  if (root === 'raw') return { ...urunc, 'com.urunc.unikernel.mountRootfs': 'true' };
  const rootfs =
    root === 'initrd'
      ? { 'com.urunc.unikernel.initrd': '$rootfs' }
      : {
          'com.urunc.unikernel.block': '$rootfs',
          'com.urunc.unikernel.blkMntPoint': mountPoints[framework] ?? '/',
        };
  return { ...urunc, ...rootfs, 'com.urunc.unikernel.mountRootfs': 'false' };
}

/** How an image takes its root file system; one without any as `initrd`. */
type RootKind = 'initrd' | 'block' | 'raw';

/**
 * The annotations of an image: those that its target names, or urunc's. One that uses what the image does not have is left out.
 * `variables` are those of the target. Throws BUNNY_ETEMPLATE.
 */
export function imageAnnotations(
  target: Pick<ToolingTarget, 'annotations'>,
  values: AnnotationValues,
  variables: ReadonlyMap<string, Template>,
  where: Position | string,
  root: RootKind = 'initrd',
): Record<string, string> {
  const given = new Map<string, readonly string[]>();
  const absent = new Set<string>();
  for (const name of annotationNames) {
    const value = values[name];
    if (value === undefined) absent.add(name);
    else given.set(name, [value]);
  }
  const annotations: Record<string, string> = {};
  for (const [key, text] of Object.entries(target.annotations ?? uruncAnnotations(root, values.framework))) {
    const used = usedNames(text, variables, where);
    if ([...used].some((name) => absent.has(name))) continue;
    annotations[key] = expandTemplate(text, { values: given, variables }, where).join(' ');
  }
  return annotations;
}
