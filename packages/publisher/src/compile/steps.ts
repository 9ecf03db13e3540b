import { BunnyError, canonicalJson, exitStatus, sha256, shellLine } from 'bunny-libos-spec';
import {
  compileCommand,
  describeTypesCommand,
  type Edge,
  languageOf,
  sandboxDirectories,
  type TargetRules,
  typeFlags,
} from 'bunny-libos-tooling';
import type { LocalComponent } from '../plan/component-directory.js';
import type { LocalVariant } from '../plan/local-variant.js';
import { headerDirectories } from '../plan/public-headers.js';
import { selectFiles } from '../plan/selected-files.js';

/** One object of a variant, from its source to its place in the layer. */
export interface PlannedObject {
  /** Relative to the component's directory. */
  source: string;
  /** Path in the layer: `objects/…`. */
  path: string;
  /** Undefined for an object that the component brings prebuilt. */
  edge: Edge | undefined;
  /** Relative to the work directory: where the compiler writes it. */
  output: string;
}

/** How a variant is compiled. */
export interface CompilePlan {
  variant: LocalVariant;
  objects: readonly PlannedObject[];
  types?: PlannedTypes | undefined;
}

/** How the types of a variant are described: its sources are compiled once more, into objects that go nowhere else. */
export interface PlannedTypes {
  edges: readonly Edge[];
  /** Relative to the work directory: the description. */
  output: string;
}

/** Where the directory of a component that is published stands inside the sandbox. */
export function sourceRoot({ document }: LocalComponent): string {
  const { name, version } = document.value;
  return `${sandboxDirectories.source}/${name}-${version}`;
}

/**
 * Plans the compilation of a variant. `includes` are the public header directories of its closure inside
 * the sandbox, its own left out; `headers` is their digest, which keeps objects made against other
 * headers apart. Throws BUNNY_ESOURCE, BUNNY_ELANGUAGE, BUNNY_ETEMPLATE, and BUNNY_EAFFECTED where the
 * compile command depends on a setting that the component does not name in `affectedBy`.
 */
export async function planCompilation(
  variant: LocalVariant,
  targets: readonly TargetRules[],
  includes: readonly string[],
  headers: string,
): Promise<CompilePlan> {
  const { local, identity } = variant;
  const component = local.document.value;
  const root = sourceRoot(local);
  const directory = `${component.name}-${component.version}/${variant.layerHash.slice(7, 23)}-${headers.slice(7, 15)}`;
  const own = headerDirectories(variant).map((each) => `${root}/${each}`);

  const { sources, prebuilt } = await selectFiles(variant);
  const withTypes: Edge[] = [];
  const objects = sources.map(({ path: source, include, defines, flags }): PlannedObject => {
    const output = `${directory}/${source}.o`;
    const depfile = `${output}.d`;
    const searched = [...include.map((each) => `${root}/${each}`), ...own, ...includes];
    const inputs = {
      in: `${root}/${source}`,
      out: output,
      depfile,
      includes: [...new Set(searched)],
      defines,
      flags,
      name: component.name,
    };
    const language = (rules: TargetRules) => languageOf(rules.rules, source, local.document.at(['sources']));
    const commands = targets.map((rules) => compileCommand(rules, language(rules), inputs));
    const [command] = commands;
    if (command === undefined) throw new Error(`no target for ${identity.name}`);
    requireUnaffected(variant, targets, commands);
    const edge: Edge = {
      command,
      inputs: [`${root}/${source}`],
      outputs: [output],
      depfile,
      description: `compile ${source} of ${component.name} ${component.version}`,
    };
    const [target] = targets;
    const more = target && typeFlags(target);
    if (target !== undefined && more !== undefined) {
      const out = `${directory}-types/${source}.o`;
      const own = { ...inputs, out, depfile: `${out}.d`, flags: [...flags, ...more] };
      withTypes.push({
        ...edge,
        command: compileCommand(target, language(target), own),
        outputs: [out],
        depfile: own.depfile,
        description: `compile ${source} of ${component.name} ${component.version} for its types`,
      });
    }
    return { source, path: `objects/${source}.o`, edge, output };
  });
  for (const source of prebuilt) {
    objects.push({ source, path: `objects/${source}`, edge: undefined, output: source });
  }
  return { variant, objects, types: plannedTypes(variant, targets[0], withTypes, own, directory) };
}

/** Undefined where the framework says nothing of types, or nothing is compiled. */
function plannedTypes(
  { identity: { name, version } }: LocalVariant,
  target: TargetRules | undefined,
  compiled: readonly Edge[],
  includes: readonly string[],
  directory: string,
): PlannedTypes | undefined {
  if (target === undefined || compiled.length === 0) return undefined;
  const objects = compiled.flatMap(({ outputs }) => outputs);
  // Beside the directory: in it, a source may have any name.
  const output = `${directory}-described`;
  const command = describeTypesCommand(target, { objects, includes, out: output });
  if (command === undefined) return undefined;
  const description = `describe types of ${name} ${version}`;
  return { output, edges: [...compiled, { command, inputs: objects, outputs: [output], description }] };
}

/** A variant may not depend on what its identity does not say. */
function requireUnaffected(
  variant: LocalVariant,
  targets: readonly TargetRules[],
  commands: readonly string[][],
): void {
  const different = commands.findIndex((command) => command.join('\0') !== commands[0]?.join('\0'));
  if (different === -1) return;
  const [left, right] = [targets[0], targets[different]];
  const unnamed = Object.keys(left?.settings ?? {}).filter(
    (name) => left?.settings[name] !== right?.settings[name] && variant.identity.settings[name] === undefined,
  );
  throw new BunnyError(
    'BUNNY_EAFFECTED',
    `how ${variant.identity.name} is compiled depends on ${unnamed.join(' and ')}, which affectedBy does not name`,
    {
      where: variant.local.document.at(['affectedBy']),
      details: [
        `for ${left?.target.arch}/${left?.target.platform}: ${shellLine(commands[0] ?? [])}`,
        `for ${right?.target.arch}/${right?.target.platform}: ${shellLine(commands[different] ?? [])}`,
      ],
      hint: `add ${unnamed.join(', ')} to affectedBy and to the matrix`,
      exitStatus: exitStatus.usage,
    },
  );
}

/** Digest of a set of headers: names as they are included, and content. */
export function headersDigest(headers: readonly { path: string; digest: string }[]): string {
  return sha256(canonicalJson(Object.fromEntries(headers.map(({ path, digest }) => [path, digest]))));
}
