import { byCodeUnit, isComponentName, isVersion, present } from 'bunny-libos-spec';
import { documentText } from '../document-text.js';
import type { NewTree } from '../new-tree.js';
import { appFlags } from './app-flags.js';
import type { BuildTree, Library } from './build-tree.js';
import type { ImportedTree } from './imported-tree.js';
import { publicHeaders } from './public-headers.js';
import { refused } from './refused.js';
import { wholeComponent } from './tooling.js';

/** A library in one of the trees. */
interface Occurrence {
  configuration: string;
  tree: BuildTree;
  library: Library;
  version: string;
}

/**
 * Writes a directory for each library of the trees, and one for what a configuration is as a whole. Objects that are
 * equal in several trees are written once, and are one variant where all trees of an architecture have them.
 */
export function addComponents(trees: readonly ImportedTree[], from: string, files: NewTree): string[] {
  const found = new Map<string, Occurrence[]>();
  for (const { configuration, tree, perImage } of trees) {
    for (const library of tree.libraries) {
      const { name } = library;
      if (name === tree.appLibrary || perImage.some((one) => one.name === name)) continue;
      if (!isComponentName(name) || name === wholeComponent) {
        throw refused(
          `a library is called ${name}, which no component can be called`,
          tree.build,
          'rename it in its Makefile.uk: lower-case letters, digits, and _ or - between them',
        );
      }
      const before = found.get(name) ?? [];
      found.set(name, [...before, { configuration, tree, library, version: versionOf(tree, library) }]);
    }
  }
  const names = [...found.keys()].sort(byCodeUnit);
  for (const name of names) addLibrary(name, found.get(name) ?? [], trees, from, files);
  addWhole(found, trees, from, files);
  return [...names, wholeComponent];
}

/** Libraries from outside of Unikraft have a version of their own, in their Makefile.uk. */
function versionOf({ roots, version }: BuildTree, { name, members }: Library): string {
  const outside = members.flatMap(({ prerequisites }) => {
    const [label = '', ...rest] = (roots.labelled(prerequisites?.source ?? '') ?? '').split('/');
    return label.startsWith('library') ? [prerequisites?.source.slice(0, -rest.join('/').length) ?? ''] : [];
  });
  const [directory] = outside;
  if (directory === undefined) return version;
  const text = roots.text(`${directory}Makefile.uk`);
  const [, written = ''] =
    new RegExp(`^${name.toUpperCase().replaceAll('.', '\\.')}_VERSION\\s*[:?]?=\\s*v?(\\S+)\\s*$`, 'm').exec(
      text,
    ) ?? [];
  const own = isVersion(written) ? written : `${written}.0`;
  return isVersion(own) ? own : version;
}

function addLibrary(
  name: string,
  occurrences: readonly Occurrence[],
  trees: readonly ImportedTree[],
  from: string,
  files: NewTree,
): void {
  const [first] = occurrences;
  if (first === undefined) return;
  const { version } = first;
  const other = occurrences.find((one) => one.version !== version);
  if (other !== undefined) {
    throw refused(
      `the trees have several versions of ${name}: ${version} and ${other.version}`,
      other.tree.build,
      'build them with one version of it',
    );
  }
  const objects: Buffer[] = [];
  const holders: Occurrence[][] = [];
  for (const one of occurrences) {
    const same = objects.findIndex((object) => object.equals(one.library.object));
    if (same === -1) {
      objects.push(one.library.object);
      holders.push([one]);
    } else holders[same]?.push(one);
  }
  const arches = [...new Set(occurrences.map(({ tree }) => tree.arch))];
  const isAlike = arches.every((arch) => isSameIn(arch, occurrences, holders, trees));
  const when = (group: readonly Occurrence[]) =>
    present({
      arch: [...new Set(group.map(({ tree }) => tree.arch))],
      configuration: isAlike ? undefined : group.map(({ configuration }) => configuration),
    });
  const component = {
    framework: 'unikraft',
    name,
    version,
    license: 'BSD-3-Clause',
    affectedBy: ['arch', 'platform', ...(isAlike ? [] : ['configuration'])],
    objects: holders.map((group, index) => ({ files: `${index}/${name}.o`, when: when(group) })),
    matrix: matrix(occurrences, isAlike),
  };
  files.set(`${name}/component.yaml`, { content: documentText(component, from) });
  for (const [index, content] of objects.entries()) files.set(`${name}/${index}/${name}.o`, { content });
}

/**
 * Whether one object serves an architecture whatever the configuration. Where the first configuration is of another
 * architecture, nothing could be checked without naming one.
 */
function isSameIn(
  arch: string,
  occurrences: readonly Occurrence[],
  holders: readonly (readonly Occurrence[])[],
  trees: readonly ImportedTree[],
): boolean {
  const all = trees.filter(({ tree }) => tree.arch === arch);
  const here = occurrences.filter(({ tree }) => tree.arch === arch);
  const kinds = holders.filter((group) => group.some(({ tree }) => tree.arch === arch));
  return trees[0]?.tree.arch === arch && all.length === here.length && kinds.length === 1;
}

function matrix(
  occurrences: readonly Pick<Occurrence, 'configuration' | 'tree'>[],
  isAlike: boolean,
): object {
  const arches = [...new Set(occurrences.map(({ tree }) => tree.arch))];
  const of = (arch: string) =>
    occurrences.filter(({ tree }) => tree.arch === arch).map(({ configuration }) => configuration);
  return present({
    arch: arches,
    platform: [...new Set(occurrences.map(({ tree }) => tree.platform))],
    configuration: isAlike ? undefined : occurrences.map(({ configuration }) => configuration),
    only:
      isAlike || arches.length === 1 ? undefined : arches.map((arch) => ({ arch, configuration: of(arch) })),
  });
}

/** The component that holds headers and linker scripts, and depends on all libraries of its configuration. */
function addWhole(
  found: ReadonlyMap<string, readonly Occurrence[]>,
  trees: readonly ImportedTree[],
  from: string,
  files: NewTree,
): void {
  const headers = trees.map(({ tree }) => publicHeaders(tree, appFlags(tree).searched));
  const common = new Set(
    [...(headers[0]?.keys() ?? [])].filter((path) => {
      const content = headers[0]?.get(path);
      return content !== undefined && headers.every((each) => each.get(path)?.equals(content));
    }),
  );
  const scripts: object[] = [];
  for (const [index, { configuration, tree }] of trees.entries()) {
    const { link, roots } = tree;
    for (const [path, content] of headers[index] ?? []) {
      files.set(`${wholeComponent}/include/${common.has(path) ? 'common' : configuration}/${path}`, {
        content,
      });
    }
    for (const [position, script] of [link.defaultScript, ...link.extraScripts].entries()) {
      const name = `${String(position).padStart(2, '0')}-${script.split('/').at(-1)}`;
      const file = `scripts/${configuration}/${name}`;
      files.set(`${wholeComponent}/${file}`, { content: roots.read(script) });
      const kind = position === 0 ? 'default' : undefined;
      scripts.push(present({ file, kind, when: { configuration } }));
    }
  }
  const include = [
    ...(common.size > 0 ? [{ directory: 'include/common' }] : []),
    ...trees.flatMap(({ configuration }, index) =>
      (headers[index]?.size ?? 0) > common.size
        ? [{ directory: `include/${configuration}`, when: { configuration } }]
        : [],
    ),
  ];
  const all = new Set(trees.map(({ configuration }) => configuration));
  const dependencies = Object.fromEntries(
    [...found]
      .sort(([a], [b]) => byCodeUnit(a, b))
      .map(([name, occurrences]) => {
        const version = occurrences[0]?.version ?? '';
        const configuration = occurrences.map(({ configuration }) => configuration);
        return [name, configuration.length === all.size ? version : { version, when: { configuration } }];
      }),
  );
  const component = {
    framework: 'unikraft',
    name: wholeComponent,
    version: trees[0]?.tree.version,
    description: 'A configuration of Unikraft: its headers, its linker scripts, and all of its libraries',
    license: 'BSD-3-Clause',
    dependencies,
    affectedBy: ['arch', 'platform', 'configuration'],
    include,
    scripts,
    matrix: matrix(trees, false),
  };
  files.set(`${wholeComponent}/component.yaml`, { content: documentText(component, from) });
}
