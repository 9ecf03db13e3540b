import { machineTriplets } from '../machines.js';
import type { RootContent } from '../make-root.js';
import type { Installation, Toolchain } from './installation.js';
import { monitorOf } from './monitors.js';

/** Where the overlay puts what the commands of the framework read. */
const place = '/usr/lib/solo5';

/** The rules of the framework, as tooling.yaml has them. */
export function toolingDocument(installation: Installation, rootfs: object): object {
  const { version, describedVersion, toolchains } = installation;
  const platforms = [
    ...new Set(toolchains.flatMap(({ bindings }) => bindings.map(({ platform }) => platform))),
  ];
  const compile = '$cc $cflags $includes $defines $flags';
  const [major, minor] = version.split('.');
  const c = (files: string) => ({
    files,
    compile: `${compile} -MD -MF $depfile -c $in -o $out`,
    preprocess: `${compile} -E -M -MG -MF $out $in`,
    depfile: 'gcc',
  });
  return {
    framework: 'solo5',
    version,
    abi: `solo5-${major}.${minor}`,
    description: `Solo5 ${describedVersion}: a sandboxed execution environment for unikernels`,
    license: 'ISC',
    rootfs,
    overlay: 'overlay',
    settings: { arch: toolchains.map(({ arch }) => arch), platform: preferred(platforms) },
    variables: {
      cc: toolchains.map(({ arch, gcc }) => forArch(arch, `${machineTriplets.get(arch)}-gcc-${gcc}`)),
      ld: toolchains.map(({ arch }) => forArch(arch, `${machineTriplets.get(arch)}-ld`)),
      cflags: toolchains.map((toolchain) => forArch(toolchain.arch, compilerFlags(toolchain))),
    },
    languages: {
      c: c('*.c'),
      asm: c('*.S'),
      manifest: {
        files: 'manifest.json',
        compile: `sh ${place}/compile-manifest $in $out $cc $cflags $includes`,
      },
    },
    targets: toolchains.flatMap(({ arch, bindings }) =>
      preferred(bindings.map(({ platform }) => platform)).map((platform) => ({
        arch,
        platform,
        link: '$ld -nostdlib -static --build-id=none -z max-page-size=0x1000 $defaultScript $objects -Map=$map -o $out',
        base: { bindings: `^${version}` },
        appDefines: ['solo5_app_main', '__solo5_mft1_note'],
        monitor: monitorOf(platform, arch),
      })),
    ),
    template: appTemplate(toolchains),
  };
}

/** Files of the overlay, by their paths in it. */
export function overlayFiles({
  elftool,
  toolchains,
}: Installation): Map<string, { content: string | Buffer; executable?: boolean }> {
  return new Map<string, { content: string | Buffer; executable?: boolean }>([
    ['usr/bin/solo5-elftool', { content: elftool, executable: true }],
    ['usr/lib/solo5/compile-manifest', { content: compileManifest }],
    ...toolchains.flatMap(({ triple, headers }) =>
      [...headers].map(([path, content]) => [`usr/lib/solo5/${triple}/${path}`, { content }] as const),
    ),
  ]);
}

/** What the root holds: the compilers that made the bindings, and their binutils. */
export function rootContent(toolchains: readonly Toolchain[]): RootContent {
  const machines = toolchains.map(({ arch, gcc }) => ({
    machine: machineTriplets.get(arch) ?? '',
    arch,
    gcc,
  }));
  const isCross = (arch: string) => arch !== 'amd64';
  return {
    packages: [
      'dash',
      'ninja-build',
      ...machines.flatMap(({ machine, arch, gcc }) =>
        isCross(arch) ? [`gcc-${gcc}-${machine}`, `binutils-${machine}`] : [`gcc-${gcc}`, 'binutils'],
      ),
    ],
    programs: [
      'ninja',
      ...machines.flatMap(({ machine, gcc }) => [`${machine}-gcc-${gcc}`, `${machine}-as`, `${machine}-ld`]),
    ],
    directories: machines.flatMap(({ machine, arch, gcc }) => {
      const below = `usr/lib/gcc${isCross(arch) ? '-cross' : ''}/${machine}/${gcc}`;
      return [`${below}/cc1`, `${below}/include`];
    }),
  };
}

const order = ['spt', 'hvt', 'virtio'];

/** The tender that needs nothing of the machine comes first. */
function preferred(platforms: readonly string[]): string[] {
  return platforms.toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
}

function compilerFlags({ triple, wrapper }: Toolchain): string {
  const own = wrapper.hasOwnHeaders ? ['-isystem', `${place}/${triple}`] : [];
  return [...wrapper.flags, ...own].join(' ');
}

function forArch(arch: string, words: string): object {
  return { words, when: { arch } };
}

const compileManifest = `# Usage: sh compile-manifest MANIFEST OUT CC [FLAGS...]
# Compiles a manifest.json to the object that an image carries it in.
set -e
manifest=$1 out=$2
shift 2
solo5-elftool gen-manifest "$manifest" "$out.c"
exec "$@" -c "$out.c" -o "$out"
`;

function appTemplate(toolchains: readonly Toolchain[]): Record<string, string> {
  const targets = toolchains.flatMap(({ arch, bindings }) =>
    preferred(bindings.map(({ platform }) => platform)).map(
      (platform) => `  - { arch: ${arch}, platform: ${platform} }\n`,
    ),
  );
  return {
    Bunnyfile: `version: v0.1
name: $name
platforms: { framework: solo5 }
app: { sources: ['*.c', manifest.json] }
targets:
${targets.join('')}`,
    'manifest.json': '{ "type": "solo5.manifest", "version": 1, "devices": [] }\n',
    'main.c': `#include <solo5.h>

static const char greeting[] = "Hello from $name\\n";

int solo5_app_main(const struct solo5_start_info *info)
{
	(void)info;
	solo5_console_write(greeting, sizeof greeting - 1);
	return SOLO5_EXIT_SUCCESS;
}
`,
  };
}
