import type { Descriptor } from 'bunny-libos-oci';
import type { ImageFacts } from './image-facts.js';

/** When everything was made: the same image comes about whenever it is built. */
const created = '1970-01-01T00:00:00Z';

/** A layer of an image, and where it comes from. */
export interface ImageLayer {
  layer: Descriptor;
  diffId: string;
  /** What is in it; undefined of a layer of the base. */
  what?: string | undefined;
}

/**
 * The configuration of an OCI image (image-spec 1.1, config.md): what runtimes of containers read. They refuse images
 * for other systems than linux, whatever it is that boots. `labels` are the annotations once more: some tools drop
 * those of manifests. What the configuration of a `base` says stays, but for what the image says itself. Pure.
 */
export function imageConfig(
  { arch, entrypoint, cmd, envs }: ImageFacts,
  labels: Readonly<Record<string, string>>,
  layers: readonly ImageLayer[],
  base?: unknown,
): object {
  const former = record(base);
  const config = record(former.config);
  const env = [...(Array.isArray(config.Env) ? config.Env : []), ...envs];
  const own = layers.flatMap(({ what }) => what ?? []);
  const history = own.map((what) => ({ created, created_by: `bunny build: ${what}` }));
  return {
    created,
    ...former,
    architecture: arch,
    os: 'linux',
    config: {
      ...config,
      ...(env.length > 0 && { Env: env }),
      ...(entrypoint.length > 0 && { Entrypoint: entrypoint }),
      ...(cmd.length > 0 && { Cmd: cmd }),
      Labels: { ...record(config.Labels), ...labels },
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    ...(base === undefined || Array.isArray(former.history)
      ? { history: [...(Array.isArray(former.history) ? former.history : []), ...history] }
      : {}),
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** The text of `/urunc.json`: the annotations once more, their values in base64, as urunc reads them. Pure. */
export function uruncJson(annotations: Readonly<Record<string, string>>): string {
  const encoded = Object.entries(annotations).map(([key, value]) => [
    key,
    Buffer.from(value).toString('base64'),
  ]);
  return JSON.stringify(Object.fromEntries(encoded));
}
