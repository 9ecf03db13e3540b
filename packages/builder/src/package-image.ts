import { readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileDigest } from '@bunny/tooling';
import { appInputs } from './app-inputs.js';
import { buildRecord, type FileDigest } from './build-record.js';
import type { BuildRequest } from './build-request.js';
import type { ClosureMember } from './closure.js';
import { type HostDirectories, pathOnHost } from './host-paths.js';
import { type ReadObject, requireAppSymbols, requireConstructors } from './image-checks.js';
import { readLinkMap } from './link-map.js';
import { type OutputPaths, requireFreeOutputs } from './output-paths.js';
import type { PreparedBuild } from './prepare-build.js';
import { objectReader } from './read-object.js';
import { type RootfsContent, rootfsDigests, stageRootfs } from './rootfs-content.js';
import { hostDirectories } from './sandbox-view.js';
import { type SizeReport, sizeReport } from './size-report.js';
import { StagedFiles } from './staged-files.js';
import type { WorkDirectory } from './work-directory.js';

/** Writes the image and what belongs beside it: all of it, or nothing. Throws as `requireFreeOutputs` and the checks of images do, and BUNNY_EOBJECT. */
export async function packageImage(
  prepared: PreparedBuild,
  request: BuildRequest,
  work: WorkDirectory,
  rootfs: RootfsContent,
  paths: OutputPaths,
): Promise<void> {
  const { plan } = prepared;
  const directories = hostDirectories(prepared.closure, request, work.path);
  const read = objectReader(plan, directories);
  const objects = await Promise.all(
    plan.objects.map(async (object) => ({ object, elf: await read(object) })),
  );
  requireAppSymbols(objects, prepared.rules.target.appDefines, request.bunnyfile.at(['app']));
  await requireConstructors(objects, scriptsOf(prepared.closure), plan);
  const inputFiles = await appInputs(plan, work);
  await requireFreeOutputs(paths, inputFiles, request.directory);
  const files = new StagedFiles();
  try {
    const [sizes, inputs, image, initrd] = await Promise.all([
      sizesOf(prepared, objects, directories),
      inputDigests(inputFiles, request.directory, rootfs),
      files
        .copy(paths.image, pathOnHost(plan.image, directories))
        .then(() => fileDigest(files.staged(paths.image))),
      stageRootfs(files, rootfs, paths.initrd).then(() =>
        rootfs === undefined ? undefined : fileDigest(files.staged(paths.initrd)),
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

async function sizesOf(
  { plan }: PreparedBuild,
  objects: readonly ReadObject[],
  directories: HostDirectories,
): Promise<SizeReport> {
  const { size } = await stat(pathOnHost(plan.image, directories));
  const map = await readFile(pathOnHost(plan.map, directories)).then(
    (text) => readLinkMap(text.toString()),
    () => undefined,
  );
  return sizeReport(plan, size, map, objects);
}

async function inputDigests(
  files: readonly string[],
  directory: string,
  rootfs: RootfsContent,
): Promise<FileDigest[]> {
  const inputs = await Promise.all(
    files.map(async (path) => ({ path, digest: await fileDigest(join(directory, path)) })),
  );
  return [...inputs, ...(await rootfsDigests(rootfs))];
}

/** Empty where there is no default one: the linker's own is used then. */
function scriptsOf(closure: readonly ClosureMember[]): string[] {
  const files = (kind: 'defaultScripts' | 'extraScripts') =>
    closure.flatMap((member) => member[kind].map((path) => join(member.directory, path)));
  const defaults = files('defaultScripts');
  return defaults.length === 0 ? [] : [...defaults, ...files('extraScripts')];
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
