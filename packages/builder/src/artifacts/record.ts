import type { FileDigest } from '../outputs/file-digest.js';
import type { BuildPlan, PlannedLayer, StepKind } from '../plan/build-plan.js';
import type { LinkedImage, Report } from './artifact.js';

/** Everything that went into an image and every command that made it. The same build gives the same record. */
export interface BuildRecord {
  schema: 'https://bunny-libos.github.io/schema/build-record/v1';
  name: string;
  arch: string;
  platform: string;
  settings: BuildPlan['settings'];
  tooling: { version: string; layerHash: string; digest: string; rules: string; rootfs: readonly string[] };
  components: readonly (PlannedLayer & { manifest: string })[];
  /**
   * The app's sources and headers by path from the Bunnyfile, sorted; then the files of the root file system as
   * `rootfs/<path in it>`, or `rootfs` for a prebuilt one.
   */
  inputs: readonly FileDigest[];
  /** Paths are those inside the sandbox. */
  steps: readonly { kind: StepKind; command: readonly string[]; outputs: readonly string[] }[];
  /** The image and what lies beside it: file name -> digest. */
  outputs: Readonly<Record<string, string>>;
}

/** The build record. There is none of a prebuilt kernel. */
export const record: Report = {
  output: 'record',
  ending: '.record.json',
  of({ linked, rootfs }, written) {
    if (linked === undefined) return undefined;
    return buildRecord(linked, [...linked.inputs, ...(rootfs?.inputs ?? [])], written);
  },
};

/** Puts a record together. `inputs` and `outputs` are digested already. Pure. */
function buildRecord(
  { plan, target }: LinkedImage,
  inputs: readonly FileDigest[],
  outputs: Readonly<Record<string, string>>,
): BuildRecord {
  const { tooling } = target;
  const manifests = new Map(target.components.map(({ name, digest }) => [name, digest]));
  return {
    schema: 'https://bunny-libos.github.io/schema/build-record/v1',
    name: plan.name,
    arch: plan.arch,
    platform: plan.platform,
    settings: plan.settings,
    tooling: {
      version: tooling.version,
      layerHash: tooling.layerHash,
      digest: tooling.digest,
      rules: tooling.rules.digest,
      rootfs: tooling.rootfs.map((layer) => layer.digest),
    },
    components: plan.layers.map((layer) => ({ ...layer, manifest: manifests.get(layer.name) ?? '' })),
    inputs,
    steps: plan.steps.map(({ kind, command, outputs: made }) => ({ kind, command, outputs: made })),
    outputs,
  };
}
