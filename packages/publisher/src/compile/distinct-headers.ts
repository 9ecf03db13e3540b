import { OnceMap } from 'bunny-libos-oci';
import { exitStatus } from 'bunny-libos-spec';
import { type HeaderOwner, requireDistinctHeaders } from 'bunny-libos-tooling';
import type { LocalVariant } from '../plan/local-variant.js';
import { publicHeaderName, publicHeaders } from '../plan/public-headers.js';
import type { CompileClosure, CompileDependency } from './closure-solver.js';
import type { ConfigSource } from './symbol-sources.js';

/** Holds the public headers of what is compiled together against one another. */
export class DistinctHeaders {
  readonly #configs: ConfigSource;
  /** By layer hash: many variants share what they are compiled with. */
  readonly #owners = new OnceMap<string, HeaderOwner>();

  constructor(configs: ConfigSource) {
    this.#configs = configs;
  }

  /**
   * Reads the metadata of published dependencies. Throws BUNNY_EDUPLICATE where two components of a closure, or one of
   * them and the variant, have a public header of one path, and what the registry throws.
   */
  async require(variant: LocalVariant, { members }: CompileClosure): Promise<void> {
    const all: CompileDependency[] = [{ kind: 'local', variant }, ...members];
    const owners = await Promise.all(
      all.map((each) => this.#owners.get(each.variant.layerHash, () => this.#ownerOf(each))),
    );
    requireDistinctHeaders(owners, {
      where: variant.local.document.at(['dependencies']),
      hint: 'rename one, choose with `files` of `include` which are public, or do without one of the components',
      exitStatus: exitStatus.usage,
    });
  }

  async #ownerOf(member: CompileDependency): Promise<HeaderOwner> {
    const { name, version } = member.variant.identity;
    const headers =
      member.kind === 'local'
        ? await publicHeaders(member.variant)
        : (await this.#configs.configOf(member)).headers;
    return { name: `${name} ${version}`, headers: headers.map(publicHeaderName) };
  }
}
