import {
  BunnyError,
  formatPath,
  type Generator,
  type Language,
  type Path,
  type Position,
  type Settings,
  type Template,
  type ToolingRules,
  type ToolingTarget,
} from 'bunny-libos-spec';
import { annotationNames } from './image-annotations.js';
import { languageOf } from './languages.js';
import { monitorTakes } from './monitor-takes.js';
import { targetRules } from './rules.js';
import { expandTemplate, templateNames, usedNames } from './template.js';
import { clashingPaths, templatePathFault } from './template-path.js';

/** Turns a path into the document (`['targets', 0, 'link']`) into a place for messages. */
export type Places = (path: Path) => Position | string;

/** What each place offers beside the variables: a name of one word, or of any number of them. */
const offered = {
  compile: {
    in: 1,
    out: 1,
    depfile: 1,
    basename: 1,
    includes: 2,
    defines: 2,
    flags: 2,
    name: 1,
    identifier: 1,
  },
  compileApp: { in: 2, out: 1, depfile: 1, includes: 2, defines: 2, flags: 2, name: 1, identifier: 1 },
  preprocess: { in: 1, out: 1, basename: 1, includes: 2, defines: 2, flags: 2, name: 1, identifier: 1 },
  generate: { closure: 1, components: 1, name: 1, identifier: 1, out: 1, includes: 2 },
  link: { objects: 2, scripts: 2, defaultScript: 2, entry: 1, map: 1, out: 1 },
  flag: {},
  postLink: { in: 1, out: 1, linked: 1, rootfs: 1, closure: 1, components: 1, name: 1, identifier: 1 },
  output: { in: 1, out: 1, linked: 1, rootfs: 1, closure: 1, components: 1, name: 1, identifier: 1 },
  describeTypes: { objects: 2, includes: 2, out: 1 },
  compareTypes: { in: 2 },
  boot: { image: 1, arguments: 2, rootfs: 2, memory: 1 },
  bootRootfs: { image: 1, rootfs: 1, memory: 1 },
  bootArguments: { image: 1, arguments: 1, memory: 1 },
} as const satisfies Record<string, Record<string, 1 | 2>>;

type PlaceKind = keyof typeof offered;

/** What a command cannot do its work without. */
const needed: Partial<Record<PlaceKind, readonly string[]>> = {
  compile: ['in', 'out'],
  compileApp: ['in', 'out'],
  preprocess: ['in', 'out'],
  generate: ['out'],
  link: ['objects', 'out'],
  postLink: ['in', 'out'],
  output: ['out'],
  describeTypes: ['objects', 'out'],
  compareTypes: ['in'],
};

/** What is run, the first word of it being a program. */
const commands: ReadonlySet<PlaceKind> = new Set([
  'compile',
  'compileApp',
  'preprocess',
  'generate',
  'link',
  'postLink',
  'output',
  'describeTypes',
  'compareTypes',
  'boot',
]);

/** Where files of components are variables, too. */
const takesFiles: ReadonlySet<PlaceKind> = new Set([
  'generate',
  'link',
  'postLink',
  'output',
  'boot',
  'bootRootfs',
  'bootArguments',
]);

const reserved = new Set(Object.values(offered).flatMap((names) => Object.keys(names)));

/**
 * Checks every template for every target against the names that its place offers, and names that must be
 * unique: what reading tooling.yaml leaves open.
 * Throws BunnyError BUNNY_ETEMPLATE, BUNNY_ERULES, BUNNY_ELANGUAGE or BUNNY_EPATH for the first thing that is wrong.
 */
export function checkRules(rules: ToolingRules, at: Places = formatPath): void {
  checkVariables(rules, at);
  for (const index of rules.targets.keys()) checkTarget(rules, index, at);
  checkAppPaths(rules, at);
}

/** Whoever publishes a template is told here what `bunny init` would refuse to write. */
function checkAppPaths({ template }: ToolingRules, at: Places): void {
  const refuse = (path: string, why: string) => {
    throw new BunnyError('BUNNY_EPATH', `no app can have this file: ${why}`, {
      where: at(['template', path]),
      hint: 'rename it: a template writes files of the app, and nothing that other tools obey',
    });
  };
  for (const path of Object.keys(template)) {
    const fault = templatePathFault(path);
    if (fault !== undefined) refuse(path, `its path ${fault}`);
  }
  const clash = clashingPaths(Object.keys(template));
  if (clash !== undefined) refuse(clash[1], `there is ${clash[0]}`);
}

function checkVariables(rules: ToolingRules, at: Places): void {
  const known = new Set([...reserved, ...Object.keys(rules.variables)]);
  for (const target of rules.targets) for (const name of Object.keys(target.variables)) known.add(name);
  const check = (name: string, words: Template, path: Path) => {
    if (reserved.has(name)) {
      throw new BunnyError('BUNNY_ERULES', `the variable $${name} has the name of a built-in one`, {
        where: at(path),
        hint: 'choose another name',
      });
    }
    for (const used of templateNames(words, at(path))) {
      if (!known.has(used)) expandTemplate(words, everything(known), at(path));
    }
  };
  for (const [name, choices] of Object.entries(rules.variables)) {
    let item = 0;
    for (const { words, when } of choices) {
      // Texts that follow each other in the document's list are one choice here: a word each.
      const texts = when === undefined && typeof words !== 'string' ? words.map((word) => [word]) : [words];
      for (const text of texts) check(name, text, ['variables', name, item++]);
    }
  }
  rules.targets.forEach((target, index) => {
    for (const [name, words] of Object.entries(target.variables)) {
      check(name, words, ['targets', index, 'variables', name]);
    }
  });
}

function everything(names: ReadonlySet<string>) {
  return { values: new Map([...names].map((name) => [name, ['x']] as const)), variables: new Map() };
}

function checkTarget(rules: ToolingRules, index: number, at: Places): void {
  const target = rules.targets[index];
  if (target === undefined) return;
  const { variables } = targetRules(rules, defaultSettings(rules, target.arch, target.platform));
  /** Outputs of the steps so far. */
  const made: string[] = [];
  const check = (kind: PlaceKind, template: Template, ...path: (string | number)[]) => {
    const files = takesFiles.has(kind) ? [...(target.files ?? []), ...made] : [];
    const values = new Map<string, readonly string[]>([
      ...files.map((name) => [name, ['x']] as const),
      ...Object.entries(offered[kind]).map(
        ([name, count]) => [name, count === 1 ? ['x'] : ['x', 'y']] as const,
      ),
    ]);
    const words = expandTemplate(template, { values, variables }, at(path));
    if (commands.has(kind)) requireRunnable(words, at(path));
    const used = usedNames(template, variables, at(path));
    const isReading = kind === 'postLink' && [...files, 'linked', 'rootfs'].some((name) => used.has(name));
    const missing = needed[kind]?.find((name) => !used.has(name) && !(name === 'in' && isReading));
    if (missing !== undefined) {
      throw new BunnyError('BUNNY_ERULES', `the command does not use $${missing}`, {
        where: at(path),
        hint: missing === 'out' ? 'let it write to $out, not in place' : `let it read $${missing}`,
      });
    }
    return used;
  };
  (target.files ?? []).forEach((name, each) => {
    requireFreeName(name, [reserved, variables], at(['targets', index, 'files', each]));
  });
  let takesFlags = false;
  for (const [name, language] of Object.entries(rules.languages)) {
    const used = check(
      language.unit === 'app' ? 'compileApp' : 'compile',
      language.compile,
      'languages',
      name,
      'compile',
    );
    takesFlags ||= used.has('flags');
    requireDepfile(language, used.has('depfile'), at(['languages', name, 'compile']));
    if (language.preprocess !== undefined) {
      check('preprocess', language.preprocess, 'languages', name, 'preprocess');
    }
  }
  if (rules.types !== undefined) {
    check('flag', rules.types.flags, 'types', 'flags');
    if (!takesFlags) {
      // Nothing would be compiled with debug information, and every comparison would find nothing.
      throw new BunnyError('BUNNY_ERULES', 'no language compiles with $flags', {
        where: at(['types', 'flags']),
        hint: 'add $flags to `compile` of the languages whose types are described',
      });
    }
    check('describeTypes', rules.types.describe, 'types', 'describe');
    check('compareTypes', rules.types.compare, 'types', 'compare');
  }
  check('link', target.link, 'targets', index, 'link');
  check('flag', target.scriptFlag, 'targets', index, 'scriptFlag');
  check('flag', target.defaultScriptFlag, 'targets', index, 'defaultScriptFlag');
  const outputs = new Set<string>();
  target.generate.forEach((generator, each) => {
    check('generate', generator.command, 'targets', index, 'generate', each, 'command');
    checkOutput(rules, generator, outputs, at(['targets', index, 'generate', each, 'output']));
  });
  const steps = new Set<string>();
  target.postLink.forEach((step, each) => {
    check(
      step.output === undefined ? 'postLink' : 'output',
      step.command,
      'targets',
      index,
      'postLink',
      each,
      'command',
    );
    if (steps.has(step.name)) {
      throw repeated(`the step ${step.name}`, at(['targets', index, 'postLink', each]));
    }
    steps.add(step.name);
    if (step.output === undefined) return;
    const where = at(['targets', index, 'postLink', each, 'output']);
    if (made.includes(step.output)) throw repeated(`the output ${step.output}`, where);
    requireFreeName(step.output, [reserved, variables, new Set(target.files), notOutputs], where);
    made.push(step.output);
  });
  check('boot', target.monitor.command, 'targets', index, 'monitor', 'command');
  check('bootRootfs', target.monitor.rootfs, 'targets', index, 'monitor', 'rootfs');
  check('bootArguments', target.monitor.arguments, 'targets', index, 'monitor', 'arguments');
  requireRootfs(target, variables, at(['targets', index, 'rootfs']));
  const values = new Map(annotationNames.map((name) => [name, ['x']] as const));
  for (const [key, text] of Object.entries(target.annotations ?? {})) {
    expandTemplate(text, { values, variables }, at(['targets', index, 'annotations', key]));
  }
}

/** What is written beside an image has these names. */
const notOutputs: ReadonlySet<string> = new Set(['image', 'initrd', 'record', 'sizes', 'manifest']);

/** Throws BUNNY_ERULES where a file would have the name of something else. */
function requireFreeName(
  name: string,
  taken: readonly { has(name: string): boolean }[],
  where: Position | string,
): void {
  if (!taken.some((names) => names.has(name))) return;
  throw new BunnyError('BUNNY_ERULES', `the file ${name} has the name of something else`, {
    where,
    hint: 'choose another name: that of a variable, of what every command is given, and of what is written beside an image is taken',
  });
}

/** An image with a root file system would boot without it, and nobody would know. */
function requireRootfs(
  { arch, platform, rootfs, monitor }: ToolingTarget,
  variables: ReadonlyMap<string, Template>,
  where: Position | string,
): void {
  if (rootfs === undefined || monitorTakes(monitor, 'rootfs', variables, `${arch}/${platform}`)) return;
  throw new BunnyError(
    'BUNNY_ERULES',
    `images for ${arch}/${platform} take an ${rootfs}, and their monitor is not given $rootfs`,
    { where, hint: 'add what passes it on to monitor.rootfs (-initrd $rootfs), or leave `rootfs` out' },
  );
}

/**
 * An item of a list is one word, whatever blanks it holds: `- gcc -O2` would be looked for as a program. Nor is there a
 * way to write a line break for ninja.
 */
function requireRunnable(words: readonly string[], where: Position | string): void {
  const [program = ''] = words;
  const broken = words.find((word) => /[\n\r]/.test(word));
  if (broken === undefined && !/\s/.test(program)) return;
  throw new BunnyError(
    'BUNNY_ERULES',
    broken === undefined
      ? `the command begins with ${JSON.stringify(program)}, which cannot be a program`
      : `the word ${JSON.stringify(broken)} of the command has a line break`,
    {
      where,
      hint:
        broken === undefined
          ? 'an item of a list is one word: make each word an item, or write one text; in a variable also `words: …`'
          : 'write it on one line (in YAML `>-` in place of `|`), or put a script into the tooling root',
    },
  );
}

/** Otherwise a build would not see changes of headers, and nobody would know. */
function requireDepfile({ depfile }: Language, isWritten: boolean, where: Position | string): void {
  if (isWritten === (depfile !== undefined)) return;
  throw new BunnyError(
    'BUNNY_ERULES',
    isWritten
      ? 'the command writes $depfile in a format that is not told'
      : 'the command does not use $depfile',
    {
      where,
      hint: isWritten
        ? 'say `depfile: gcc` beside it'
        : 'add what makes the compiler write it (-MD -MF $depfile), or leave `depfile` out',
    },
  );
}

function checkOutput(
  rules: ToolingRules,
  { output, kind }: Generator,
  seen: Set<string>,
  where: Position | string,
): void {
  const names = kind === 'header' ? output.split('/') : [output];
  if (!names.every((name) => /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(name))) {
    throw new BunnyError('BUNNY_ERULES', `${JSON.stringify(output)} is not a plain file name`, {
      where,
      hint:
        kind === 'header'
          ? 'name the header as it is included: uk/closure.h'
          : 'name a file, without a directory: closure.c',
    });
  }
  if (seen.has(output)) throw repeated(`the output ${output}`, where);
  seen.add(output);
  if (kind === undefined && !output.endsWith('.o')) languageOf(rules, output, where);
}

function repeated(what: string, where: Position | string): BunnyError {
  return new BunnyError('BUNNY_ERULES', `${what} is listed twice`, { where, hint: 'remove one of them' });
}

/** The settings of a target where nobody chooses: each at its default, else at its first value. */
export function defaultSettings(rules: ToolingRules, arch: string, platform: string): Settings {
  const settings: Record<string, Settings[string]> = {};
  for (const [name, { default: preset, values }] of Object.entries(rules.settings)) {
    const value = preset ?? values[0];
    if (value !== undefined) settings[name] = value;
  }
  return { ...settings, arch, platform };
}
