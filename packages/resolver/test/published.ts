import { rulesPath, type Variant, variantAnnotations } from 'bunny-libos-namespace';
import {
  type Descriptor,
  imageConfigType,
  imageLayerGzipType,
  indexType,
  joinReference,
  manifestType,
  openTarget,
  packArchive,
  pushBytes,
  type Target,
} from 'bunny-libos-oci';
import {
  annotations,
  type ComponentConfig,
  type ComponentIdentity,
  canonicalJson,
  type Dependencies,
  layerHash,
  mediaTypes,
  type Options,
  type Settings,
  sha256,
  type ToolingRules,
  type ToolingTarget,
  variantTag,
} from 'bunny-libos-spec';

/** Name of the framework that these tests publish. */
export const framework = 'burrow';

export interface PublishedComponent {
  /** Ranges, or whole dependencies. */
  dependencies?: Readonly<Record<string, string | Dependencies[string]>>;
  provides?: Readonly<Record<string, string>>;
  conflicts?: Readonly<Record<string, string>>;
  /** One variant for each, the first being the defaults. `[{}]` where left out. */
  options?: readonly Options[];
  /** One variant for each. `[{}]`, for any target, where left out. */
  settings?: readonly Settings[];
  /** Changes the layer hash. */
  source?: string;
}

/** Publishes a made-up framework as `bunny publish` would, without compiling anything. */
export class Publisher {
  readonly base: string;
  readonly #variants = new Map<string, Variant[]>();
  readonly #tooling = sha256('tooling');

  /** `base`: reference of the namespace. */
  constructor(base: string) {
    this.base = base;
  }

  repository(name: string): Target {
    return openTarget(joinReference(this.base, `${framework}/${name}`));
  }

  /** Publishes all variants of one version of a component, with their index. */
  async component(name: string, version: string, what: PublishedComponent = {}): Promise<Variant[]> {
    const { dependencies = {}, provides = {}, conflicts = {}, source = '' } = what;
    const { options = [{}], settings = [{}] } = what;
    const defaults = options[0] ?? {};
    const target = this.repository(name);
    const published: Variant[] = [];
    for (const built of settings) {
      for (const chosen of options) {
        const identity: ComponentIdentity = {
          schema: 'https://bunny-libos.github.io/schema/component-identity/v1',
          framework,
          name,
          version,
          settings: built,
          options: { ...defaults, ...chosen },
          dependencies: Object.fromEntries(
            Object.entries(dependencies).map(([on, what]) => [
              on,
              typeof what === 'string' ? { version: what } : what,
            ]),
          ),
          provides,
          conflicts,
          tooling: this.#tooling,
          source: sha256(`${name} ${version} ${source}`),
        };
        published.push(await pushVariant(target, identity, defaults));
      }
    }
    const key = `${name} ${version}`;
    const all = [...(this.#variants.get(key) ?? []), ...published];
    this.#variants.set(key, all);
    await pushIndex(target, version, all.map(indexEntry));
    return published;
  }

  /** Publishes a tooling layer whose root filesystem is empty. */
  async tooling(version = '1.0.0', changes: Partial<ToolingRules> = {}): Promise<void> {
    const rules: ToolingRules = { ...defaultRules, version, ...changes };
    const rootfs = await packArchive([{ path: 'root', content: Buffer.from(version) }]);
    const identity = {
      schema: 'https://bunny-libos.github.io/schema/tooling-identity/v1' as const,
      framework,
      version,
      abi: rules.abi,
      rules: sha256(canonicalJson(rules)),
      rootfs: [rootfs.diffId],
    };
    const document = {
      schema: 'https://bunny-libos.github.io/schema/tooling/v1',
      identity,
      layerHash: layerHash(identity),
      rules,
    };
    const archive = await packArchive([{ path: rulesPath, content: Buffer.from(canonicalJson(document)) }]);
    const target = this.repository('tooling');
    const layers = [
      await pushBytes(target, imageLayerGzipType, rootfs.bytes),
      {
        ...(await pushBytes(target, imageLayerGzipType, archive.bytes)),
        annotations: { [annotations.toolingRules]: document.layerHash },
      },
    ];
    const config = {
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [rootfs.diffId, archive.diffId] },
    };
    const manifest = {
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType: mediaTypes.tooling,
      config: await pushBytes(target, imageConfigType, Buffer.from(canonicalJson(config))),
      layers,
    };
    await pushTagged(target, manifestType, manifest, version);
  }
}

/** The entry of a variant in the index of its version. */
export function indexEntry(variant: Variant): Descriptor {
  return {
    mediaType: manifestType,
    ...variant.manifest,
    artifactType: mediaTypes.component,
    annotations: variantAnnotations(variant),
  };
}

/** Writes the index of a version. */
export async function pushIndex(
  target: Target,
  version: string,
  manifests: readonly Descriptor[],
): Promise<void> {
  const index = { schemaVersion: 2, mediaType: indexType, artifactType: mediaTypes.component, manifests };
  await pushTagged(target, indexType, index, version);
}

async function pushVariant(target: Target, identity: ComponentIdentity, defaults: Options): Promise<Variant> {
  const hash = layerHash(identity);
  const archive = await packArchive([{ path: 'objects/a.o', content: Buffer.from(hash) }]);
  const layer = await pushBytes(target, mediaTypes.componentLayer, archive.bytes);
  const declares: ComponentConfig['declares'] = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [
      name,
      { type: typeof value === 'number' ? 'integer' : typeof value, default: value },
    ]),
  ) as ComponentConfig['declares'];
  const config: ComponentConfig = {
    schema: 'https://bunny-libos.github.io/schema/component-config/v1',
    identity,
    layerHash: hash,
    abi: defaultRules.abi,
    declares,
    objects: [],
    headers: [],
    scripts: [],
    builtWith: [],
  };
  const bytes = Buffer.from(canonicalJson(config));
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: mediaTypes.component,
    config: {
      ...(await pushBytes(target, mediaTypes.componentConfig, bytes)),
      data: bytes.toString('base64'),
    },
    layers: [layer],
  };
  const { digest, size } = await pushTagged(
    target,
    manifestType,
    manifest,
    variantTag(identity.version, hash),
  );
  return {
    identity,
    layerHash: hash,
    abi: config.abi,
    deviations: Object.entries(identity.options).filter(([name, value]) => defaults[name] !== value).length,
    manifest: { digest, size },
    layer: { digest: layer.digest, size: layer.size },
  };
}

async function pushTagged(target: Target, type: string, document: object, tag: string): Promise<Descriptor> {
  const descriptor = await pushBytes(target, type, Buffer.from(canonicalJson(document)));
  await target.tag(descriptor, tag);
  return descriptor;
}

function toolingTarget(arch: string, platform: string): ToolingTarget {
  return {
    arch,
    platform,
    variables: {},
    link: 'ld $objects -o $out',
    entry: 'start',
    scriptFlag: '-T',
    defaultScriptFlag: '-T',
    base: {},
    generate: [],
    appDefines: [],
    postLink: [],
    artifacts: ['elf'],
    monitor: {
      command: '$image',
      rootfs: [],
      arguments: [],
      memory: 64,
      exit: { offset: 0, factor: 1 },
    },
  };
}

const defaultRules: ToolingRules = {
  framework,
  version: '1.0.0',
  abi: 'burrow-1',
  settings: { arch: { values: ['amd64', 'arm64'] }, platform: { values: ['qemu'] } },
  capabilities: {},
  variables: {},
  languages: {
    c: { files: ['*.c'], compile: 'cc $in -o $out', includeFlag: '-I', defineFlag: '-D', implies: {} },
  },
  targets: [toolingTarget('amd64', 'qemu'), toolingTarget('arm64', 'qemu')],
  template: {},
};
