import type {
  BaseRequirement,
  CapabilityDeclaration,
  ConditionalWords,
  Generator,
  Language,
  Monitor,
  PostLinkStep,
  SettingDeclaration,
  Template,
  ToolingRules,
  ToolingTarget,
  TypeRules,
} from '../documents/tooling.js';
import { normaliseArchitecture, type Scalar } from '../documents/vocabulary.js';
import { suggestion } from '../words/nearest.js';
import { present } from '../words/present.js';
import { pathInRoot } from './component-files.js';
import type { Problem } from './problem.js';
import { fact, given, list, mapValues, type RawCondition, when } from './shorthand.js';

type RawVariable = string | (string | { words: Template; when?: RawCondition })[];
type RawSetting = Scalar[] | { values: Scalar[]; default?: Scalar; description?: string };
type RawCapability = string | { default?: string; providers?: string[]; description?: string };

interface RawLanguage extends Partial<Omit<Language, 'files' | 'compile'>> {
  files: string | string[];
  compile: Template;
}

interface RawMonitor extends Partial<Omit<Monitor, 'command' | 'exit'>> {
  command: Template;
  exit?: { offset?: number; factor?: number };
}

type Conditional<Step extends { when?: unknown }> = Omit<Step, 'when'> & { when?: RawCondition };

interface RawTarget extends Partial<Omit<ToolingTarget, 'monitor' | 'generate' | 'postLink'>> {
  arch: string;
  platform: string;
  link: Template;
  generate?: (Omit<Conditional<Generator>, 'defines'> & { defines?: string[] })[];
  postLink?: Conditional<PostLinkStep>[];
  monitor: RawMonitor;
}

/** The rules as tooling.yaml may write them: registry-schemas/tooling-source.schema.json without `rootfs`. */
export interface RawRules {
  framework: string;
  version: string;
  abi: string;
  description?: string;
  license?: string;
  settings?: Record<string, RawSetting>;
  capabilities?: Record<string, RawCapability>;
  variables?: Record<string, RawVariable>;
  languages: Record<string, RawLanguage>;
  targets: RawTarget[];
  types?: TypeRules;
  template?: Record<string, string>;
}

/** The rules with every short form written out and every default filled in; rules that are so already stay as they are. */
export function normaliseRules(raw: RawRules): ToolingRules {
  const targets = raw.targets.map(target);
  return {
    ...given(raw, 'description', 'license'),
    framework: raw.framework,
    version: raw.version,
    abi: raw.abi,
    settings: {
      arch: { values: [...new Set(targets.map(({ arch }) => arch))] },
      platform: { values: [...new Set(targets.map(({ platform }) => platform))] },
      ...mapValues(raw.settings, setting),
    },
    capabilities: mapValues(raw.capabilities, capability),
    variables: mapValues(raw.variables, variable),
    languages: mapValues(raw.languages, language),
    targets,
    // Left out where it is not there: rules that were published before it was known keep their identity.
    ...given(raw, 'types'),
    template: raw.template ?? {},
  };
}

function setting(raw: RawSetting, name: string): SettingDeclaration {
  const declared = Array.isArray(raw) ? { values: raw } : raw;
  return present({
    values: declared.values.map((value) => fact(name, value)),
    default: declared.default === undefined ? undefined : fact(name, declared.default),
    description: declared.description,
  });
}

function capability(raw: RawCapability): CapabilityDeclaration {
  const declared = typeof raw === 'string' ? { default: raw } : raw;
  const providers = [...list(declared.default), ...(declared.providers ?? [])];
  return { ...given(declared, 'default', 'description'), providers: [...new Set(providers)] };
}

/** Texts that follow each other in a list are the words of one template. */
function variable(raw: RawVariable): ConditionalWords[] {
  if (typeof raw === 'string') return [{ words: raw }];
  const groups: ConditionalWords[] = [];
  let texts: string[] = [];
  for (const item of raw) {
    if (typeof item === 'string') {
      texts.push(item);
      if (texts.length === 1) groups.push({ words: texts });
    } else {
      texts = [];
      groups.push({ words: item.words, ...when(item.when) });
    }
  }
  return groups;
}

function language(raw: RawLanguage): Language {
  return {
    files: list(raw.files),
    compile: raw.compile,
    ...given(raw, 'unit', 'preprocess', 'depfile'),
    includeFlag: raw.includeFlag ?? '-I',
    defineFlag: raw.defineFlag ?? '-D',
    implies: raw.implies ?? {},
  };
}

function target(raw: RawTarget): ToolingTarget {
  return {
    arch: normaliseArchitecture(raw.arch),
    platform: raw.platform,
    variables: raw.variables ?? {},
    link: raw.link,
    entry: raw.entry ?? '_start',
    scriptFlag: raw.scriptFlag ?? '-T',
    defaultScriptFlag: raw.defaultScriptFlag ?? '-T',
    base: mapValues(raw.base, baseRequirement),
    generate: (raw.generate ?? []).map((step) => ({
      ...step,
      defines: step.defines ?? [],
      ...when(step.when),
    })),
    appDefines: raw.appDefines ?? [],
    // Left out where it is not there: rules that were published before it was known keep their identity.
    ...given(raw, 'linkDefines'),
    postLink: (raw.postLink ?? []).map((step) => ({ ...step, ...when(step.when) })),
    artifacts: raw.artifacts ?? ['elf'],
    ...given(raw, 'annotations', 'rootfs', 'rootfsReaders', 'files'),
    ...present({ app: raw.app && { rootfs: pathInRoot(raw.app.rootfs) } }),
    monitor: monitor(raw.monitor),
  };
}

function baseRequirement(raw: BaseRequirement): BaseRequirement {
  if (typeof raw === 'string') return raw;
  return { version: raw.version, ...when(raw.when) };
}

function monitor(raw: RawMonitor): Monitor {
  return {
    command: raw.command,
    rootfs: raw.rootfs ?? [],
    arguments: raw.arguments ?? [],
    memory: raw.memory ?? 64,
    exit: { offset: raw.exit?.offset ?? 0, factor: raw.exit?.factor ?? 1 },
    ...given(raw, 'package'),
  };
}

/** A program in a root file system needs one, and a path in it. */
function appProblems({ app, rootfs }: ToolingTarget, index: number): Problem[] {
  if (app === undefined) return [];
  const path = ['targets', index, 'app', 'rootfs'];
  if (app.rootfs === '/' || app.rootfs.split('/').includes('..') || app.rootfs.includes('\0')) {
    const message = `targets[${index}].app: ${JSON.stringify(app.rootfs)} is not a path of a file in the root`;
    return [{ code: 'BUNNY_EPATH', message, path, hint: 'write an absolute path: /app' }];
  }
  if (rootfs !== undefined) return [];
  const message = `targets[${index}].app: the app goes into a root file system, and images have none`;
  return [{ code: 'BUNNY_ETYPE', message, path, hint: 'say which: `rootfs: initrd`' }];
}

/** What the schema cannot say about rules: settings and targets must agree, and a target stands once. */
export function rulesProblems(rules: ToolingRules): Problem[] {
  const problems: Problem[] = [];
  for (const [name, { values, default: chosen }] of Object.entries(rules.settings)) {
    if (chosen === undefined || values.includes(chosen)) continue;
    problems.push({
      code: 'BUNNY_EOPTION',
      message: `settings.${name}.default: ${JSON.stringify(chosen)} is not one of its values`,
      path: ['settings', name, 'default'],
      hint: suggestion(String(chosen), values.map(String)) ?? 'add it to `values`',
    });
  }
  const seen = new Set<string>();
  const values = {
    arch: new Set(rules.settings.arch?.values),
    platform: new Set(rules.settings.platform?.values),
  };
  for (const [index, target] of rules.targets.entries()) {
    for (const problem of appProblems(target, index)) problems.push(problem);
    const name = `${target.arch}/${target.platform}`;
    if (seen.has(name)) {
      const message = `targets[${index}]: ${name} is listed twice`;
      problems.push({ code: 'BUNNY_EOPTION', message, path: ['targets', index], hint: 'leave one out' });
    }
    seen.add(name);
    for (const key of ['arch', 'platform'] as const) {
      if (values[key].has(target[key])) continue;
      problems.push({
        code: 'BUNNY_EOPTION',
        message: `targets[${index}].${key}: ${JSON.stringify(target[key])} is not a value of the setting ${key}`,
        path: ['targets', index, key],
        hint: `add it to settings.${key}, or leave that setting out: it comes from \`targets\``,
      });
    }
  }
  return problems;
}
