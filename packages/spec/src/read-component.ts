import { validate } from '#validators/component';
import type { Component, ConditionalFiles, LinkerScript, Matrix, OptionDeclaration } from './component.js';
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
} from './shorthand.js';
import type { Options, Scalar } from './vocabulary.js';

interface RawFiles {
  files: string | readonly string[];
  when?: RawCondition;
}

interface RawScript {
  file: string;
  kind?: 'default' | 'extra';
  when?: RawCondition;
}

/** component.yaml as registry-schemas/component.schema.json describes it. */
interface RawComponent {
  framework: string;
  name: string;
  version: string;
  description?: string;
  license?: string;
  dependencies?: RawDependencies;
  conflicts?: Record<string, string>;
  provides?: Record<string, string>;
  options?: Record<string, OptionDeclaration>;
  affectedBy?: string[];
  sources?: (string | RawFiles)[];
  objects?: (string | RawFiles)[];
  include?: string[];
  defines?: Record<string, Scalar>;
  scripts?: (string | RawScript)[];
  exclude?: string[];
  matrix: Record<string, Scalar[] | Options[]>;
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
    ...given(raw, 'description', 'license'),
    framework: raw.framework,
    name: raw.name,
    version: raw.version,
    dependencies: dependencies(raw.dependencies),
    conflicts: raw.conflicts ?? {},
    provides: raw.provides ?? {},
    options: raw.options ?? {},
    affectedBy: raw.affectedBy ?? ['arch', 'platform'],
    sources: (raw.sources ?? []).map(conditionalFiles),
    objects: (raw.objects ?? []).map(conditionalFiles),
    include: (raw.include ?? []).map(plainPath),
    defines: raw.defines ?? {},
    scripts: (raw.scripts ?? []).map(linkerScript),
    exclude: raw.exclude ?? [],
    matrix: matrix(raw.matrix),
  };
}

function conditionalFiles(raw: string | RawFiles): ConditionalFiles {
  return typeof raw === 'string' ? { files: [raw] } : { files: list(raw.files), ...when(raw.when) };
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
    name === 'options' ? (values as Options[]) : (values as Scalar[]).map((value) => fact(name, value)),
  ) as Matrix;
}

function check(component: Component): Problem[] {
  const problems = optionProblems(component);
  if (component.sources.length > 0 && component.objects.length > 0) {
    problems.push({
      code: 'BUNNY_ETYPE',
      message: 'a component has `sources` to compile or prebuilt `objects`, not both',
      path: ['objects'],
      onKey: true,
      hint: 'leave one of them out',
    });
  }
  if (component.affectedBy.includes('options')) {
    problems.push({
      code: 'BUNNY_EOPTION',
      message: 'affectedBy: a setting cannot be called "options"',
      path: ['affectedBy'],
    });
  }
  return problems;
}
