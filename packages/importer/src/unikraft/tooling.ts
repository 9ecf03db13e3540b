import { present } from 'bunny-libos-spec';
import { machineTriplets } from '../machines.js';
import type { RootContent } from '../make-root.js';
import { appFlags } from './app-flags.js';
import type { BuildTree } from './build-tree.js';
import { exportedSymbols, type ImportedTree, outsideSymbols } from './imported-tree.js';
import { libraryIds } from './public-headers.js';
import { refused } from './refused.js';

/** Where the overlay puts what the commands of the framework run. */
const place = '/usr/lib/unikraft';

/** The component that every image needs: the headers, the scripts, and the libraries of a configuration. */
export const wholeComponent = 'unikraft';

/** The rules of the framework, as tooling.yaml has them. */
export function toolingDocument(trees: readonly ImportedTree[], rootfs: object): object {
  const [first] = trees;
  const { version = '', describedVersion } = first?.tree ?? {};
  const [major, minor] = version.split('.');
  const compile = '$cc $FLAGS -D__LIBNAME__=$app -D__BASENAME__=$basename $includes $defines $flags';
  const language = (files: string, flags: string) => {
    const words = compile.replace('$FLAGS', flags);
    return {
      files,
      compile: `${words} -MD -MF $depfile -c $in -o $out`,
      preprocess: `${words} -E -M -MG -MF $out $in`,
      depfile: 'gcc',
    };
  };
  const byConfiguration = (words: (tree: BuildTree) => string | string[]) => grouped(trees, words);
  const arches = [...new Set(trees.map(({ tree }) => tree.arch))];
  return {
    framework: 'unikraft',
    version,
    abi: `unikraft-${major}.${minor}`,
    description: `Unikraft ${describedVersion}, as it was built`,
    license: 'BSD-3-Clause',
    rootfs,
    overlay: 'overlay',
    settings: {
      arch: arches,
      platform: [...new Set(trees.map(({ tree }) => tree.platform))],
      configuration: {
        values: trees.map(({ configuration }) => configuration),
        description: 'Which of the imported builds: each was configured as a whole',
      },
    },
    variables: {
      machine: arches.map((arch) => ({ words: machineTriplets.get(arch), when: { arch } })),
      cc: arches.map((arch) => ({
        words: `${machineTriplets.get(arch)}-gcc-${gccOf(trees, arch)}`,
        when: { arch },
      })),
      layer: trees.map(({ configuration }) => ({
        words: `${place}/configurations/${configuration}`,
        when: { configuration },
      })),
      app: byConfiguration(appName),
      cflags: byConfiguration((tree) => appFlags(tree).c.map(literal)),
      asflags: byConfiguration((tree) => appFlags(tree).asm.map(literal)),
    },
    languages: { c: language('*.c', '$cflags'), asm: language('*.S', '$asflags') },
    targets: arches.map((arch) => ({
      arch,
      platform: 'qemu',
      link: `sh ${place}/link $layer $machine $cc $map $out $defaultScript $scripts -- $objects`,
      defaultScriptFlag: '-dT',
      base: { [wholeComponent]: version },
      generate: generators(trees.filter(({ tree }) => tree.arch === arch)),
      postLink: [{ name: 'finish', command: `sh ${place}/finish $layer $machine $cc $in $out` }],
      ...definedElsewhere(trees.filter(({ tree }) => tree.arch === arch)),
      rootfs: 'initrd',
      monitor: monitor(arch),
    })),
    template: appTemplate(trees),
  };
}

/** Symbols that apps and the link bring. */
function definedElsewhere(trees: readonly ImportedTree[]): { appDefines: string[]; linkDefines?: string[] } {
  const outside = trees.map(({ tree }) => outsideSymbols(tree));
  const app = new Set(['main']);
  // What only some configurations ask of an app, not every app has.
  for (const symbol of outside[0]?.app ?? [])
    if (outside.every((one) => one.app.includes(symbol))) app.add(symbol);
  const linked = new Set(
    outside.flatMap(({ link, app: others }) => [...link, ...others.filter((symbol) => !app.has(symbol))]),
  );
  return present({ appDefines: [...app], linkDefines: linked.size === 0 ? undefined : [...linked].sort() });
}

/** What the root holds: the compilers that the trees were built with, and what their scripts run. */
export function rootContent(trees: readonly ImportedTree[]): RootContent {
  const arches = [...new Set(trees.map(({ tree }) => tree.arch))];
  const machines = arches.map((arch) => ({
    machine: machineTriplets.get(arch) ?? '',
    arch,
    gcc: gccOf(trees, arch),
  }));
  const isNative = (arch: string) => arch === 'amd64';
  return {
    packages: [
      ...['dash', 'ninja-build', 'binutils', 'coreutils', 'mawk', 'python3'],
      ...machines.flatMap(({ machine, arch, gcc }) =>
        isNative(arch) ? [`gcc-${gcc}`] : [`gcc-${gcc}-${machine}`, `binutils-${machine}`],
      ),
    ],
    programs: [
      ...['ninja', 'mawk', 'cat', 'cp', 'mkdir', 'sort', 'nm', 'objdump', 'readelf'],
      ...machines.flatMap(({ machine, gcc }) =>
        [`gcc-${gcc}`, 'as', 'ld', 'ld.bfd', 'objcopy', 'strip', 'nm', 'objdump', 'readelf'].map(
          (tool) => `${machine}-${tool}`,
        ),
      ),
    ],
    directories: machines.flatMap(({ machine, arch, gcc }) => {
      const below = `usr/lib/gcc${isNative(arch) ? '' : '-cross'}/${machine}/${gcc}`;
      return ['cc1', 'collect2', 'lto1', 'lto-wrapper', 'liblto_plugin.so', 'libgcc.a'].map(
        (name) => `${below}/${name}`,
      );
    }),
    python: true,
  };
}

/** The compiler of an architecture: objects of two are not mixed. */
function gccOf(trees: readonly ImportedTree[], arch: string): number {
  const versions = new Map(
    trees.filter(({ tree }) => tree.arch === arch).map(({ tree }) => [tree.gcc, tree.build]),
  );
  const [gcc = 0] = versions.keys();
  if (versions.size === 1) return gcc;
  throw refused(
    `the trees for ${arch} were built with several versions of GCC`,
    [...versions.values()].join(', '),
    'build them with one',
    [...versions].map(([version, build]) => `GCC ${version}: ${build}`),
  );
}

function generators(trees: readonly ImportedTree[]): object[] {
  const names = [...new Set(trees.flatMap(({ perImage }) => perImage.map(({ name }) => name)))].sort();
  const make = (what: string) =>
    `sh ${place}/per-image $layer $machine $cc ${what} $components $name $app $out`;
  const when = (has: (tree: ImportedTree) => boolean) => ({
    when: { configuration: trees.filter(has).map(({ configuration }) => configuration) },
  });
  const withInfo = (one: ImportedTree) => one.hasAppInfo;
  return [
    { name: 'library-numbers', command: make('libid'), output: libraryIds, kind: 'header' },
    ...names.map((name) => {
      const has = ({ perImage }: ImportedTree) => perImage.some((one) => one.name === name);
      const defines = new Set(trees.filter(has).flatMap(({ tree }) => exportedSymbols(tree, name)));
      return {
        name: name.replaceAll('_', '-'),
        ...when(has),
        command: make(name),
        output: `${name}.o`,
        defines: [...defines].sort(),
      };
    }),
    ...(trees.some(withInfo)
      ? [{ name: 'app-info', ...when(withInfo), command: make('app-info'), output: 'app-info.o' }]
      : []),
  ];
}

/**
 * The name of the app's own library: as the tree has it, with the name of the image in place of its own, where that is a
 * part of it.
 */
function appName({ appLibrary, name }: BuildTree): string {
  const identifier = name.replaceAll(/[^A-Za-z0-9_]/g, '_');
  return appLibrary.includes(identifier) ? appLibrary.replace(identifier, '${identifier}') : appLibrary;
}

/** Words by configuration, those that have the same said once. */
function grouped(trees: readonly ImportedTree[], words: (tree: BuildTree) => string | string[]): object[] {
  const groups = new Map<string, { words: string | string[]; when: { configuration: string[] } }>();
  for (const { configuration, tree } of trees) {
    const own = words(tree);
    const key = JSON.stringify(own);
    const group = groups.get(key) ?? { words: own, when: { configuration: [] } };
    group.when.configuration.push(configuration);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function literal(word: string): string {
  return word.replaceAll('$', '$$$$');
}

function monitor(arch: string): object {
  const common =
    '-accel tcg -m $memory -no-user-config -nodefaults -no-reboot -display none -serial stdio -net none -kernel $image';
  return {
    command:
      arch === 'amd64'
        ? `qemu-system-x86_64 -M pc -cpu max ${common}`
        : `qemu-system-aarch64 -M virt -cpu max ${common}`,
    rootfs: '-initrd $rootfs',
    arguments: '-append $arguments',
    package: arch === 'amd64' ? 'qemu-system-x86' : 'qemu-system-arm',
  };
}

function appTemplate(trees: readonly ImportedTree[]): Record<string, string> {
  const [first] = trees;
  if (first === undefined) return {};
  const { configuration, tree } = first;
  const { arch, platform } = tree;
  const others =
    trees.length === 1
      ? ''
      : `# Imported: ${trees.map((one) => `${one.configuration} (${one.tree.arch})`).join(', ')}\n`;
  return {
    Bunnyfile: `version: v0.1
name: $name
platforms: { framework: unikraft, monitor: ${platform}, architecture: ${arch} }
app: { sources: ['*.c'] }
${others}settings: { configuration: ${configuration} }
`,
    'main.c': `#include <stdio.h>

int main(int argc, char *argv[])
{
	printf("Hello from $name\\n");
	for (int i = 1; i < argc; i++)
		printf("  %s\\n", argv[i]);
	return 0;
}
`,
  };
}
