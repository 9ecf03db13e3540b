/**
 * Builds images: a Bunnyfile and the lock of one target become a bootable image.
 *
 *   prepareBuild(request)    brings layers into the store and gives the plan; runs nothing
 *   build(request)           the same, then compiles, links, finishes and writes the image
 *   requireReproducible(…)   builds once more elsewhere, and compares
 *   checkApp(request)        the same as far as compiling the app
 *   fetchPinned(targets, …)  only brings into the store what they pin
 *   prepareKernel(request)   looks at a prebuilt kernel instead
 *   packageKernel(request)   the same, then packages it
 */

export { removeImages } from './artifacts/remove.js';
export { type BuildResult, build, checkApp, planOnly as prepareBuild } from './build.js';
export type { SizeReport } from './image/size-report.js';
export { assembleImages, type BuiltImage } from './images/assemble.js';
export { type ImageStore, imageStoreBeside } from './images/image-store.js';
export {
  type ImageOrigin,
  type PublishedImage,
  readImages,
  readOrigin,
  unpackImage,
} from './images/published-image.js';
export { inferDependencies } from './infer/infer.js';
export { type KernelRequest, packageKernel, prepareKernel } from './kernel/package.js';
export { requireFreeOutputs } from './outputs/paths.js';
export type { BuildPlan } from './plan/build-plan.js';
export type { BuildRequest, Definers } from './plan/build-request.js';
export { chooseTarget } from './plan/choose-target.js';
export { fetchPinned, pinnedComponents, pinnedToolings } from './plan/fetch-pinned.js';
export { type FormerDefiners, formerDefiners } from './plan/former-definers.js';
export { impliedComponents } from './plan/implied-components.js';
export { type InferredRequirement, requirementsFor } from './plan/inferred-requirements.js';
export { requireReproducible } from './reproduce.js';
