export { accept, changeProject, componentsFor, type Proposal, propose } from './changed-bunnyfile.js';
export { alike, type ClosureSource, closuresOf, graphsWith } from './closures.js';
export { componentsUnder, type FrameworkFlags, frameworkCatalogs } from './framework-catalog.js';
export { inferFor } from './inferred-dependencies.js';
export { laterDefiners } from './later-definers.js';
export { type LockFlags, resolveOptions } from './lock-options.js';
export { lockedTargets, rulesOf } from './locking.js';
export { writeNewFiles } from './new-files.js';
export { policiesOf } from './policies.js';
export { refusePrebuilt } from './prebuilt-kernel.js';
export { registryHost } from './registry-host.js';
export { requireLock } from './required-lock.js';
export { judgeByKeys, judgeByPolicies, type SignatureJudge } from './signature-judge.js';
export {
  givenBases,
  openBases,
  openProject,
  openSources,
  openStore,
  type Project,
  repositoryOf,
} from './workspace.js';
