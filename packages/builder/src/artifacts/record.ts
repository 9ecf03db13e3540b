import type { BuildRecord, FileDigest } from 'bunny-libos-spec';
import type { LinkedImage, Made, Report } from './artifact.js';

/** The build record. There is none of a prebuilt kernel. */
export const record: Report = {
  output: 'record',
  ending: '.record.json',
  of: recordOf,
};

/** Undefined for a prebuilt kernel. */
export function recordOf(
  { linked, rootfs }: Made,
  written: Readonly<Record<string, string>>,
): BuildRecord | undefined {
  if (linked === undefined) return undefined;
  return buildRecord(linked, [...linked.inputs, ...(rootfs?.inputs ?? [])], written);
}

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
