import { validate } from '#validators/component';
import type {
  Component,
  ComponentFiles,
  ConditionalFiles,
  HeaderDirectory,
  LinkerScript,
  Matrix,
  OptionDeclaration,
  SourceEntry,
  Upstream,
} from '../documents/component.js';
import type { Options, Scalar } from '../documents/vocabulary.js';
import { present } from '../words/present.js';
import { fileProblems, pathInRoot } from './component-files.js';
import { type Document, readYamlDocument } from './document.js';
import { optionProblems } from './option-values.js';
import type { Problem } from './problem.js';
import {
  dependencies,
  fact,
  given,
  list,
  mapValues,
  type RawCondition,
  type RawDependencies,
  when,
  words,
} from './shorthand.js';

type OneOrMore = string | readonly string[];

interface RawFiles {
  files: OneOrMore;
  exclude?: OneOrMore;
  when?: RawCondition;
}

interface RawSource extends Omit<RawFiles, 'files'> {
  files?: OneOrMore;
  include?: OneOrMore;
  defines?: Record<string, Scalar>;
  flags?: OneOrMore;
}

interface RawInclude {
  directory: string;
  files?: OneOrMore;
  when?: RawCondition;
}

interface RawScript {
  file: string;
  kind?: 'default' | 'extra';
  when?: RawCondition;
}

interface RawComponentFiles {
  file?: string;
  directory?: string;
  name?: string;
  rootfs?: string;
  executable?: boolean;
  when?: RawCondition;
}

/** component.yaml as registry-schemas/component.schema.json describes it. */
interface RawComponent {
  framework?: string;
  frameworks?: string[];
  name: string;
  version: string;
  description?: string;
  license?: string;
  upstream?: Upstream[];
  dependencies?: RawDependencies;
  conflicts?: Record<string, string>;
  provides?: Record<string, string>;
  options?: Record<string, OptionDeclaration>;
  affectedBy?: string[];
  sources?: (string | RawSource)[];
  objects?: (string | RawFiles)[];
  include?: (string | RawInclude)[];
  defines?: Record<string, Scalar>;
  flags?: OneOrMore;
  scripts?: (string | RawScript)[];
  files?: RawComponentFiles[];
  exclude?: string[];
  matrix: Record<string, Scalar[] | Options[] | RawCondition[]>;
}

/**
 * Reads `component.yaml`. `file` is for messages.
 * Throws one BunnyError with all that is wrong: BUNNY_EYAML, BUNNY_EUNKNOWNKEY, BUNNY_ETYPE, BUNNY_ENAME,
 * BUNNY_EVERSION, BUNNY_ERANGE, BUNNY_EPATH, BUNNY_EOPTION, BUNNY_EDUPLICATE, BUNNY_ETOOLARGE.
 */
export function readComponent(text: string, file: string): Document<Component> {
  return readYamlDocument(text, file, { validate, normalise, check });
}

function normalise(raw: RawComponent): Component {
  return {
    ...given(raw, 'description', 'license', 'upstream'),
    framework: raw.framework ?? raw.frameworks?.[0] ?? '',
    ...given(raw, 'frameworks'),
    name: raw.name,
    version: raw.version,
    dependencies: dependencies(raw.dependencies),
    conflicts: raw.conflicts ?? {},
    provides: raw.provides ?? {},
    options: raw.options ?? {},
    affectedBy: raw.affectedBy ?? ['arch', 'platform'],
    sources: (raw.sources ?? []).map(sourceEntry),
    objects: (raw.objects ?? []).map(conditionalFiles),
    include: (raw.include ?? []).map(headerDirectory),
    defines: raw.defines ?? {},
    flags: words(raw.flags),
    scripts: (raw.scripts ?? []).map(linkerScript),
    ...present({ files: raw.files?.map(componentFiles) }),
    exclude: raw.exclude ?? [],
    matrix: matrix(raw.matrix),
  };
}

function componentFiles(raw: RawComponentFiles): ComponentFiles {
  const { file, directory, rootfs, executable } = raw;
  return present({
    file: file === undefined ? undefined : plainPath(file),
    directory: directory === undefined ? undefined : plainPath(directory),
    name: raw.name,
    rootfs: rootfs === undefined ? undefined : pathInRoot(rootfs),
    executable: executable ? (true as const) : undefined,
    ...when(raw.when),
  });
}

function conditionalFiles(raw: string | RawFiles): ConditionalFiles {
  if (typeof raw === 'string') return { files: [raw] };
  return { files: list(raw.files), ...lists(raw, 'exclude'), ...when(raw.when) };
}

function sourceEntry(raw: string | RawSource): SourceEntry {
  if (typeof raw === 'string') return { files: [raw] };
  return present({
    ...lists(raw, 'files', 'exclude'),
    ...when(raw.when),
    include: raw.include === undefined ? undefined : list(raw.include).map(plainPath),
    defines: raw.defines,
    flags: raw.flags === undefined ? undefined : words(raw.flags),
  });
}

function headerDirectory(raw: string | RawInclude): HeaderDirectory {
  if (typeof raw === 'string') return { directory: plainPath(raw) };
  return { directory: plainPath(raw.directory), ...lists(raw, 'files'), ...when(raw.when) };
}

/** The named keys that are there, each as a list. */
function lists<K extends string>(
  raw: { readonly [P in K]?: OneOrMore },
  ...keys: K[]
): { [P in K]?: readonly string[] } {
  const present = keys.filter((key) => raw[key] !== undefined).map((key) => [key, list(raw[key])]);
  return Object.fromEntries(present) as { [P in K]?: readonly string[] };
}

/** `./include/` as `include`, which is how files are named that are found on the disk. */
function plainPath(path: string): string {
  const steps = path.split('/').filter((step) => step !== '' && step !== '.');
  return steps.length === 0 ? '.' : steps.join('/');
}

function linkerScript(raw: string | RawScript): LinkerScript {
  if (typeof raw === 'string') return { file: plainPath(raw), kind: 'extra' };
  return { file: plainPath(raw.file), kind: raw.kind ?? 'extra', ...when(raw.when) };
}

function matrix(raw: RawComponent['matrix']): Matrix {
  return mapValues(raw, (values, name) =>
    name === 'options'
      ? (values as Options[])
      : name === 'only'
        ? (values as RawCondition[]).map((each) => when(each).when)
        : (values as Scalar[]).map((value) => fact(name, value)),
  ) as Matrix;
}

function check(component: Component, raw: RawComponent): Problem[] {
  const problems = optionProblems(component);
  if (raw.framework !== undefined && raw.frameworks !== undefined) {
    problems.push({
      code: 'BUNNY_ETYPE',
      message: '`frameworks` replaces `framework`, which is here as well',
      path: ['frameworks'],
      onKey: true,
      hint: 'leave one of them out',
    });
  }
  if (component.sources.length > 0 && component.objects.length > 0) {
    problems.push({
      code: 'BUNNY_ETYPE',
      message: 'a component has `sources` to compile or prebuilt `objects`, not both',
      path: ['objects'],
      onKey: true,
      hint: 'leave one of them out',
    });
  }
  component.sources.forEach((entry, index) => {
    if (entry.files !== undefined) return;
    for (const problem of problemsOfGeneralEntry(entry, index)) problems.push(problem);
  });
  for (const problem of fileProblems(component.files ?? [])) problems.push(problem);
  for (const taken of ['options', 'only']) {
    if (!component.affectedBy.includes(taken)) continue;
    problems.push({
      code: 'BUNNY_EOPTION',
      message: `affectedBy: a setting cannot be called "${taken}"`,
      path: ['affectedBy'],
    });
  }
  return problems;
}

/** An entry that names no files has something to say of all, and does not choose among them. */
function problemsOfGeneralEntry({ exclude, include, defines, flags }: SourceEntry, index: number): Problem[] {
  const path = ['sources', index];
  const problem = (message: string, hint: string): Problem[] => [
    { code: 'BUNNY_ETYPE', message: `sources[${index}]: ${message}`, path, hint },
  ];
  if (exclude !== undefined)
    return problem('`exclude` without `files`', 'name the files that it leaves some out of');
  if (include !== undefined || defines !== undefined || flags !== undefined) return [];
  return problem(
    'the key "files" is missing',
    'name files, or say `include`, `defines` or `flags` for all of them',
  );
}
