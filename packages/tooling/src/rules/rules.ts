import { basename } from 'node:path/posix';
import {
  BunnyError,
  exitStatus,
  type Generator,
  holds,
  type Language,
  type Position,
  type PostLinkStep,
  type Scalar,
  type Settings,
  type Template,
  type ToolingRules,
  type ToolingTarget,
} from 'bunny-libos-spec';
import { identifierOf } from './identifier.js';
import { expandTemplate, templateWords, usedNames } from './template.js';

/** The rules of a framework for one arch and platform, with the variables that hold there. */
export interface TargetRules {
  rules: ToolingRules;
  target: ToolingTarget;
  settings: Settings;
  variables: ReadonlyMap<string, Template>;
  /** What the rules are called in messages: `warren tooling 1.0.0`. */
  where: string;
  /** The files of components that the target names, where a command finds them; as far as they are known. */
  files?: ReadonlyMap<string, string> | undefined;
}

/**
 * The rules for the `arch` and `platform` in `settings`. A variable that both the target and the tooling
 * layer declare has the words of the target first, then those of the layer whose conditions hold.
 * Throws BunnyError BUNNY_ETARGET (exit status 1) where images are not made for that target.
 */
export function targetRules(rules: ToolingRules, settings: Settings): TargetRules {
  const where = `${rules.framework} tooling ${rules.version}`;
  const target = rules.targets.find(
    (each) => each.arch === settings.arch && each.platform === settings.platform,
  );
  if (target === undefined) {
    const existing = rules.targets.map((each) => `${each.arch}/${each.platform}`);
    throw new BunnyError('BUNNY_ETARGET', `no target ${settings.arch}/${settings.platform}`, {
      where,
      hint: `choose one that exists: ${existing.join(', ')}`,
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  return { rules, target, settings, variables: variablesOf(rules, target, settings), where };
}

function variablesOf(
  rules: ToolingRules,
  target: ToolingTarget,
  settings: Settings,
): ReadonlyMap<string, Template> {
  const variables = new Map<string, string[]>();
  const add = (name: string, words: Template) =>
    variables.set(name, [...(variables.get(name) ?? []), ...templateWords(words)]);
  for (const [name, words] of Object.entries(target.variables)) add(name, words);
  for (const [name, choices] of Object.entries(rules.variables)) {
    add(name, []);
    for (const choice of choices) if (holds(choice.when, settings)) add(name, choice.words);
  }
  return variables;
}

/** What one compilation takes. Paths are those inside the sandbox. */
export interface CompileInputs {
  /** Where the unit of the language is the app, all of its files. */
  in: string | readonly string[];
  out: string;
  depfile: string;
  /** Directories, in the order of search. */
  includes: readonly string[];
  /** `true` defines as 1, `false` not at all, anything else as its value. */
  defines: Readonly<Record<string, Scalar>>;
  flags: readonly string[];
  /** The component or app that is compiled. */
  name: string;
}

/** The words that compile one source in `language`. Throws BUNNY_ETEMPLATE, BUNNY_ELANGUAGE. */
export function compileCommand(target: TargetRules, language: string, inputs: CompileInputs): string[] {
  const rule = languageRule(target, language);
  return expand(target, rule.compile, `languages.${language}.compile`, {
    ...sourceValues(rule, inputs),
    depfile: [fileWord(inputs.depfile)],
  });
}

/**
 * The words that write which headers one source includes. Undefined where the language has no such command.
 * Throws BUNNY_ETEMPLATE, BUNNY_ELANGUAGE.
 */
export function preprocessCommand(
  target: TargetRules,
  language: string,
  inputs: Omit<CompileInputs, 'depfile'>,
): string[] | undefined {
  const rule = languageRule(target, language);
  if (rule.preprocess === undefined) return undefined;
  return expand(target, rule.preprocess, `languages.${language}.preprocess`, sourceValues(rule, inputs));
}

function languageRule(target: TargetRules, language: string): Language {
  const rule = Object.hasOwn(target.rules.languages, language) ? target.rules.languages[language] : undefined;
  if (rule === undefined) throw unknownLanguage(target.rules, language);
  return rule;
}

function sourceValues(
  rule: Language,
  inputs: Omit<CompileInputs, 'depfile'>,
): Record<string, readonly string[]> {
  return {
    in: [inputs.in].flat().map(fileWord),
    out: [fileWord(inputs.out)],
    ...(typeof inputs.in === 'string' ? { basename: [basename(inputs.in)] } : {}),
    includes: inputs.includes.map((directory) => `${rule.includeFlag}${directory}`),
    defines: defineWords(rule.defineFlag, inputs.defines),
    flags: inputs.flags,
    ...nameValues(inputs.name),
  };
}

/** A name as it is, and as a part of a C identifier. */
function nameValues(name: string): Record<'name' | 'identifier', readonly string[]> {
  return { name: [name], identifier: [identifierOf(name)] };
}

/** One word for each macro that is not `false`, in the order given. */
function defineWords(flag: string, defines: Readonly<Record<string, Scalar>>): string[] {
  return Object.entries(defines)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => `${flag}${name}=${value === true ? 1 : value}`);
}

/** The error for a language that the tooling layer does not have. */
export function unknownLanguage(
  rules: ToolingRules,
  language: string,
  where: Position | string = `${rules.framework} tooling ${rules.version}`,
): BunnyError {
  return new BunnyError('BUNNY_ELANGUAGE', `${rules.framework} has no language ${JSON.stringify(language)}`, {
    where,
    hint: `choose one of: ${Object.keys(rules.languages).sort().join(', ')}`,
  });
}

/** What a link takes. Paths are those inside the sandbox. */
export interface LinkInputs {
  objects: readonly string[];
  /** Extra linker scripts. */
  scripts: readonly string[];
  defaultScript?: string | undefined;
  map: string;
  out: string;
}

/** The words that link an image. Throws BUNNY_ETEMPLATE. */
export function linkCommand(rules: TargetRules, inputs: LinkInputs): string[] {
  const { target } = rules;
  const scriptFlag = expand(rules, target.scriptFlag, 'scriptFlag', {});
  const defaultScriptFlag = expand(rules, target.defaultScriptFlag, 'defaultScriptFlag', {});
  const { defaultScript } = inputs;
  return expand(rules, target.link, 'link', {
    objects: inputs.objects.map(fileWord),
    scripts: inputs.scripts.flatMap((script) => [...scriptFlag, script]),
    defaultScript: defaultScript === undefined ? [] : [...defaultScriptFlag, defaultScript],
    entry: [target.entry],
    map: [inputs.map],
    out: [inputs.out],
  });
}

/** Whether the link command of this target takes two definitions of one symbol, as GNU ld and lld are told to. */
export function takesDuplicates(rules: TargetRules): boolean {
  const words = linkCommand(rules, { objects: [], scripts: [], map: '$map', out: '$out' }).join(' ');
  return /(?:^|[\s,])(?:--?allow-multiple-definition|-z[\s,]?muldefs)(?=$|[\s,])/.test(words);
}

/** Whether the link command of this target uses `$defaultScript`, itself or by way of variables. Throws BUNNY_ETEMPLATE. */
export function takesDefaultScript({ target, variables, where }: TargetRules): boolean {
  return usedNames(target.link, variables, where).has('defaultScript');
}

/** The objects to make for each image of this target, in order. */
export function generatorsOf({ target, settings }: TargetRules): Generator[] {
  return target.generate.filter((generator) => holds(generator.when, settings));
}

/** What generators and post-link steps know of the closure. Paths are those inside the sandbox. */
export interface ClosureInputs {
  /** A JSON file: image name, settings, components with name, version, options and layer hash. */
  closure: string;
  /** A text file: a line `name version layerHash` for each component, sorted by name. */
  components: string;
  /** The image. */
  name: string;
  out: string;
}

/**
 * The words that make one object or source from the closure. Before the directories in `$includes` stands the flag of
 * the `language` that its output is in; where that is an object, of the first language that the framework has.
 * Throws BUNNY_ETEMPLATE, BUNNY_ELANGUAGE.
 */
export function generatorCommand(
  target: TargetRules,
  generator: Generator,
  inputs: ClosureInputs & { includes: readonly string[]; language?: string | undefined },
): string[] {
  const language = inputs.language ?? Object.keys(target.rules.languages)[0];
  const flag = language === undefined ? '' : languageRule(target, language).includeFlag;
  return expand(target, generator.command, `generate.${generator.name}`, {
    closure: [inputs.closure],
    components: [inputs.components],
    ...nameValues(inputs.name),
    out: [inputs.out],
    includes: inputs.includes.map((directory) => `${flag}${directory}`),
  });
}

/** What is done to a linked image of this target, in order. */
export function postLinkSteps({ target, settings }: TargetRules): PostLinkStep[] {
  return target.postLink.filter((step) => holds(step.when, settings));
}

/** The names that a post-link step uses, itself or by way of variables. Throws BUNNY_ETEMPLATE. */
export function namesOfStep({ variables, where }: TargetRules, step: PostLinkStep): ReadonlySet<string> {
  return usedNames(step.command, variables, where);
}

/** The words of one post-link step. Throws BUNNY_ETEMPLATE. */
export function postLinkCommand(
  target: TargetRules,
  step: PostLinkStep,
  inputs: ClosureInputs & { in: string; linked: string; rootfs: string },
): string[] {
  return expand(target, step.command, `postLink.${step.name}`, {
    in: [inputs.in],
    out: [inputs.out],
    linked: [inputs.linked],
    rootfs: [inputs.rootfs],
    closure: [inputs.closure],
    components: [inputs.components],
    ...nameValues(inputs.name),
  });
}

/** What booting an image takes. Paths are those that the monitor sees. */
export interface BootInputs {
  image: string;
  rootfs?: string | undefined;
  /** For the app. */
  arguments: readonly string[];
  /** MiB; the rules' own where left out. */
  memory?: number | undefined;
}

/**
 * The words that boot an image. The app's arguments are joined by blanks into one word, as a kernel command
 * line is: an argument that holds a blank or a quote is put in double quotes, quotes and backslashes inside
 * escaped by a backslash.
 * Throws BUNNY_ETEMPLATE.
 */
export function monitorCommand(rules: TargetRules, inputs: BootInputs): string[] {
  const { monitor } = rules.target;
  const values = {
    image: [inputs.image],
    memory: [String(inputs.memory ?? monitor.memory)],
  };
  const rootfs = inputs.rootfs === undefined ? [] : [inputs.rootfs];
  const given = { ...values, arguments: inputs.arguments, rootfs };
  const line = inputs.arguments.map(quoteArgument).join(' ');
  return [
    ...expand(rules, monitor.command, 'monitor.command', given),
    ...(rootfs.length === 0 ? [] : expand(rules, monitor.rootfs, 'monitor.rootfs', { ...values, rootfs })),
    ...(inputs.arguments.length === 0
      ? []
      : expand(rules, monitor.arguments, 'monitor.arguments', { ...values, arguments: [line] })),
  ];
}

function quoteArgument(argument: string): string {
  return /^[^\s"'\\]+$/.test(argument) ? argument : `"${argument.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** A compiler takes a leading `-` for a flag and a leading `@` for a response file. */
function fileWord(path: string): string {
  return /^[-@]/.test(path) ? `./${path}` : path;
}

function expand(
  rules: TargetRules,
  template: Template,
  part: string,
  values: Readonly<Record<string, readonly string[]>>,
): string[] {
  const named = [
    ...(rules.target.files ?? []),
    ...rules.target.postLink.flatMap(({ output }) => output ?? []),
  ];
  const files = named.map((name) => [name, [rules.files?.get(name) ?? `$${name}`]] as const);
  const scope = { values: new Map([...files, ...Object.entries(values)]), variables: rules.variables };
  return expandTemplate(template, scope, `${rules.where}: ${part}`);
}
