/**
 * Builds images: a Bunnyfile and the lock of one target become a bootable image.
 *
 *   prepareBuild(request)    brings layers into the store and gives the plan; runs nothing
 *   build(request)           the same, then compiles, links, finishes and writes the image
 *   fetchPinned(targets, …)  only brings into the store what they pin
 *   prepareKernel(request)   looks at a prebuilt kernel instead
 *   packageKernel(request)   the same, then packages it
 */
export { type AppSource, appSources } from './app-sources.js';
export { type BuildResult, build } from './build.js';
export type {
  BuildPlan,
  LinkedObject,
  PlanInputs,
  PlannedLayer,
  Step,
  StepKind,
} from './build-plan.js';
export type { BuildRecord, FileDigest } from './build-record.js';
export type { BuildProgress, BuildRequest, Definers } from './build-request.js';
export { chooseTarget } from './choose-target.js';
export { type ClosureMember, openClosure, type Sources } from './closure.js';
export { type Fetched, fetchPinned, pinnedComponents, pinnedToolings } from './fetch-pinned.js';
export { type FormerDefiners, formerDefiners } from './former-definers.js';
export { impliedComponents } from './implied-components.js';
export { type InferRequest, inferDependencies } from './infer-dependencies.js';
export {
  type DefiningRequirement,
  type InferredRequirement,
  requirementsFor,
} from './inferred-requirements.js';
export { type KernelRequest, type PreparedKernel, packageKernel, prepareKernel } from './kernel.js';
export { type OutputPaths, outputPaths } from './output-paths.js';
export { planBuild } from './plan.js';
export { type PreparedBuild, prepareBuild } from './prepare-build.js';
export type { SizeReport, SizeRow } from './size-report.js';
