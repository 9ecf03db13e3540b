import { type Bases, readManifest } from 'bunny-libos-namespace';
import { OnceMap, readBytes } from 'bunny-libos-oci';
import {
  BunnyError,
  type ComponentConfig,
  exitStatus,
  readComponentConfig,
  type ToolingTarget,
} from 'bunny-libos-spec';
import { generatedSymbols } from 'bunny-libos-tooling';
import type { SymbolSource } from '../checks/symbol-check.js';
import type { CompileDependency } from './closure-solver.js';

/** Where the configs of variants come from: those of this run, else the registry. */
export class ConfigSource {
  readonly #bases: Bases;
  readonly #to: string;
  readonly #known = new OnceMap<string, ComponentConfig>();

  constructor(bases: Bases, to: string) {
    this.#bases = bases;
    this.#to = to;
  }

  /** Notes the config of a variant that was just made. */
  add(config: ComponentConfig): void {
    this.#known.set(config.layerHash, config);
  }

  /** Throws BUNNY_ENOTFOUND where the registry no longer has the variant. */
  configOf(member: CompileDependency): Promise<ComponentConfig> {
    return this.#known.get(member.variant.layerHash, () => this.#read(member));
  }

  async #read(member: CompileDependency): Promise<ComponentConfig> {
    const { framework, name, version } = member.variant.identity;
    const from = member.kind === 'local' ? this.#to : member.variant.from;
    const reference = member.kind === 'local' ? member.variant.tag : member.variant.manifest.digest;
    const target = this.#bases.repository(from, framework, name);
    const where = `${target.name}:${reference}`;
    const found = await target.fetchManifest(reference);
    if (found === undefined) {
      throw new BunnyError('BUNNY_ENOTFOUND', `${name} ${version} is gone from the registry`, {
        where,
        hint: 'run `bunny publish` again',
        exitStatus: exitStatus.registry,
      });
    }
    const manifest = readManifest(found.bytes, found.descriptor.mediaType, where);
    return readComponentConfig(await readBytes(target, manifest.config), where);
  }
}

/** What a variant defines for others: by its objects and its linker scripts. */
export function symbolSource(config: ComponentConfig): SymbolSource {
  const defined = new Set<string>();
  for (const object of config.objects) for (const symbol of object.defined) defined.add(symbol);
  for (const script of config.scripts) for (const symbol of script.defined) defined.add(symbol);
  return { name: config.identity.name, version: config.identity.version, defined };
}

/**
 * What an image gets beside its components: what is made for it, what every app defines, and what its link brings.
 * `names` are those of the components that are looked at.
 */
export function imageSymbols(target: ToolingTarget, names: readonly string[]): SymbolSource[] {
  return [
    { name: 'the app', version: '', defined: new Set(target.appDefines) },
    { name: 'the link', version: '', defined: new Set(target.linkDefines) },
    ...target.generate.map((generator) => ({
      name: generator.name,
      version: '',
      defined: new Set(generatedSymbols(generator, names)),
    })),
  ];
}
