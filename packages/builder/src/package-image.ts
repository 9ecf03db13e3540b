import { readFile, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readDependencies } from '@bunny/tooling';
import { appInputs, buildRecord, digestFile, type FileDigest } from './build-record.js';
import type { BuildRequest } from './build-request.js';
import { type HostDirectories, hostPath } from './host-paths.js';
import { initrd, type RootfsEntry } from './initrd.js';
import type { PreparedBuild } from './prepare-build.js';
import { hostDirectories } from './run-plan.js';
import { readLinkMap, type SizeReport, sizeReport } from './size-report.js';
import { StagedFiles } from './staged-files.js';
import type { WorkDirectory } from './work-directory.js';

/** Where the files of a build go. Absolute. */
export interface OutputPaths {
  image: string;
  record: string;
  sizes: string;
  initrd: string;
}

/** The image at `output` (relative to `current`), or below `build/` of the Bunnyfile's directory; the others beside it. */
export function outputPaths(
  directory: string,
  defaultName: string,
  output: string | undefined,
  current: string = process.cwd(),
): OutputPaths {
  const image = output === undefined ? join(directory, 'build', defaultName) : resolve(current, output);
  return {
    image,
    record: `${image}.record.json`,
    sizes: `${image}.sizes.json`,
    initrd: `${image}.initrd`,
  };
}

/** The root file system of an image: what to pack, or a file to take as it is. Undefined where it has none. */
export type RootfsContent =
  | { entries: readonly RootfsEntry[] }
  | { file: string; size: number; changed: number }
  | undefined;

/** Writes the image and what belongs beside it: all of it, or nothing. */
export async function packageImage(
  prepared: PreparedBuild,
  request: BuildRequest,
  work: WorkDirectory,
  rootfs: RootfsContent,
  paths: OutputPaths,
): Promise<void> {
  const { plan } = prepared;
  const directories = hostDirectories(prepared, request, work);
  const files = new StagedFiles();
  try {
    const [sizes, inputs, image, initrd] = await Promise.all([
      sizesOf(prepared, directories),
      inputDigests(prepared, request, work, rootfs),
      files
        .copy(paths.image, hostPath(plan.image, directories))
        .then(() => digestFile(files.staged(paths.image))),
      stageRootfs(files, rootfs, paths.initrd).then(() =>
        rootfs === undefined ? undefined : digestFile(files.staged(paths.initrd)),
      ),
    ]);
    const digests = {
      [basename(paths.image)]: image,
      ...(initrd === undefined ? {} : { [basename(paths.initrd)]: initrd }),
    };
    await files.write(paths.sizes, json(sizes));
    await files.write(paths.record, json(buildRecord(plan, request.target, inputs, digests)));
    await files.commit();
  } finally {
    await files.discard();
  }
  if (rootfs === undefined) await rm(paths.initrd, { force: true });
}

async function sizesOf({ plan }: PreparedBuild, directories: HostDirectories): Promise<SizeReport> {
  const read = (path: string) => readFile(hostPath(path, directories));
  const { size } = await stat(hostPath(plan.image, directories));
  const map = await read(plan.map).then(
    (text) => readLinkMap(text.toString()),
    () => undefined,
  );
  return sizeReport(plan, size, map, read);
}

/** Writes the root file system, if any, to be committed with the rest. */
export async function stageRootfs(files: StagedFiles, rootfs: RootfsContent, path: string): Promise<void> {
  if (rootfs === undefined) return;
  if ('file' in rootfs) await files.copy(path, rootfs.file);
  else await files.write(path, initrd(rootfs.entries));
}

async function inputDigests(
  { plan }: PreparedBuild,
  { directory }: BuildRequest,
  work: WorkDirectory,
  rootfs: RootfsContent,
): Promise<FileDigest[]> {
  const compiles = plan.steps.filter((step) => step.kind === 'compile');
  const dependencies = await readDependencies(work.path);
  const read = compiles.flatMap((step) => [
    ...step.inputs,
    ...step.outputs.flatMap((output) => dependencies.get(output) ?? []),
  ]);
  const inputs = await Promise.all(
    appInputs(read).map(async (path) => ({ path, digest: await digestFile(join(directory, path)) })),
  );
  return [...inputs, ...(await rootfsDigests(rootfs))];
}

async function rootfsDigests(rootfs: RootfsContent): Promise<FileDigest[]> {
  if (rootfs === undefined) return [];
  if ('file' in rootfs) return [{ path: 'rootfs', digest: await digestFile(rootfs.file) }];
  const digests: FileDigest[] = [];
  for (const { path, kind, source } of rootfs.entries) {
    if (kind !== 'file' || source === undefined) continue;
    digests.push({ path: `rootfs/${path}`, digest: await digestFile(source) });
  }
  return digests;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
