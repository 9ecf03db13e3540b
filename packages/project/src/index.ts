/**
 * A Bunnyfile with what belongs to it.
 *
 *   Project.open(options)             reads the Bunnyfile; lock and store are opened when they are asked for, once
 *   lockTargets(project, wishes)      brings the lock up to date, and gives the targets asked for
 *   changeProject(project, …)         runs what changes its files while nobody else does
 *   LockRequest.open(project, wishes) what else looks at a lock, or proposes another one, begins with
 */
export { type Addition, proposeAdditions } from './additions.js';
export { givenBases, openBases, openSources, repositoryOf } from './bases.js';
export { buildRequest, lockForBuild, targetsToBuild } from './build-request.js';
export { accept, changeProject, propose } from './changed-bunnyfile.js';
export { alike, type ClosureSource, closuresOf, graphsWith } from './closures.js';
export { fetchLocked } from './fetch.js';
export { foundBunnyfile } from './found-bunnyfile.js';
export { componentsUnder, frameworkCatalogs } from './framework-catalog.js';
export {
  deliverImages,
  type ImageDestination,
  imageDestination,
  imagesOf,
  lockDigest,
  pushImages,
} from './images.js';
export { inferFor } from './inferred-dependencies.js';
export { LockRequest } from './lock-request.js';
export { type LockedProject, lockTargets } from './lock-targets.js';
export { writeNewFiles } from './new-files.js';
export { allOf } from './parts.js';
export { policiesOf } from './policies.js';
export { refusePrebuilt } from './prebuilt-kernel.js';
export { Project } from './project.js';
export { registryHost } from './registry-host.js';
export { requireLock } from './required-lock.js';
export { writeLocks } from './resolution.js';
export { judgeByKeys, judgeByPolicies, type SignatureJudge } from './signature-judge.js';
export { proposeUpdate } from './update.js';
