import {
  pushTooling,
  pushVariant,
  readIndex,
  toolingDocument,
  updateVersionIndex,
  type Variant,
} from 'bunny-libos-namespace';
import {
  type Descriptor,
  imageLayerGzipType,
  indexType,
  joinReference,
  openTarget,
  packArchive,
  packIndex,
  type Target,
} from 'bunny-libos-oci';
import {
  type ComponentConfig,
  type ComponentIdentity,
  type Dependencies,
  layerHash,
  mediaTypes,
  type Options,
  type Settings,
  sha256,
  type ToolingRules,
  type ToolingTarget,
  toolingRepository,
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

/** Publishes that framework, with what `bunny publish` writes with, and without compiling anything. */
export class Publisher {
  readonly base: string;

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
          tooling: sha256('tooling'),
          source: sha256(`${name} ${version} ${source}`),
        };
        published.push(await publish(target, identity, defaults));
      }
    }
    await updateVersionIndex(target, version, published);
    return published;
  }

  /** Publishes a tooling layer whose root filesystem is one file. */
  async tooling(version = '1.0.0', changes: Partial<ToolingRules> = {}): Promise<void> {
    const rules: ToolingRules = { ...defaultRules, version, ...changes };
    const { bytes, digest, size, diffId } = await packArchive([
      { path: 'root', content: Buffer.from(version) },
    ]);
    const layer = { descriptor: { mediaType: imageLayerGzipType, digest, size }, diffId, content: bytes };
    const document = toolingDocument(rules, [diffId]);
    await pushTooling(this.repository(toolingRepository), { document, rootfs: [layer] });
  }
}

/** Pushes a variant whose one object holds its layer hash. */
function publish(target: Target, identity: ComponentIdentity, defaults: Options): Promise<Variant> {
  const hash = layerHash(identity);
  const declares = Object.fromEntries(
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
  return pushVariant(target, config, [{ path: 'objects/a.o', content: Buffer.from(hash) }]);
}

/** What the index of a version says of its variants. */
export async function readEntries(target: Target, version: string): Promise<Descriptor[]> {
  const found = await target.fetchManifest(version);
  return readIndex(found?.bytes ?? new Uint8Array(), indexType, version).manifests;
}

/** Makes the index of a version say just this, whatever the variants are. */
export async function alterIndex(
  target: Target,
  version: string,
  manifests: readonly Descriptor[],
): Promise<void> {
  await target.tag(await packIndex(target, { artifactType: mediaTypes.component, manifests }), version);
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
