import { refused } from './refused.js';

/** The configuration of a build: values of symbols that are set, without their quotes. */
export type BuildConfig = ReadonlyMap<string, string>;

/** Reads `BUILD/config`, in the format of Kconfig. Lines that it does not know are passed over. */
export function readConfig(text: string): BuildConfig {
  const config = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, quoted, plain] = /^CONFIG_(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))$/.exec(line) ?? [];
    if (name !== undefined) config.set(name, quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '');
  }
  return config;
}

/** What a tree is for and what it was made from. */
export interface BuildFacts {
  /** `0.17.0` */
  version: string;
  /** With the commit: `0.17.0~eaf6fda1`. */
  describedVersion: string;
  /** By its OCI name. */
  arch: string;
  platform: string;
  /** CONFIG_UK_NAME */
  name: string;
  /** Unikraft's own directory. */
  base: string;
  app: string;
}

/** Versions that import has been tried with: what others leave may look alike and link to silence. */
const known = /^0\.17\.\d+/;

const architectures: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['arm64', 'arm64'],
]);

/** Throws BUNNY_EIMPORT for a configuration that cannot be imported. */
export function buildFacts(config: BuildConfig, where: string): BuildFacts {
  const value = (name: string): string => {
    const found = config.get(name);
    if (found !== undefined && found !== '') return found;
    throw refused(
      `the configuration of the tree does not have CONFIG_${name}`,
      where,
      'run make in it, and import it then',
    );
  };
  const describedVersion = value('UK_FULLVERSION');
  const [version = ''] = known.exec(describedVersion) ?? [];
  if (version === '') {
    throw refused(
      `the tree is of Unikraft ${describedVersion}, and import knows 0.17`,
      where,
      'build the app with Unikraft 0.17',
    );
  }
  const machine = value('UK_ARCH');
  const arch = architectures.get(machine);
  if (arch === undefined)
    throw refused(`import does not know the architecture ${machine}`, where, 'build for x86_64 or arm64');
  if (config.get('PLAT_KVM') !== 'y' || config.get('KVM_VMM_QEMU') !== 'y') {
    throw refused(
      'the tree is for another platform than QEMU',
      where,
      'configure Unikraft for KVM guests on QEMU',
    );
  }
  if ((config.get('LLVM_TARGET_ARCH') ?? '') !== '') {
    throw refused('the tree was built with clang', where, 'build it with GCC: import knows its commands');
  }
  return {
    version,
    describedVersion,
    arch,
    platform: 'qemu',
    name: value('UK_NAME'),
    base: value('UK_BASE'),
    app: value('UK_APP'),
  };
}
