import type { ImageFacts } from './image-facts.js';

/** When everything was made: the same image comes about whenever it is built. */
const created = '1970-01-01T00:00:00Z';

/**
 * The configuration of an OCI image (image-spec 1.1, config.md): what runtimes of containers read. They refuse images
 * for other systems than linux, whatever it is that boots. `labels` are the annotations once more: some tools drop
 * those of manifests. Pure.
 */
export function imageConfig(
  { arch, entrypoint, cmd, envs }: ImageFacts,
  labels: Readonly<Record<string, string>>,
  layers: readonly { diffId: string; what: string }[],
): object {
  return {
    created,
    architecture: arch,
    os: 'linux',
    config: {
      ...(envs.length === 0 ? {} : { Env: envs }),
      ...(entrypoint.length === 0 ? {} : { Entrypoint: entrypoint }),
      ...(cmd.length === 0 ? {} : { Cmd: cmd }),
      Labels: labels,
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ what }) => ({ created, created_by: `bunny build: ${what}` })),
  };
}

/** The text of `/urunc.json`: the annotations once more, their values in base64, as urunc reads them. Pure. */
export function uruncJson(annotations: Readonly<Record<string, string>>): string {
  const encoded = Object.entries(annotations).map(([key, value]) => [
    key,
    Buffer.from(value).toString('base64'),
  ]);
  return JSON.stringify(Object.fromEntries(encoded));
}
