import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BunnyError, type Bunnyfile, type Document } from '@bunny/spec';
import { asFileFailure } from './file-failure.js';
import { outputPaths, requireFreeOutputs } from './output-paths.js';
import { rootfsContent, rootfsFiles, stageRootfs } from './rootfs-content.js';
import { StagedFiles } from './staged-files.js';

/** A prebuilt kernel to package, and where to. */
export interface KernelRequest {
  bunnyfile: Document<Bunnyfile>;
  /** Directory of the Bunnyfile, absolute. */
  directory: string;
  arch: string;
  /** What it boots on, where that is known: part of the image's name. */
  platform?: string;
  /** As in `BuildRequest`. */
  output?: string;
  current?: string;
}

/**
 * Packages the prebuilt `kernel` of a Bunnyfile as it is, with its root file system beside it. Needs no lock.
 * Throws BunnyError BUNNY_EKERNEL where there is no such file, BUNNY_EROOTFS, BUNNY_ENOSPACE,
 * and what `requireFreeOutputs` throws.
 */
export async function packageKernel(request: KernelRequest): Promise<{ image: string; initrd?: string }> {
  const { bunnyfile, directory, arch, platform } = request;
  const path = bunnyfile.value.kernel?.path ?? '';
  const kernel = join(directory, path);
  const found = await stat(kernel).catch(() => undefined);
  if (!found?.isFile()) {
    throw new BunnyError(
      'BUNNY_EKERNEL',
      path === '' ? 'the Bunnyfile has no kernel' : `there is no file ${path}`,
      {
        where: bunnyfile.at(['kernel', 'path']),
        hint: `paths are relative to ${directory}`,
      },
    );
  }
  const rootfs = await rootfsContent(bunnyfile, directory);
  const name = [bunnyfile.value.name, arch, ...(platform === undefined ? [] : [platform])].join('-');
  const paths = outputPaths(directory, name, request.output, request.current);
  const file = resolve(request.current ?? process.cwd(), bunnyfile.at([]).file);
  await requireFreeOutputs(paths, [file, path, ...rootfsFiles(rootfs)], directory);
  const files = new StagedFiles();
  try {
    await files.copy(paths.image, kernel);
    await stageRootfs(files, rootfs, paths.initrd);
    await files.commit();
  } catch (error) {
    throw asFileFailure(error, directory);
  } finally {
    await files.discard();
  }
  return { image: paths.image, ...(rootfs === undefined ? {} : { initrd: paths.initrd }) };
}
