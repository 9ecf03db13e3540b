import { present } from 'bunny-libos-spec';
import { generatorsOf } from 'bunny-libos-tooling';
import type { BuildPlan, LinkedObject, PlanInputs } from './build-plan.js';
import { appUnits, compileStep, generateSteps, headerStep } from './compile-steps.js';
import { linkSteps } from './link-steps.js';
import { generatedHeaders, planFiles, sandbox } from './sandbox-paths.js';

/**
 * Plans an image: one step for each source, generator, link and post-link step. Objects are linked in the order
 * app, components by name, generated, so that the same inputs give the same bytes. Pure.
 * Throws BunnyError BUNNY_ESCRIPT where the closure has not just one default linker script for a link command
 * that takes one, BUNNY_ETEMPLATE, BUNNY_ELANGUAGE.
 */
export function planBuild(inputs: PlanInputs): BuildPlan {
  const { name, target, rules, closure } = inputs;
  const includes = closure
    .filter(({ headers }) => headers.length > 0)
    .map(({ component }) => `${sandbox.closure(component.name)}/include`);
  const generators = generatorsOf(rules);
  const headerSteps = generators
    .filter(({ kind }) => kind === 'header')
    .map((generator) => headerStep(inputs, generator, includes));
  const headers = headerSteps.map(({ header }) => header);
  // Before those of components: one of these may have a header of that name to be compiled with itself.
  const searched = headers.length === 0 ? includes : [generatedHeaders, ...includes];
  const compiled = appUnits(inputs).map((unit) => compileStep(inputs, unit, searched, headers));
  const generated = generators
    .filter(({ kind }) => kind === undefined)
    .map((generator) => generateSteps(inputs, generator, searched, headers));
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
  const { steps: linking, linked, image, map, outputs, afterRootfs } = linkSteps(inputs, objects);
  const before = [
    ...headerSteps.map(({ step }) => step),
    ...compiled.map(({ step }) => step),
    ...generated.flatMap(({ steps }) => steps),
  ];
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
    steps: [...before, ...linking],
    objects,
    files: filesOf(inputs),
    image,
    map,
    ...present({
      app: rules.target.app && { path: linked, rootfs: rules.target.app.rootfs },
      outputs: outputs.size === 0 ? undefined : Object.fromEntries(outputs),
      afterRootfs: afterRootfs === undefined ? undefined : before.length + afterRootfs,
    }),
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
