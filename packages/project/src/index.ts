/**
 * A Bunnyfile with what belongs to it.
 *
 *   Project.open(options)             reads the Bunnyfile; lock and store are opened when they are asked for, once
 *   lockTargets(project, wishes)      brings the lock up to date, and gives the targets asked for
 *   changeProject(project, …)         runs what changes its files while nobody else does
 *   LockRequest.open(project, wishes) what else looks at a lock, or proposes another one, begins with
 */
export { type Addition, proposeAdditions } from './change/additions.js';
export { accept, changeProject, propose } from './change/proposal.js';
export { proposeUpdate } from './change/update.js';
export { inferFor } from './lock/inferred.js';
export { allOf } from './lock/parts.js';
export { LockRequest } from './lock/request.js';
export { writeLocks } from './lock/resolution.js';
export { type LockedProject, lockTargets } from './lock/targets.js';
export { givenBases, openBases, openSources, repositoryOf } from './open/bases.js';
export { foundBunnyfile } from './open/found-bunnyfile.js';
export { componentsUnder, frameworkCatalogs } from './open/framework-catalog.js';
export { writeNewFiles } from './open/new-files.js';
export { policiesOf } from './open/policies.js';
export { refusePrebuilt } from './open/prebuilt-kernel.js';
export { Project } from './open/project.js';
export { registryHost } from './open/registry-host.js';
export { requireLock } from './open/required-lock.js';
export { auditClosures, type Finding } from './use/audit.js';
export { billedImage, componentsOf } from './use/bill.js';
export { buildRequest, lockForBuild, targetsToBuild } from './use/build-request.js';
export { alike, type ClosureSource, closuresOf, graphsWith } from './use/closures.js';
export { fetchLocked } from './use/fetch.js';
export { deliverImages, pushImages, requireRoomForImages } from './use/image-delivery.js';
export { type ImageDestination, imageDestination, imagesOf, lockDigest } from './use/images.js';
export { judgeByAuthors, judgeByPolicies, type SignatureJudge } from './use/signature-judge.js';
