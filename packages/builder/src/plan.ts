import type { LockedTarget, LockedTooling, Scalar, Settings } from '@bunny/spec';
import { type Edge, generatorsOf, type TargetRules } from '@bunny/tooling';
import type { AppSource } from './app-sources.js';
import type { ClosureMember } from './closure.js';
import { compileStep, generateSteps } from './compile-steps.js';
import { linkSteps } from './link-steps.js';
import { planFiles, sandbox } from './sandbox-paths.js';

/** What a step of a build is for. */
export type StepKind = 'compile' | 'generate' | 'link' | 'post-link';

export interface Step extends Edge {
  kind: StepKind;
}

/** An object on its way into the link. */
export interface LinkedObject {
  /** Path inside the sandbox. */
  path: string;
  /** The component that it comes from, or what else made it. */
  owner: { component: string } | { app: string } | { generator: string };
}

/** Everything that a plan depends on. */
export interface PlanInputs {
  /** The image. */
  name: string;
  target: LockedTarget;
  rules: TargetRules;
  sources: readonly AppSource[];
  app: {
    include: readonly string[];
    defines: Readonly<Record<string, Scalar>>;
    flags: readonly string[];
  };
  /** Sorted by name. */
  closure: readonly ClosureMember[];
}

/** A layer that a plan uses. */
export interface PlannedLayer {
  name: string;
  version: string;
  layerHash: string;
  /** Of the layer. */
  digest: string;
}

/** How an image is made: every command, and the files that they start from. Complete and printable. */
export interface BuildPlan {
  name: string;
  arch: string;
  platform: string;
  settings: Settings;
  tooling: Pick<LockedTooling, 'version' | 'layerHash'>;
  layers: readonly PlannedLayer[];
  steps: readonly Step[];
  /** Objects in the order in which they are linked. */
  objects: readonly LinkedObject[];
  /** Files in the work directory that are written before the first step: name -> text. */
  files: Readonly<Record<string, string>>;
  /** Path of the finished image inside the sandbox. */
  image: string;
  /** Path of the link map inside the sandbox, if the linker writes one. */
  map: string;
}

/**
 * Plans an image: one step for each source, generator, link and post-link step. Objects are linked in the order
 * app, components by name, generated, so that the same inputs give the same bytes. Pure.
 * Throws BunnyError BUNNY_ESCRIPT where the closure has not just one default linker script for a link command
 * that takes one, BUNNY_ETEMPLATE, BUNNY_ELANGUAGE.
 */
export function planBuild(inputs: PlanInputs): BuildPlan {
  const { name, target, rules, closure } = inputs;
  const includes = closure
    .filter((member) => member.hasHeaders)
    .map(({ component }) => `${sandbox.closure(component.name)}/include`);
  const compiled = inputs.sources.map((source) => compileStep(inputs, source, includes));
  const generated = generatorsOf(rules).map((generator) => generateSteps(inputs, generator, includes));
  const objects: LinkedObject[] = [
    ...compiled.map(({ path, object }) => ({ path: object, owner: { app: path } })),
    ...closure.flatMap(({ component, objects }) =>
      objects.map((path) => ({
        path: `${sandbox.closure(component.name)}/${path}`,
        owner: { component: component.name },
      })),
    ),
    ...generated.map(({ generator, object }) => ({ path: object, owner: { generator } })),
  ];
  const { steps: linking, image, map } = linkSteps(inputs, objects);
  return {
    name,
    arch: target.arch,
    platform: target.platform,
    settings: rules.settings,
    tooling: { version: target.tooling.version, layerHash: target.tooling.layerHash },
    layers: closure.map(({ component: { name, version, layerHash, layer } }) => ({
      name,
      version,
      layerHash,
      digest: layer.digest,
    })),
    steps: [...compiled.map(({ step }) => step), ...generated.flatMap(({ steps }) => steps), ...linking],
    objects,
    files: filesOf(inputs),
    image,
    map,
  };
}

function filesOf({ name, target, rules, closure }: PlanInputs): Record<string, string> {
  const components = closure.map(({ component: { name, version, layerHash, options } }) => ({
    name,
    version,
    options,
    layerHash,
  }));
  return {
    [planFiles.closure]: `${JSON.stringify({ name, settings: rules.settings, components }, undefined, 2)}\n`,
    [planFiles.components]: components
      .map((each) => `${each.name} ${each.version} ${each.layerHash}\n`)
      .join(''),
    [planFiles.digests]: [
      `tooling ${target.tooling.layerHash}`,
      ...target.tooling.rootfs.map((layer) => `tooling ${layer.digest}`),
      ...closure.map(({ component }) => `${component.name} ${component.layer.digest}`),
      '',
    ].join('\n'),
  };
}
