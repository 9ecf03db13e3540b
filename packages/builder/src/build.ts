import { resolve } from 'node:path';
import { lockFileName } from 'bunny-libos-resolver';
import { canonicalJson, sha256 } from 'bunny-libos-spec';
import { asFileFailure } from './artifacts/file-failure.js';
import { outputPaths, requireFreeOutputs } from './artifacts/output-paths.js';
import { packageImage } from './artifacts/package-image.js';
import { rootfsContent, rootfsFiles } from './artifacts/rootfs-content.js';
import type { SizeReport } from './image/size-report.js';
import type { BuildPlan } from './plan/build-plan.js';
import type { BuildRequest } from './plan/build-request.js';
import { prepareBuild } from './plan/prepare.js';
import { runPlan } from './run/run.js';
import { WorkDirectory } from './run/work-directory.js';

/** What a build has made. Paths are absolute. */
export interface BuildResult {
  plan: BuildPlan;
  image: string;
  /** The root file system, where the Bunnyfile has one. */
  initrd?: string | undefined;
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
    const work = await WorkDirectory.open(request.store, request.directory, plan.arch, plan.platform);
    const made = async (): Promise<BuildResult> => {
      const rootfs = await rootfsContent(request.bunnyfile, request.directory);
      const name = `${plan.name}-${plan.arch}-${plan.platform}`;
      const paths = outputPaths(request.directory, name, request.output, request.current);
      // Headers come to light while the app is compiled.
      await requireFreeOutputs(paths, [...knownInputs(request, plan), ...rootfsFiles(rootfs)], request);
      await work.prepare([originOf(request, plan)], request.signal);
      const ran = await runPlan(prepared, request, work);
      const files = [paths.image, paths.record, paths.sizes, ...(rootfs === undefined ? [] : [paths.initrd])];
      const fingerprint = sha256(canonicalJson({ plan, rootfs: rootfs ?? null }));
      let report = ran > 0 ? undefined : await work.recall(fingerprint, files);
      if (report === undefined) {
        report = await packageImage(prepared, request, work, rootfs, paths);
        await work.remember(fingerprint, files, report);
      }
      return {
        plan,
        image: paths.image,
        ...(rootfs === undefined ? {} : { initrd: paths.initrd }),
        record: paths.record,
        sizes: paths.sizes,
        report,
        ran,
      };
    };
    return await work.alone(made, request.signal).finally(() => work.close());
  } catch (error) {
    throw asFileFailure(error, request.directory);
  }
}

/** What decides, beside the sources, what the commands of a build do: who controls it could make them do anything. */
function originOf({ bunnyfile, target }: BuildRequest, { name, arch, platform, layers }: BuildPlan): string {
  const { include, defines, flags } = bunnyfile.value.app ?? { include: [], defines: {}, flags: [] };
  const { layerHash, digest, rules, rootfs } = target.tooling;
  const tooling = [layerHash, digest, rules.digest, ...rootfs.map((layer) => layer.digest)];
  const closure = layers.map((layer) => [layer.name, layer.digest]);
  const { settings } = target;
  return sha256(canonicalJson({ name, arch, platform, settings, tooling, closure, include, defines, flags }));
}

function knownInputs({ bunnyfile, current = process.cwd() }: BuildRequest, plan: BuildPlan): string[] {
  const sources = plan.steps.flatMap(({ kind, inputs }) => (kind === 'compile' ? inputs : []));
  return [resolve(current, bunnyfile.at([]).file), lockFileName, ...sources];
}
