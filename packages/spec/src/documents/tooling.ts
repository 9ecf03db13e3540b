import type { Condition, Scalar } from './vocabulary.js';

/**
 * A command or a part of one: words separated by blanks (or a list of words, where one holds a blank).
 * A word that is just `$name` becomes as many words as the variable has; `$name` or `${name}` inside
 * a longer word takes a variable of one word. `$$` is a dollar sign.
 */
export type Template = string | readonly string[];

/** A value with the condition (over the settings) under which it is taken. */
export interface ConditionalWords {
  words: Template;
  when?: Condition;
}

/** One setting that the framework knows, in order of preference. */
export interface SettingDeclaration {
  values: readonly Scalar[];
  default?: Scalar;
  description?: string;
}

export interface Language {
  /** File patterns, by base name: `*.c`. */
  files: readonly string[];
  /**
   * Compiles one source: `$in`, `$out`, `$depfile`, `$basename`, `$includes`, `$defines`, `$flags`, `$name`,
   * `$identifier` (see `variables` for the rest).
   */
  compile: Template;
  /** `app`: one compile makes one object of all files of the app in this language. */
  unit?: 'file' | 'app';
  /**
   * Writes to `$out` which headers one source includes, as a rule in make's format; headers that are missing
   * are named as they are included. `$in`, `$out`, `$basename`, `$includes`, `$defines`, `$flags`, `$name`, `$identifier`.
   */
  preprocess?: Template;
  /** Format of the dependency file that `compile` writes, if it writes one. */
  depfile?: 'gcc';
  /** Word in front of an include directory and of a macro. */
  includeFlag: string;
  defineFlag: string;
  /** Components that an app in this language needs beyond those it names, as name -> range. */
  implies: Readonly<Record<string, string>>;
}

/** An object, a source or a header made for each image from the list of what is in the closure. */
export interface Generator {
  name: string;
  when?: Condition;
  /**
   * Reads `$closure` (JSON: image name, settings, components with name, version, options and layer hash) or
   * `$components` (lines of `name version layerHash`) and writes `$out`. `$name`, `$identifier`, `$includes`.
   */
  command: Template;
  /** The file it writes. A `.o` is linked; a `.c` or `.S` is compiled as the language says, then linked. */
  output: string;
  /** A header is not linked: the app's sources, and what else is generated, find it as `output` names it. */
  kind?: 'header';
  /** Symbols that it defines; one for each component, and for the image, where one holds `$identifier`. */
  defines: readonly string[];
}

export interface PostLinkStep {
  name: string;
  when?: Condition;
  /** It makes a file beside the image: a variable of what comes after. */
  output?: string;
  /** Reads `$in` or a file of a component, writes `$out`; `$linked`, `$closure`, `$components`, `$name`, `$identifier` as in a generator. */
  command: Template;
}

/** How a monitor boots an image. */
export interface Monitor {
  /** Runs on the user's machine: `$image`, `$arguments`, `$rootfs`, `$memory` (MiB). */
  command: Template;
  /** Words added only where the image has a rootfs. */
  rootfs: Template;
  /** Words added only where there are arguments for the app: `$arguments` is them as one word. */
  arguments: Template;
  /** MiB. */
  memory: number;
  /** status of the app = (exit code of the monitor - offset) / factor, where that is a whole number. */
  exit: { offset: number; factor: number };
  /** Debian package that holds the monitor, for the message when it is missing. */
  package?: string;
}

/** The artifact types that a target may name: how it is linked is how they come about. Any image is made an `oci` one. */
export const artifactTypes: readonly string[] = ['elf'];

/** A range, or one that is needed only under some settings. */
export type BaseRequirement = string | { version: string; when?: Condition };

/** One arch and platform that images can be made for. */
export interface ToolingTarget {
  arch: string;
  platform: string;
  /** Words; they may use other variables. They come before those of the tooling layer as a whole. */
  variables: Readonly<Record<string, Template>>;
  /** `$objects`, `$scripts` (extra ones, each with scriptFlag), `$defaultScript`, `$entry`, `$map`, `$out`. */
  link: Template;
  entry: string;
  /** Words in front of an extra linker script and of the default one. */
  scriptFlag: Template;
  defaultScriptFlag: Template;
  /** Components or capabilities that every image needs, by name. */
  base: Readonly<Record<string, BaseRequirement>>;
  /** Files of components that commands use, by name: each is a variable. */
  files?: readonly string[];
  /** The linked file is a program in the root file system, at this absolute path, not the image. */
  app?: { rootfs: string };
  generate: readonly Generator[];
  /** Symbols that every app defines: `main`. */
  appDefines: readonly string[];
  /** Symbols that the link command brings by itself: from a library of the tooling root, by `--defsym`. */
  linkDefines?: readonly string[];
  postLink: readonly PostLinkStep[];
  /** Artifact types, the first being the default. */
  artifacts: readonly string[];
  /** Annotations of an OCI image: name -> template. Left out: those of urunc. */
  annotations?: Readonly<Record<string, string>>;
  /** Where the framework takes a file system: `initrd` (cpio, newc), else none. */
  rootfs?: 'initrd';
  /** Components and capabilities that read it: with none of them in a closure, nothing but the app may. */
  rootfsReaders?: readonly string[];
  monitor: Monitor;
}

/** A capability: who provides it when the user does not say. */
export interface CapabilityDeclaration {
  default?: string;
  /** Known providers, the default included. */
  providers: readonly string[];
  description?: string;
}

/** How the types of a component are described and compared. */
export interface TypeRules {
  /** Words added to `$flags` where a source is compiled once more, for its debug information. */
  flags: Template;
  /** Reads `$objects`, compiled so, and writes `$out`: the same text each time. `$includes`: directories of public headers. */
  describe: Template;
  /** Reads the two files of `$in`, the earlier first. Any status but 0: what was compiled with the earlier may break. */
  compare: Template;
}

/** The rules of a framework: `tooling.json` on the registry, `tooling.yaml` without `rootfs` and `overlay` in the source. */
export interface ToolingRules {
  framework: string;
  version: string;
  /** Objects of one ABI name link together, whichever tooling version made them. */
  abi: string;
  description?: string;
  license?: string;
  settings: Readonly<Record<string, SettingDeclaration>>;
  capabilities: Readonly<Record<string, CapabilityDeclaration>>;
  variables: Readonly<Record<string, readonly ConditionalWords[]>>;
  languages: Readonly<Record<string, Language>>;
  targets: readonly ToolingTarget[];
  /** Left out where versions are compared by their symbols alone. */
  types?: TypeRules;
  /** The files of a first app: path -> text. `bunny init` writes them. */
  template: Readonly<Record<string, string>>;
}

/** Where the root filesystem of a tooling layer comes from: just one of these. */
export interface RootfsSource {
  image?: string;
  directory?: string;
  tar?: string;
  /**
   * A program on the maintainer's machine that writes the root to the directory named by its last
   * argument. It is run again only when the program or one of the `inputs` changes.
   */
  command?: { run: readonly string[]; inputs: readonly string[] };
}

/** `tooling.yaml`. */
export interface Tooling extends ToolingRules {
  rootfs: RootfsSource;
  /** A directory that is laid over it, as a layer of its own. */
  overlay?: string;
}

/** What the layer hash of a tooling layer names. */
export interface ToolingIdentity {
  schema: 'https://bunny-libos.github.io/schema/tooling-identity/v1';
  framework: string;
  version: string;
  abi: string;
  /** sha256 of the canonical JSON of the rules. */
  rules: string;
  /** Digests of the uncompressed root filesystem layers (OCI diff IDs). */
  rootfs: readonly string[];
}

/** `tooling.json`, the rules layer of a tooling image. */
export interface ToolingDocument {
  schema: 'https://bunny-libos.github.io/schema/tooling/v1';
  identity: ToolingIdentity;
  layerHash: string;
  rules: ToolingRules;
}
