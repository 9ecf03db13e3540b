import { HeldDirectory, listTree } from 'bunny-libos-oci';
import { BunnyError, isVersion, normaliseArchitecture } from 'bunny-libos-spec';
import { gccVersion } from '../compiler-version.js';
import { machineTriplets } from '../machines.js';
import { type CompilerWrapper, readCompilerWrapper } from './compiler-wrapper.js';
import { monitorOf } from './monitors.js';

/** Bindings for one platform: one object, and the script that links with it. */
export interface Bindings {
  platform: string;
  object: Buffer;
  script: Buffer;
}

/** The toolchain for one architecture. */
export interface Toolchain {
  triple: string;
  /** By its OCI name. */
  arch: string;
  /** Sorted by platform. */
  bindings: Bindings[];
  wrapper: CompilerWrapper;
  /** Headers of the compiler, by their paths below `include/TRIPLE`. */
  headers: Map<string, Buffer>;
  /** Major version of the GCC that made the bindings. */
  gcc: number;
}

/** An installed Solo5. */
export interface Installation {
  /** Three numbers, without what `git describe` adds. */
  version: string;
  /** As the bindings say it. */
  describedVersion: string;
  /** Sorted by architecture. */
  toolchains: Toolchain[];
  /** Public headers by their names. */
  headers: Map<string, Buffer>;
  elftool: Buffer;
  /** Bindings that are there and not taken: `x86_64/muen`. */
  leftOut: string[];
}

/** Bytes that one file may have: real ones have at most 400 KB. */
const limits = { text: 1 << 20, object: 16 << 20, program: 64 << 20 };
/** Headers that one directory may hold: a compiler has less than 200. */
const mostHeaders = 2000;

/**
 * Reads what `make install` of Solo5 0.7 or newer left below a prefix. Nothing is run, no link is followed. Throws
 * BUNNY_EIMPORT where it is not there or not whole, and as HeldDirectory.
 */
export function readInstallation(prefix: string): Installation {
  const root = HeldDirectory.open(prefix);
  try {
    const triples = namesOf(root, 'lib').filter((name) => /^\w+-solo5-[\w-]+$/.test(name));
    if (triples.length === 0) throw notInstalled(root);
    const leftOut: string[] = [];
    const toolchains = triples.flatMap((triple) => readToolchain(root, triple, leftOut) ?? []);
    if (toolchains.length === 0) {
      throw refused('it has no bindings that Bunny can boot', root.path, {
        hint: 'configure Solo5 with its hvt, spt or virtio target',
        details: leftOut,
      });
    }
    const { version, describedVersion } = versionOf(toolchains, root.path);
    return {
      version,
      describedVersion,
      toolchains: toolchains.sort((a, b) => (a.arch < b.arch ? -1 : 1)),
      headers: readHeaders(root, 'include/solo5', false),
      elftool: readProgram(root),
      leftOut,
    };
  } finally {
    root.close();
  }
}

function readToolchain(root: HeldDirectory, triple: string, leftOut: string[]): Toolchain | undefined {
  const [machine = ''] = triple.split('-');
  const arch = normaliseArchitecture(machine);
  const below = `lib/${triple}`;
  const names = namesOf(root, below);
  const bindings: Bindings[] = [];
  for (const name of names) {
    const [, platform] = /^solo5_(\w+)\.o$/.exec(name) ?? [];
    // The stub is for what configures itself by linking, and boots nowhere.
    if (platform === undefined || platform === 'stub') continue;
    if (!machineTriplets.has(arch) || monitorOf(platform, arch) === undefined) {
      leftOut.push(`${machine}/${platform}`);
      continue;
    }
    const script = `solo5_${platform}.lds`;
    if (!names.includes(script)) {
      throw refused(`the bindings ${name} have no linker script ${script}`, `${root.path}/${below}`, {
        hint: 'reinstall Solo5: this installation is incomplete',
      });
    }
    const object = root.read(`${below}/${name}`, { limit: limits.object });
    bindings.push({ platform, object, script: root.read(`${below}/${script}`, { limit: limits.text }) });
  }
  const [first] = bindings;
  if (first === undefined) return undefined;
  const compiler = `bin/${triple}-cc`;
  const wrapper = readCompilerWrapper(readText(root, compiler), triple, `${root.path}/${compiler}`);
  const gcc = gccVersion(first.object);
  if (gcc === undefined) {
    throw refused('the bindings do not say that GCC made them', `${root.path}/${below}`, {
      hint: 'build Solo5 with GCC: apps are compiled with the compiler that its bindings were',
    });
  }
  const headers = wrapper.hasOwnHeaders ? readHeaders(root, `include/${triple}`, true) : new Map();
  return { triple, arch, bindings, wrapper, headers, gcc };
}

/** All bindings are of one version: they and their tools change together. */
function versionOf(toolchains: readonly Toolchain[], where: string) {
  const said = new Map<string, string>();
  for (const { triple, bindings } of toolchains) {
    for (const { platform, object } of bindings) {
      const [, version] = /\0v(\d+\.\d+\.\d+[\w.-]{0,60})\0/.exec(object.toString('latin1')) ?? [];
      if (version === undefined) {
        throw refused(`the bindings ${triple}/${platform} do not say their version`, where, {
          hint: 'build Solo5 from its repository, or from a release',
        });
      }
      said.set(version, `${triple}/${platform}`);
    }
  }
  const [describedVersion = ''] = said.keys();
  if (said.size > 1) {
    throw refused('its bindings are of several versions', where, {
      hint: 'install one version of Solo5 into a prefix of its own',
      details: [...said].map(([version, which]) => `${which}: ${version}`),
    });
  }
  const [version = ''] = /^\d+\.\d+\.\d+/.exec(describedVersion) ?? [];
  if (isVersion(version)) return { version, describedVersion };
  throw refused(`its version ${describedVersion} does not begin with a semantic version`, where, {
    hint: 'build Solo5 from a release',
  });
}

function readHeaders(root: HeldDirectory, below: string, isDeep: boolean): Map<string, Buffer> {
  const directory = enter(root, below);
  try {
    const found = listTree(directory).filter(({ path }) => isDeep || !path.includes('/'));
    const headers = found.filter(({ kind, path }) => kind !== 'directory' && path.endsWith('.h'));
    if (headers.length === 0 || headers.length > mostHeaders) {
      throw refused(`there are ${headers.length} headers`, directory.path, {
        hint: 'reinstall Solo5, into a prefix of its own',
      });
    }
    return new Map(headers.map(({ path }) => [path, directory.read(path, { limit: limits.text })]));
  } finally {
    directory.close();
  }
}

function readProgram(root: HeldDirectory): Buffer {
  if (!namesOf(root, 'bin').includes('solo5-elftool')) {
    throw refused('it has no solo5-elftool, which makes the manifest of each image', `${root.path}/bin`, {
      hint: 'configure Solo5 without --disable-elftool',
    });
  }
  return root.read('bin/solo5-elftool', { limit: limits.program });
}

function readText(root: HeldDirectory, below: string): string {
  if (!namesOf(root, 'bin').includes(below.slice('bin/'.length))) {
    throw refused(`it has no ${below}`, root.path, { hint: 'install the toolchain of Solo5 as well' });
  }
  return root.read(below, { limit: limits.text }).toString();
}

/** Names in a directory below the prefix; none where it is not there. */
function namesOf(root: HeldDirectory, below: string): string[] {
  const [first = '', ...rest] = below.split('/');
  const status = root.status(first);
  if (status === undefined) return [];
  const directory = root.enter(first);
  try {
    return rest.length === 0 ? directory.list() : namesOf(directory, rest.join('/'));
  } finally {
    directory.close();
  }
}

function enter(root: HeldDirectory, below: string): HeldDirectory {
  const [first = '', second = ''] = below.split('/');
  if (namesOf(root, first).includes(second)) return root.below(below);
  throw refused(`it has no ${below}`, root.path, {
    hint: 'install the headers of Solo5 as well: make install',
  });
}

function notInstalled(root: HeldDirectory): BunnyError {
  const isOld = namesOf(root, 'lib/pkgconfig').some((name) => name.startsWith('solo5-bindings-'));
  return refused(
    isOld ? 'it was installed by a Solo5 before 0.7' : 'no toolchain of Solo5 is installed here',
    root.path,
    {
      hint: isOld
        ? 'install a newer Solo5'
        : 'name the prefix that Solo5 was configured with, after make install: it has lib/ARCH-solo5-none-static',
    },
  );
}

function refused(why: string, where: string, more: { hint: string; details?: string[] }): BunnyError {
  return new BunnyError('BUNNY_EIMPORT', why, { where, ...more });
}
