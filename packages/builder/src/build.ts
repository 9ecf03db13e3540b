import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BunnyError, canonicalJson, sha256 } from '@bunny/spec';
import type { BuildPlan } from './build-plan.js';
import type { BuildRequest } from './build-request.js';
import { asFileFailure } from './file-failure.js';
import { rootfsEntries } from './initrd.js';
import { outputPaths, packageImage, type RootfsContent } from './package-image.js';
import { prepareBuild } from './prepare-build.js';
import { runPlan } from './run-plan.js';
import type { SizeReport } from './size-report.js';
import { WorkDirectory } from './work-directory.js';

/** What a build has made. Paths are absolute. */
export interface BuildResult {
  plan: BuildPlan;
  image: string;
  /** The root file system, where the Bunnyfile has one. */
  initrd?: string;
  /** The build record (`BuildRecord`), as JSON. */
  record: string;
  /** The size report, as JSON. */
  sizes: string;
  report: SizeReport;
  /** Steps that had to be run; 0 where all was up to date. */
  ran: number;
}

/**
 * Builds the image of one locked target: fetches what the store lacks, compiles and links in the sandbox, and
 * writes the image, its root file system, the build record and the size report. Where nothing has changed
 * nothing is run and nothing is written.
 * Throws what `prepareBuild` and `runPlan` throw, and BUNNY_ENOSPACE, in which case the former files stay.
 */
export async function build(request: BuildRequest): Promise<BuildResult> {
  try {
    const prepared = await prepareBuild(request);
    const { plan } = prepared;
    const work = await WorkDirectory.open(request.directory, plan.arch, plan.platform);
    return await work.hold(async () => {
      const rootfs = await rootfsContent(request.bunnyfile, request.directory);
      const ran = await runPlan(prepared, request, work);
      const name = `${plan.name}-${plan.arch}-${plan.platform}`;
      const paths = outputPaths(request.directory, name, request.output, request.current);
      const files = [paths.image, paths.record, paths.sizes, ...(rootfs === undefined ? [] : [paths.initrd])];
      const fingerprint = sha256(canonicalJson({ plan, rootfs: rootfs ?? null }));
      if (ran > 0 || !(await work.remembers(fingerprint, files))) {
        await packageImage(prepared, request, work, rootfs, paths);
        await work.remember(fingerprint, files);
      }
      return {
        plan,
        image: paths.image,
        ...(rootfs === undefined ? {} : { initrd: paths.initrd }),
        record: paths.record,
        sizes: paths.sizes,
        report: JSON.parse(await readFile(paths.sizes, 'utf8')) as SizeReport,
        ran,
      };
    }, request.signal);
  } catch (error) {
    throw asFileFailure(error, request.directory);
  }
}

/** What the `rootfs` of a Bunnyfile comes to. Throws BunnyError BUNNY_EROOTFS. */
export async function rootfsContent(
  { value: { rootfs }, at }: BuildRequest['bunnyfile'],
  directory: string,
): Promise<RootfsContent> {
  if (rootfs === undefined) return undefined;
  if (rootfs.from === 'scratch') {
    return { entries: await rootfsEntries(rootfs, directory, (index) => at(['rootfs', 'include', index])) };
  }
  const path = rootfs.path ?? '';
  const file = join(directory, path);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return { file, size: found.size, changed: found.mtimeMs };
  throw new BunnyError('BUNNY_EROOTFS', `there is no file ${path}`, {
    where: at(['rootfs', 'path']),
    hint: `paths are relative to ${directory}`,
  });
}
