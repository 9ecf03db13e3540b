import { resolve } from 'node:path';
import { lockFileName } from 'bunny-libos-resolver';
import { canonicalJson, perTarget, sha256 } from 'bunny-libos-spec';
import type { TargetRules } from 'bunny-libos-tooling';
import type { ArtifactType } from './artifacts/artifact.js';
import { provenanceReport } from './artifacts/provenance.js';
import { record } from './artifacts/record.js';
import { sbomReports } from './artifacts/sbom.js';
import { sizes } from './artifacts/sizes.js';
import { artifactTypes } from './artifacts/types.js';
import { outputsOf, writeArtifacts } from './artifacts/write.js';
import type { SizeReport } from './image/size-report.js';
import { imagesFor, manifestDigest } from './images/image-store.js';
import { asFileFailure } from './outputs/file-failure.js';
import { imagePath, type OutputPaths, outputPaths, requireFreeOutputs } from './outputs/paths.js';
import type { BuildPlan, StepKind } from './plan/build-plan.js';
import type { BuildRequest } from './plan/build-request.js';
import { type PreparedBuild, prepareBuild } from './plan/prepare.js';
import { type RootfsContent, rootfsContent, rootfsFiles } from './rootfs/content.js';
import { packForSteps } from './rootfs/for-steps.js';
import { withApp, withComponents } from './rootfs/with-components.js';
import { runPlan } from './run/run.js';
import { type Outcome, WorkDirectory } from './run/work-directory.js';

/** What a build has made. Paths are absolute. */
export interface BuildResult {
  plan: BuildPlan;
  /** Those of the target that it was built for: they say how the image boots. */
  rules: TargetRules;
  /** What was written, by what it is: paths. */
  files: Readonly<Record<string, string>>;
  /** The bootable image; it is there where it is among `files`. */
  image: string;
  /** The root file system, where the Bunnyfile has one. */
  initrd?: string | undefined;
  /** The build record (`BuildRecord`), as JSON. */
  record: string;
  /** The size report, as JSON. */
  sizes: string;
  /** Digest of the manifest, where an OCI image was made: it is among the images of the project (`ImageStore`). */
  manifest?: string | undefined;
  report: SizeReport;
  /** Steps that had to be run; 0 where all was up to date. */
  ran: number;
}

/** Plans a build and does not run it. Throws as `prepareBuild` of the plan, and BUNNY_EARTIFACT. */
export async function planOnly(request: BuildRequest): Promise<PreparedBuild> {
  const prepared = await prepareBuild(request);
  typesOf(prepared, request);
  return prepared;
}

/**
 * Builds the image of one locked target: fetches what the store lacks, compiles and links in the sandbox, and
 * writes the image, its root file system, the build record and the size report. Where nothing has changed
 * nothing is run and nothing is written.
 * Throws what `prepareBuild`, `requireFreeOutputs` and `runPlan` throw, and BUNNY_ENOSPACE, in which case the former files stay.
 */
export async function build(asked: BuildRequest): Promise<BuildResult> {
  const request = { ...asked, bunnyfile: perTarget(asked.bunnyfile, asked.target) };
  try {
    const prepared = await planOnly(request);
    const work = await WorkDirectory.open(request.store, request.directory, targetName(prepared, request));
    const made = () => buildHere(prepared, request, work);
    return await work.alone(made, request.signal).finally(() => work.close());
  } catch (error) {
    throw asFileFailure(error, request.directory);
  }
}

/** In the names of what is made: `amd64-qemu`, after the framework where the project has several. */
function targetName({ plan }: PreparedBuild, { bunnyfile }: BuildRequest): string {
  const { framework, isOneOfSeveral } = bunnyfile.value;
  return `${isOneOfSeveral ? `${framework}-` : ''}${plan.arch}-${plan.platform}`;
}

/** What is linked, and what becomes of that. */
const linking: ReadonlySet<StepKind> = new Set(['link', 'post-link']);

/**
 * Compiles the app of one locked target as `build` does, and links nothing: tells how many steps were run, and for which
 * target. A build after it compiles nothing again. Throws what `prepareBuild` and `runPlan` throw.
 */
export async function checkApp(asked: BuildRequest): Promise<{ plan: BuildPlan; ran: number }> {
  const request = { ...asked, bunnyfile: perTarget(asked.bunnyfile, asked.target) };
  try {
    const prepared = await prepareBuild(request);
    const { plan } = prepared;
    const steps = plan.steps.filter(({ kind }) => !linking.has(kind));
    const work = await WorkDirectory.open(request.store, request.directory, targetName(prepared, request));
    const compile = async () => {
      await work.prepare([originOf(request, plan)], request.signal);
      return { plan, ran: await runPlan(prepared, request, work, steps) };
    };
    return await work.alone(compile, request.signal).finally(() => work.close());
  } catch (error) {
    throw asFileFailure(error, request.directory);
  }
}

async function buildHere(
  prepared: PreparedBuild,
  request: BuildRequest,
  work: WorkDirectory,
): Promise<BuildResult> {
  const { plan, rules } = prepared;
  const own = await rootfsContent(request.bunnyfile, request.directory);
  const rootfs = withComponents(own, prepared, request.bunnyfile, request.directory);
  const name = `${plan.name}-${targetName(prepared, request)}`;
  const image = imagePath(request.directory, name, request.output, request.current);
  const types = typesOf(prepared, request);
  const reports = [record, sizes, ...sbomReports(request.sboms), provenanceReport(request.provenance)];
  const wanted = { types, reports, outputs: Object.keys(plan.outputs ?? {}) };
  const paths = outputPaths(image, outputsOf(wanted));
  const images = types.some(({ isContainer }) => isContainer === true)
    ? imagesFor(image, request)
    : undefined;
  images?.refuseLinks();
  // Headers come to light while the app is compiled.
  await requireFreeOutputs(paths, [...knownInputs(request, plan), ...rootfsFiles(own)], request);
  await work.prepare([originOf(request, plan)], request.signal);
  const ran = await runAll(prepared, request, work, rootfs);
  const fingerprint = sha256(canonicalJson(outcomeOf(prepared, request, { rootfs, types, image })));
  const former = ran > 0 ? undefined : await work.recall(fingerprint);
  const { files, report } = former ?? (await write());
  return {
    plan,
    rules: withOutputs(rules, plan, files),
    files,
    image,
    initrd: files.initrd,
    record: files.record ?? '',
    sizes: files.sizes ?? '',
    manifest: manifestDigest(files.manifest),
    report,
    ran,
  };

  async function write(): Promise<Outcome> {
    const whole = withApp(rootfs, prepared, work);
    const { withLinkedImage } = await import('./artifacts/linked-image.js');
    const written = await withLinkedImage(prepared, request, work, whole, async (made) => {
      const inputs = made.linked.inputs.map(({ path }) => path);
      await requireFreeOutputs(paths, inputs, request);
      const writeAll = () => writeArtifacts(wanted, { ...made, images }, { ...request, image });
      const files = await (images === undefined ? writeAll() : images.hold(writeAll));
      return { files, report: made.linked.sizes };
    });
    await work.remember(fingerprint, written);
    return written;
  }
}

/** Runs the plan; what is packed on this side of the sandbox is an input of the steps after it. Gives how many were run. */
async function runAll(
  prepared: PreparedBuild,
  request: BuildRequest,
  work: WorkDirectory,
  rootfs: RootfsContent,
): Promise<number> {
  const { steps, afterRootfs } = prepared.plan;
  if (afterRootfs === undefined) return await runPlan(prepared, request, work);
  // What they say is kept, and told once: by the run of all.
  const onProgress: BuildRequest['onProgress'] = (progress) => {
    if (progress.kind === 'output') return;
    request.onProgress?.(progress.kind === 'step' ? { ...progress, output: [] } : progress);
  };
  const first = steps.slice(0, afterRootfs);
  const before = await runPlan(prepared, { ...request, onProgress }, work, first);
  const whole = withApp(rootfs, prepared, work);
  if (whole !== undefined) await packForSteps(whole, work);
  return before + (await runPlan(prepared, request, work));
}

/** The rules by which it boots: what steps have made beside the image is known to the monitor by its name. */
function withOutputs(rules: TargetRules, plan: BuildPlan, files: OutputPaths): TargetRules {
  const made = Object.keys(plan.outputs ?? {}).flatMap((name) => {
    const path = files[name];
    return path === undefined ? [] : [[name, path] as const];
  });
  return { ...rules, files: new Map([...(rules.files ?? []), ...made]) };
}

/** The artifact types that are made. Throws BUNNY_EARTIFACT. */
function typesOf({ plan, rules }: PreparedBuild, { types }: BuildRequest): ArtifactType[] {
  const what = `images for ${plan.arch}/${plan.platform} are not made`;
  return artifactTypes(types, rules.target.artifacts, what, rules.where);
}

/** All that decides what is written. What only some artifacts tell is there for them alone. */
function outcomeOf(
  { plan, rules }: PreparedBuild,
  { bunnyfile, lock, sboms = [], provenance }: BuildRequest,
  { rootfs, types, image }: { rootfs: RootfsContent; types: readonly ArtifactType[]; image: string },
): object {
  const { cmd, entrypoint, envs } = bunnyfile.value;
  const annotations = rules.target.annotations ?? null;
  const told = types.some(({ isContainer }) => isContainer === true)
    ? { cmd, entrypoint, envs, lock: lock ?? null, annotations }
    : null;
  const named = types.map(({ type }) => type);
  return { plan, rootfs: rootfs ?? null, types: named, sboms, provenance: provenance ?? null, image, told };
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
