import { basename, join } from 'node:path';
import { codeOf, fileWithin, HeldDirectory, type HeldFile } from 'bunny-libos-oci';
import { fileDigest, sizeLimits } from 'bunny-libos-tooling';
import { type ReadObject, requireAppSymbols, requireConstructors } from '../image/checks.js';
import { readLinkMap } from '../image/link-map.js';
import { type SizeReport, sizeReport } from '../image/size-report.js';
import type { BuildRequest } from '../plan/build-request.js';
import type { ClosureMember } from '../plan/closure.js';
import type { PreparedBuild } from '../plan/prepare.js';
import { appInputs } from '../run/app-inputs.js';
import { objectReader } from '../run/read-object.js';
import { hostDirectories } from '../run/sandbox-view.js';
import type { WorkDirectory } from '../run/work-directory.js';
import { type OutputPaths, openOutputs, requireFreeOutputs } from './output-paths.js';
import { buildRecord, type FileDigest } from './record.js';
import { type RootfsContent, rootfsDigests, stageRootfs } from './rootfs-content.js';
import { StagedFiles } from './staged-files.js';

/**
 * Writes the image and what belongs beside it: all of it, or nothing. Returns its size report. Throws as
 * `requireFreeOutputs`, `openOutputs`, `WorkPlace.file` and the checks of images; BUNNY_EOBJECT; BUNNY_EPATH where an
 * input of the app is reached over a link that leads out of the project.
 */
export async function packageImage(
  prepared: PreparedBuild,
  request: BuildRequest,
  work: WorkDirectory,
  rootfs: RootfsContent,
  paths: OutputPaths,
): Promise<SizeReport> {
  const { plan, closure, rules } = prepared;
  const read = objectReader(plan, hostDirectories(closure, request, work), work);
  const objects = await Promise.all(
    plan.objects.map(async (object) => ({ object, elf: await read(object) })),
  );
  requireAppSymbols(objects, rules.target.appDefines, request.bunnyfile.at(['app']));
  await requireConstructors(objects, scriptsOf(closure), plan);
  const inputFiles = appInputs(plan, work);
  await requireFreeOutputs(paths, inputFiles, request);
  const image = work.file(plan.image, sizeLimits.image);
  try {
    const outputs = openOutputs(paths, request);
    try {
      const sizes = sizesOf(prepared, objects, work, image);
      const inputs = await inputDigests(inputFiles, request.directory, rootfs);
      await writeOutputs(outputs, paths, { image, rootfs, sizes }, (digests) =>
        buildRecord(plan, request.target, inputs, digests),
      );
      return sizes;
    } finally {
      outputs.close();
    }
  } finally {
    image.close();
  }
}

async function writeOutputs(
  outputs: HeldDirectory,
  paths: OutputPaths,
  { image, rootfs, sizes }: { image: HeldFile; rootfs: RootfsContent; sizes: SizeReport },
  recordOf: (digests: Record<string, string>) => object,
): Promise<void> {
  const name = {
    image: basename(paths.image),
    initrd: basename(paths.initrd),
    sizes: basename(paths.sizes),
    record: basename(paths.record),
  };
  const files = new StagedFiles(outputs);
  try {
    await Promise.all([files.copy(name.image, image), stageRootfs(files, rootfs, name.initrd)]);
    const made = [name.image, ...(rootfs === undefined ? [] : [name.initrd])];
    const digests = await Promise.all(made.map(async (each) => [each, await files.digest(each)] as const));
    await files.write(name.sizes, json(sizes));
    await files.write(name.record, json(recordOf(Object.fromEntries(digests))));
    await files.commit();
  } finally {
    await files.discard();
  }
  if (rootfs === undefined) outputs.remove(name.initrd);
}

function sizesOf(
  { plan }: PreparedBuild,
  objects: readonly ReadObject[],
  work: WorkDirectory,
  image: HeldFile,
): SizeReport {
  const map = mapText(plan.map, work);
  return sizeReport(plan, image.status.size, map === undefined ? undefined : readLinkMap(map), objects);
}

/** Undefined where the linker has written none. */
function mapText(path: string, work: WorkDirectory): string | undefined {
  try {
    return work.read(path, sizeLimits.map).toString();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function inputDigests(
  files: readonly string[],
  directory: string,
  rootfs: RootfsContent,
): Promise<FileDigest[]> {
  const project = HeldDirectory.open(directory);
  try {
    const inputs: FileDigest[] = [];
    for (const path of files) {
      const file = fileWithin(project, path, { limit: Number.MAX_SAFE_INTEGER });
      try {
        inputs.push({ path, digest: await fileDigest(file.place) });
      } finally {
        file.close();
      }
    }
    return [...inputs, ...(await rootfsDigests(rootfs))];
  } finally {
    project.close();
  }
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
