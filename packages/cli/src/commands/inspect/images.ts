import { type PublishedImage, readImages, readOrigin } from 'bunny-libos-builder';
import type { Target } from 'bunny-libos-oci';
import { formatBytes, present } from 'bunny-libos-spec';
import { oneLine } from '../../terminal/shown-text.js';
import type { Terminal } from '../../terminal/terminal.js';

/** An OCI image, or the images of an index. */
export interface InspectedImages {
  kind: 'image';
  name: string;
  images: ShownImage[];
}

interface ShownImage {
  digest: string;
  arch: string;
  platform?: string | undefined;
  entrypoint: readonly string[];
  cmd: readonly string[];
  envs: readonly string[];
  annotations: Readonly<Record<string, string>>;
  layers: { digest: string; size: number }[];
  /** By its build record, where that is with it. */
  framework?: { name: string; version: string } | undefined;
  components?: readonly { name: string; version: string }[] | undefined;
}

/** What OCI images a reference leads to; undefined where there is none. */
export async function inspectImages(
  target: Target,
  reference: string,
  transfer: { signal: AbortSignal },
): Promise<InspectedImages | undefined> {
  const found = (await readImages(target, reference, transfer)) ?? [];
  if (found.length === 0) return undefined;
  const images: ShownImage[] = [];
  for (const image of found) images.push(await shownImage(target, image, transfer));
  return { kind: 'image', name: `${target.name}${reference.includes(':') ? '@' : ':'}${reference}`, images };
}

async function shownImage(
  target: Target,
  image: PublishedImage,
  transfer: { signal: AbortSignal },
): Promise<ShownImage> {
  const { descriptor, manifest, arch, platform, entrypoint, cmd, envs } = image;
  const origin = await readOrigin(target, image, transfer);
  return present({
    digest: descriptor.digest,
    arch,
    platform,
    entrypoint,
    cmd,
    envs,
    annotations: manifest.annotations ?? {},
    layers: manifest.layers.map(({ digest, size }) => ({ digest, size })),
    framework: origin?.framework,
    components: origin?.components,
  });
}

export function printImages({ name, images }: InspectedImages, terminal: Terminal): void {
  terminal.print([name]);
  for (const image of images) {
    const { digest, arch, platform, framework, components = [] } = image;
    const made = framework === undefined ? '' : `, ${framework.name} ${framework.version}`;
    terminal.print([oneLine(`image for ${arch}${platform === undefined ? '' : `/${platform}`}${made}`)]);
    const lines: [string, string][] = [
      ['digest', digest],
      ['entrypoint', image.entrypoint.join(' ')],
      ['cmd', image.cmd.join(' ')],
      ['environment', image.envs.join(' ')],
      ['components', components.map((each) => `${each.name} ${each.version}`).join(', ')],
      ...Object.entries(image.annotations).map(([key, value]): [string, string] => [
        'annotation',
        `${key}=${value}`,
      ]),
      ...image.layers.map((layer): [string, string] => [
        'layer',
        `${layer.digest} ${formatBytes(layer.size)}`,
      ]),
    ];
    for (const [label, value] of lines) {
      if (value !== '') terminal.print([oneLine(`${label.padEnd(12)}  ${value}`)]);
    }
  }
}
