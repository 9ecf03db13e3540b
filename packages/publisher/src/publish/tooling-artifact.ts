import {
  makeRootfs,
  type PreparedTooling,
  planRootfs,
  type RootfsLayer,
  type RootfsOptions,
  toolingDocument,
} from 'bunny-libos-namespace';
import type { Store } from 'bunny-libos-oci';
import type { Tooling, ToolingDocument, ToolingRules } from 'bunny-libos-spec';
import { checkRules } from 'bunny-libos-tooling';
import type { LocalTooling } from '../plan/component-directory.js';

/** A tooling layer as it is described on disk. */
export interface PlannedTooling {
  rules: ToolingRules;
  /** Undefined where only making the root filesystem will tell the layer hash. */
  document: ToolingDocument | undefined;
  /** Makes the root filesystem, or finds it made. Throws BUNNY_EROOTFS, BUNNY_ECOMMANDS. */
  make: () => Promise<PreparedTooling>;
}

/**
 * Plans a tooling layer: reads the directories of its root filesystem, and runs and packs nothing. Throws BUNNY_ETEMPLATE,
 * BUNNY_ERULES, BUNNY_EROOTFS, BUNNY_EPATH.
 */
export async function planTooling(
  { document, directory }: LocalTooling,
  store: Store,
  options: Pick<RootfsOptions, 'network' | 'allowCommands' | 'signal' | 'onLine'>,
): Promise<PlannedTooling> {
  const rules = rulesOf(document.value);
  checkRules(rules, (path) => document.at([...path]));
  const parts = await planRootfs(document.value, {
    ...options,
    directory,
    cache: store.directory,
    at: (path) => document.at([...path]),
  });
  const diffIds = parts.flatMap(({ diffId }) => diffId ?? []);
  return {
    rules,
    document: diffIds.length === parts.length ? toolingDocument(rules, diffIds) : undefined,
    make: async () => {
      const rootfs = await makeRootfs(parts);
      const document = toolingDocument(
        rules,
        rootfs.map(({ diffId }) => diffId),
      );
      return { document, rootfs };
    },
  };
}

/** Unpacks a prepared tooling layer, as a user of the published one would. Returns its root directory. */
export function openPrepared(prepared: PreparedTooling, store: Store, signal?: AbortSignal): Promise<string> {
  const source = {
    name: `${prepared.document.rules.framework} tooling, as made here`,
    fetch: ({ digest }: { digest: string }) => {
      const layer = prepared.rootfs.find((each) => each.descriptor.digest === digest);
      if (layer === undefined) throw new Error(`no layer ${digest}`);
      return contentOf(layer);
    },
  };
  const descriptors = prepared.rootfs.map(({ descriptor }) => descriptor);
  return store.unpackedImage(descriptors, [source], { signal });
}

function rulesOf({ rootfs: _, overlay: _overlay, ...rules }: Tooling): ToolingRules {
  return rules;
}

function contentOf({ content }: RootfsLayer): AsyncIterable<Uint8Array> {
  return content instanceof Uint8Array
    ? (async function* () {
        yield content;
      })()
    : content();
}
