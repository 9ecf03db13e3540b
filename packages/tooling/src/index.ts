export { bootImage } from './boot/monitor.js';
export { neededMonitor } from './boot/needed-monitor.js';
export { fileDigest } from './files/file-digest.js';
export { globFiles, LinkFinder } from './files/glob-files.js';
export { type HeaderOwner, requireDistinctHeaders } from './files/header-clash.js';
export { type NamedPath, withNamedDirectory, withNamedFile } from './files/named-path.js';
export { requireDirectories, type SourcePattern, sourceFiles } from './files/source-files.js';
export { missingHeaders } from './graph/diagnostic.js';
export { type HostRoots, hostPath, withHostPaths } from './graph/host-paths.js';
export type { Edge } from './graph/ninja.js';
export type { EdgeResult } from './graph/progress-parser.js';
export { runGraph } from './graph/run.js';
export { saysDiskFull, stepFailure } from './graph/step-failure.js';
export { appFiles, bunnyfileForSeveral } from './rules/app-template.js';
export { checkRules, defaultSettings } from './rules/check-rules.js';
export { matchesPattern } from './rules/file-pattern.js';
export { generatedSymbols } from './rules/identifier.js';
export { type AnnotationValues, imageAnnotations } from './rules/image-annotations.js';
export { languageOf, languagesOf } from './rules/languages.js';
export {
  compileCommand,
  generatorCommand,
  generatorsOf,
  linkCommand,
  namesOfStep,
  postLinkCommand,
  postLinkSteps,
  preprocessCommand,
  type TargetRules,
  takesDefaultScript,
  takesDuplicates,
  targetRules,
  unknownLanguage,
} from './rules/rules.js';
export { usedNames } from './rules/template.js';
export { compareTypesCommand, describeTypesCommand, typeFlags } from './rules/type-commands.js';
export type { Bind } from './sandbox/command.js';
export { ControlGroup } from './sandbox/control-group.js';
export { sandboxDirectories } from './sandbox/directories.js';
export { findProgram } from './sandbox/find-program.js';
export { type Limits, readLimits } from './sandbox/limits.js';
export { runProcess } from './sandbox/run-process.js';
export { runInSandbox, sandboxDriver } from './sandbox/sandbox.js';
export { trySandbox } from './sandbox/trial.js';
export type { FilesRead } from './work/dependency-listing.js';
export { openProjectWork, projectLock, projectOf, removeProjectWork } from './work/project-work.js';
export { sizeLimits } from './work/size-limits.js';
export { WorkPlace } from './work/work-place.js';
