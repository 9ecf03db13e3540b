import { join } from 'node:path';
import { BunnyError, isComponentName } from 'bunny-libos-spec';
import { documentText } from '../document-text.js';
import { type NewTree, requireFree, writeNewTree } from '../new-tree.js';
import { rootSource } from '../root-source.js';
import { type BuildTree, configurationName, readBuildTree } from './build-tree.js';
import { addComponents } from './components.js';
import type { ImportedTree } from './imported-tree.js';
import { layerFiles } from './layer-files.js';
import { finish, link, perImage } from './layer-scripts.js';
import { appInfo, perImageLibraries } from './per-image.js';
import { refused } from './refused.js';
import { rootContent, toolingDocument } from './tooling.js';

export interface UnikraftOptions {
  /** Finished builds: directories, or `NAME=DIRECTORY` to name the configuration. */
  builds: readonly string[];
  /** The directory to write: new, or empty. */
  out: string;
  /** An OCI image with compiler and tools, in place of one that is made from Debian packages. */
  root?: string | undefined;
}

/** What an import has written. */
export interface ImportedUnikraft {
  version: string;
  configurations: { name: string; arch: string; platform: string; libraries: number }[];
  components: string[];
  /** Libraries that are made for each image. */
  perImage: string[];
}

/**
 * Writes a tooling directory and component directories from finished builds of Unikraft, for `bunny publish`. Nothing of
 * the builds is run. Throws BUNNY_EIMPORT, BUNNY_EEXISTS, BUNNY_EPATH, BUNNY_ENOFILE, BUNNY_ELIMIT.
 */
export async function importUnikraft({ builds, out, root }: UnikraftOptions): Promise<ImportedUnikraft> {
  requireFree(out);
  const open: BuildTree[] = [];
  try {
    const named = namedBuilds(builds);
    for (const { directory } of named) {
      const tree = readBuildTree(directory);
      open.push(tree);
    }
    requireOneVersion(open);
    const names = configurationNames(named, open);
    const trees = open.map(
      (tree, index): ImportedTree => ({
        configuration: names[index] ?? '',
        tree,
        perImage: perImageLibraries(tree),
        hasAppInfo: appInfo(tree) !== undefined,
      }),
    );
    const files: NewTree = new Map();
    const from = `Imported by bunny from Unikraft ${trees[0]?.tree.describedVersion}.`;
    const rootfs = rootSource(root, rootContent(trees), join(out, 'tooling'), files);
    files.set('tooling/tooling.yaml', { content: documentText(toolingDocument(trees, rootfs), from) });
    addOverlay(trees, files);
    const components = addComponents(trees, from, files);
    await writeNewTree(out, files);
    return {
      version: trees[0]?.tree.version ?? '',
      configurations: trees.map(({ configuration, tree: { arch, platform, libraries } }) => ({
        name: configuration,
        arch,
        platform,
        libraries: libraries.length,
      })),
      components,
      perImage: [...new Set(trees.flatMap((one) => one.perImage.map(({ name }) => name)))],
    };
  } finally {
    for (const { roots } of open) roots.close();
  }
}

function addOverlay(trees: readonly ImportedTree[], files: NewTree): void {
  const place = 'tooling/overlay/usr/lib/unikraft';
  for (const [name, content] of Object.entries({ 'per-image': perImage, link, finish })) {
    files.set(`${place}/${name}`, { content });
  }
  for (const { configuration, tree, perImage: libraries } of trees) {
    for (const [path, file] of layerFiles(tree, libraries))
      files.set(`${place}/configurations/${configuration}/${path}`, file);
  }
}

function namedBuilds(builds: readonly string[]): { name: string | undefined; directory: string }[] {
  return builds.map((build) => {
    const [, name, directory = build] = /^([^/=]+)=(.+)$/.exec(build) ?? [];
    if (name === undefined || isComponentName(name)) return { name, directory };
    throw new BunnyError('BUNNY_EUSAGE', `${JSON.stringify(name)} cannot be the name of a configuration`, {
      where: build,
      hint: 'use lower-case letters, digits and dashes',
    });
  });
}

/** Objects of two versions are not linked together, and one tooling layer serves one. */
function requireOneVersion(trees: readonly BuildTree[]): void {
  const [first] = trees;
  const other = trees.find(({ describedVersion }) => describedVersion !== first?.describedVersion);
  if (first === undefined || other === undefined) return;
  throw refused(
    `the trees are of two versions: ${first.describedVersion} and ${other.describedVersion}`,
    other.build,
    'build them with one version of Unikraft, or import them one by one, to registries of their own',
  );
}

/** Names of the configurations. Those of directories get the architecture as well, where two are called the same. */
function configurationNames(
  builds: readonly { name: string | undefined; directory: string }[],
  trees: readonly BuildTree[],
): string[] {
  const plain = trees.map((tree, index) => builds[index]?.name ?? configurationName(tree));
  const isTwice = (names: readonly string[], name: string) =>
    names.filter((each) => each === name).length > 1;
  const names = plain.map((name, index) =>
    builds[index]?.name === undefined && isTwice(plain, name) ? `${name}-${trees[index]?.arch}` : name,
  );
  const twice = names.findIndex((name) => isTwice(names, name));
  if (twice === -1) return names;
  throw new BunnyError('BUNNY_EUSAGE', `two configurations would be called ${names[twice]}`, {
    where: builds[twice]?.directory ?? '',
    hint: 'name them: NAME=BUILD_DIR',
  });
}
