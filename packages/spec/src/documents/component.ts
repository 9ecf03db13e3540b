import type { Condition, Dependencies, Options, Scalar, Settings } from './vocabulary.js';

/** One option of a component, as `component.yaml` declares it. */
export interface OptionDeclaration {
  type: 'boolean' | 'integer' | 'string';
  default: Scalar;
  /** The allowed values, for `integer` and `string`. */
  values?: readonly Scalar[];
  minimum?: number;
  maximum?: number;
  /** Preprocessor macro: defined as 1 or left out for booleans, defined as the value otherwise. */
  define?: string;
  description?: string;
}

/** Files taken only where a condition holds. */
export interface ConditionalFiles {
  files: readonly string[];
  /** Globs of what this entry leaves out, though it is part of the source tree. */
  exclude?: readonly string[];
  when?: Condition;
}

/** Files to compile, and what the compiler is told for them beside what it is told for all. */
export interface SourceEntry extends Omit<ConditionalFiles, 'files'> {
  /** Left out, the entry is about all files that the others name. */
  files?: readonly string[];
  /** Directories of private headers, searched before all others. */
  include?: readonly string[];
  defines?: Readonly<Record<string, Scalar>>;
  flags?: readonly string[];
}

/** A directory of public headers. */
export interface HeaderDirectory {
  directory: string;
  /** Globs of the public ones, relative to the directory; all of them where left out. */
  files?: readonly string[];
  when?: Condition;
}

/** A linker script fragment that this component adds to every image it is part of. */
export interface LinkerScript {
  file: string;
  /** `default` replaces the linker's own script (one in a closure); `extra` is added to it. */
  kind: 'default' | 'extra';
  when?: Condition;
}

/** A file that is neither compiled nor linked, or a directory of them. */
export interface ComponentFiles {
  file?: string;
  directory?: string;
  /** The variable that a file is in commands. */
  name?: string;
  /** Absolute path in the root file system. */
  rootfs?: string;
  executable?: true;
  when?: Condition;
}

/** What `bunny publish` makes: the product of its rows. */
export interface Matrix {
  options?: readonly Options[];
  /** Only what meets one of these, over settings and options, is made. */
  only?: readonly Condition[];
  [setting: string]: readonly Scalar[] | readonly Options[] | readonly Condition[] | undefined;
}

/** Sources of others that a component was made from, as a port is. */
export interface Upstream {
  name: string;
  version?: string;
  /** Where they were fetched. */
  url?: string;
  /** `sha256:…` of what is there. */
  digest?: string;
  license?: string;
  /** Package URL, by which advisories know them. */
  purl?: string;
}

/** `component.yaml`, with every default filled in. */
export interface Component {
  framework: string;
  /** All that share it, where it says so: `framework` is the one at hand. */
  frameworks?: readonly string[];
  name: string;
  version: string;
  description?: string;
  license?: string;
  upstream?: readonly Upstream[];
  dependencies: Dependencies;
  conflicts: Readonly<Record<string, string>>;
  provides: Readonly<Record<string, string>>;
  options: Readonly<Record<string, OptionDeclaration>>;
  /** Settings that reach the objects. */
  affectedBy: readonly string[];
  /** Globs, relative to the component's directory. Empty when `objects` is given. */
  sources: readonly SourceEntry[];
  /** Prebuilt objects, for a component that is built elsewhere. */
  objects: readonly ConditionalFiles[];
  include: readonly HeaderDirectory[];
  /** Macros for this component's own sources. */
  defines: Readonly<Record<string, Scalar>>;
  /** More words for the compiler of this component's own sources. */
  flags: readonly string[];
  scripts: readonly LinkerScript[];
  /** Missing where there are none. */
  files?: readonly ComponentFiles[];
  /** Globs of files that are not part of the source tree. */
  exclude: readonly string[];
  matrix: Matrix;
}

/**
 * What a variant is and what it was made from. Its canonical JSON (RFC 8785) is what the layer hash
 * names; it holds nothing that is only known after the build.
 */
export interface ComponentIdentity {
  schema: 'https://bunny-libos.github.io/schema/component-identity/v1';
  framework: string;
  name: string;
  version: string;
  /** Only the settings that affect the objects. */
  settings: Settings;
  /** All options, defaults filled in. */
  options: Options;
  dependencies: Dependencies;
  provides: Readonly<Record<string, string>>;
  conflicts: Readonly<Record<string, string>>;
  /** Layer hash of the tooling layer. */
  tooling: string;
  /** sha256 of the source tree and of how it is compiled. */
  source: string;
}

/** One relocatable object of a component layer. */
export interface ObjectRecord {
  /** Path inside the layer: `objects/…`. */
  path: string;
  digest: string;
  /** Bytes of the file. */
  size: number;
  /** Bytes that reach the image: allocated sections, by kind. */
  text: number;
  data: number;
  bss: number;
  /** Names of global and weak symbols that the object defines, sorted. */
  defined: readonly string[];
  /** Names of the strong symbols that it leaves undefined, sorted. */
  undefined: readonly string[];
}

export interface FileRecord {
  path: string;
  digest: string;
}

export interface ScriptRecord extends FileRecord {
  kind: 'default' | 'extra';
  /** Symbols that the script assigns or provides, sorted. */
  defined: readonly string[];
}

/** The exact variants whose headers a variant was compiled against. */
export interface BuiltWithComponent {
  name: string;
  version: string;
  /** sha256 over the paths and digests of the headers. */
  headers: string;
}

/** The config of a component layer: `application/vnd.bunny.component.config.v1+json`. */
export interface ComponentConfig {
  schema: 'https://bunny-libos.github.io/schema/component-config/v1';
  identity: ComponentIdentity;
  layerHash: string;
  description?: string;
  license?: string;
  upstream?: readonly Upstream[];
  /** ABI name of the tooling layer that compiled it. */
  abi: string;
  /** Option declarations, so that users of the layer can be told what exists. */
  declares: Readonly<Record<string, OptionDeclaration>>;
  objects: readonly ObjectRecord[];
  headers: readonly FileRecord[];
  scripts: readonly ScriptRecord[];
  /** `files/NAME`, `root/…`. Missing where there are none. */
  files?: readonly FileRecord[];
  builtWith: readonly BuiltWithComponent[];
}
