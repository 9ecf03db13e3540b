import { BunnyError, exitStatus } from 'bunny-libos-spec';
import {
  linkCommand,
  namesOfStep,
  postLinkCommand,
  postLinkSteps,
  takesDefaultScript,
} from 'bunny-libos-tooling';
import type { LinkedObject, PlanInputs, Step } from './build-plan.js';
import { closureInputFiles, closureInputs } from './closure-inputs.js';
import { inPlan, inWork, planFiles, sandbox } from './sandbox-paths.js';

/** From objects to what boots. */
export interface LinkPlan {
  steps: Step[];
  /** What the linker writes. */
  linked: string;
  image: string;
  map: string;
  /** Files beside the image, by name. */
  outputs: ReadonlyMap<string, string>;
  /** The index of the first step that reads the root file system. */
  afterRootfs: number | undefined;
}

/**
 * The steps from objects to the finished image.
 * Throws BunnyError BUNNY_ESCRIPT where the closure has not just one default linker script for a link command
 * that takes one.
 */
export function linkSteps(inputs: PlanInputs, objects: readonly LinkedObject[]): LinkPlan {
  const { name, rules } = inputs;
  const linked = inWork('linked');
  const map = `${linked}.map`;
  const scripts = scriptsOf(inputs, 'extraScripts');
  const defaultScript = scriptsOf(inputs, 'defaultScripts')[0];
  const command = linkCommand(rules, {
    objects: objects.map((object) => object.path),
    scripts,
    defaultScript,
    map,
    out: linked,
  });
  requireOneDefaultScript(inputs);
  const steps: Step[] = [
    {
      kind: 'link',
      command,
      inputs: objects.map((object) => object.path),
      implicit: [
        ...(defaultScript === undefined ? [] : [defaultScript]),
        ...scripts,
        inPlan(planFiles.digests),
      ],
      outputs: [linked],
      description: `link ${name}`,
    },
  ];
  let image = linked;
  const outputs = new Map<string, string>();
  const rootfs = inPlan(planFiles.rootfs);
  let afterRootfs: number | undefined;
  for (const step of postLinkSteps(rules)) {
    const used = namesOfStep(rules, step);
    if (used.has('rootfs')) afterRootfs ??= steps.length;
    const out = inWork(step.output === undefined ? `post-link/${steps.length}` : `outputs/${step.output}`);
    const known = { ...rules, files: new Map([...(rules.files ?? []), ...outputs]) };
    steps.push({
      kind: 'post-link',
      command: postLinkCommand(known, step, { ...closureInputs(name), in: image, linked, rootfs, out }),
      inputs: used.has('in') ? [image] : [],
      implicit: [
        ...closureInputFiles,
        ...(used.has('linked') ? [linked] : []),
        ...(used.has('rootfs') ? [rootfs] : []),
        ...[...outputs].flatMap(([output, path]) => (used.has(output) ? path : [])),
        inPlan(planFiles.digests),
      ],
      outputs: [out],
      description: `${step.name} ${name}`,
    });
    if (step.output === undefined) image = out;
    else outputs.set(step.output, out);
  }
  return { steps, linked, image, map, outputs, afterRootfs };
}

function scriptsOf({ closure }: PlanInputs, kind: 'defaultScripts' | 'extraScripts'): string[] {
  return closure.flatMap((member) =>
    member[kind].map((path) => `${sandbox.closure(member.component.name)}/${path}`),
  );
}

/** A link without its default script may well succeed, and give an image that boots to silence. */
function requireOneDefaultScript({ closure, rules }: PlanInputs): void {
  const owners = closure.flatMap(({ component, defaultScripts }) =>
    defaultScripts.map((path) => `${component.name} ${component.version}: ${path}`),
  );
  if (owners.length === 1 || (owners.length === 0 && !takesDefaultScript(rules))) return;
  throw new BunnyError(
    'BUNNY_ESCRIPT',
    owners.length === 0
      ? 'no component of the closure has a default linker script'
      : `${owners.length} default linker scripts in one closure`,
    {
      where: rules.where,
      hint:
        owners.length === 0
          ? 'add the component that is the platform of this target'
          : 'only one component may have a script of kind default: make the others extra',
      details: owners,
      exitStatus: exitStatus.unsatisfiable,
    },
  );
}
