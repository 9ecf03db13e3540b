import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { lockFileName } from '@bunny/resolver';
import { canonicalJson, sha256 } from '@bunny/spec';
import type { BuildPlan } from './build-plan.js';
import type { BuildRequest } from './build-request.js';
import { asFileFailure } from './file-failure.js';
import { outputPaths, requireFreeOutputs } from './output-paths.js';
import { packageImage } from './package-image.js';
import { prepareBuild } from './prepare-build.js';
import { rootfsContent, rootfsFiles } from './rootfs-content.js';
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
 * Throws what `prepareBuild`, `requireFreeOutputs` and `runPlan` throw, and BUNNY_ENOSPACE, in which case the former files stay.
 */
export async function build(request: BuildRequest): Promise<BuildResult> {
  try {
    const prepared = await prepareBuild(request);
    const { plan } = prepared;
    const work = await WorkDirectory.open(request.directory, plan.arch, plan.platform);
    return await work.hold(async () => {
      const rootfs = await rootfsContent(request.bunnyfile, request.directory);
      const name = `${plan.name}-${plan.arch}-${plan.platform}`;
      const paths = outputPaths(request.directory, name, request.output, request.current);
      // Headers come to light while the app is compiled.
      await requireFreeOutputs(
        paths,
        [...knownInputs(request, plan), ...rootfsFiles(rootfs)],
        request.directory,
      );
      const ran = await runPlan(prepared, request, work);
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

function knownInputs({ bunnyfile, current = process.cwd() }: BuildRequest, plan: BuildPlan): string[] {
  const sources = plan.steps.flatMap(({ kind, inputs }) => (kind === 'compile' ? inputs : []));
  return [resolve(current, bunnyfile.at([]).file), lockFileName, ...sources];
}
