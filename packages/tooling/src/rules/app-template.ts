import {
  BunnyError,
  type Dependencies,
  exitStatus,
  readBunnyfile,
  type ToolingRules,
} from 'bunny-libos-spec';
import { clashingPaths, templatePathFault } from './template-path.js';

/** What a first app is to be. */
export interface NewApp {
  name: string;
  /** Base references that its Bunnyfile is to name, where the template does not name any. */
  registries: readonly string[];
}

/**
 * The files of a first app, path -> text: the template of the tooling layer with `$name` replaced. Pure. Throws
 * BUNNY_EPATH for a path that leads elsewhere or that other tools obey, as the template comes from a registry, and
 * BUNNY_ENOTFOUND where it has no Bunnyfile.
 */
export function appFiles(
  { framework, version, template }: Pick<ToolingRules, 'framework' | 'version' | 'template'>,
  { name, registries }: NewApp,
): Map<string, string> {
  const files = new Map<string, string>();
  for (const [path, text] of Object.entries(template)) {
    const fault = templatePathFault(path);
    if (fault !== undefined)
      throw refused(`the template of ${framework} writes a file whose path ${fault}`, path);
    files.set(path, text.replaceAll('$name', name));
  }
  const clash = clashingPaths(files.keys());
  if (clash !== undefined) {
    throw refused(`the template of ${framework} writes both ${clash[0]} and ${clash[1]}`, clash[1]);
  }
  const bunnyfile = files.get('Bunnyfile');
  if (bunnyfile === undefined) {
    throw new BunnyError('BUNNY_ENOTFOUND', `${framework} ${version} has no template of an app`, {
      where: 'Bunnyfile',
      hint: 'write the Bunnyfile by hand: docs/tutorial.md shows how',
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  if (registries.length > 0 && !/^registries:/m.test(bunnyfile)) {
    const lines = registries.map((reference) => `  - ${JSON.stringify(reference)}\n`);
    files.set('Bunnyfile', `${bunnyfile.trimEnd()}\nregistries:\n${lines.join('')}`);
  }
  return files;
}

/**
 * A Bunnyfile for an app on several frameworks: all targets that they offer, with the dependencies that the template of
 * each asks for. Pure. Throws as `appFiles`.
 */
export function bunnyfileForSeveral(
  frameworks: readonly Pick<ToolingRules, 'framework' | 'version' | 'template' | 'targets'>[],
  { name, registries, sources }: NewApp & { sources: readonly string[] | undefined },
): string {
  const needs = frameworks.map((rules) => {
    // One without a template has nothing to say of what its apps need.
    if (!Object.hasOwn(rules.template, 'Bunnyfile')) return [rules.framework, {}] as const;
    const text = appFiles(rules, { name, registries: [] }).get('Bunnyfile') ?? '';
    const { dependencies } = readBunnyfile(text, 'Bunnyfile', name).value;
    return [rules.framework, rangesOf(dependencies)] as const;
  });
  const quoted = (value: unknown) => JSON.stringify(value);
  return [
    'version: v0.1',
    `name: ${name}`,
    ...(registries.length === 0 ? [] : ['registries:', ...registries.map((each) => `  - ${quoted(each)}`)]),
    ...(sources === undefined ? [] : [`app: { sources: [${sources.map(quoted).join(', ')}] }`]),
    'frameworks:',
    ...needs.map(([framework, dependencies]) => `  ${framework}: { dependencies: ${flow(dependencies)} }`),
    'targets:',
    ...frameworks.flatMap(({ framework, targets }) =>
      targets.map(
        ({ arch, platform }) => `  - { framework: ${framework}, arch: ${arch}, platform: ${platform} }`,
      ),
    ),
    '',
  ].join('\n');
}

function rangesOf(dependencies: Dependencies): Record<string, string> {
  return Object.fromEntries(Object.entries(dependencies).map(([name, { version }]) => [name, version]));
}

/** Names and ranges between braces. */
function flow(ranges: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(ranges).map(([name, range]) => `${name}: ${JSON.stringify(range)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

function refused(summary: string, path: string): BunnyError {
  return new BunnyError('BUNNY_EPATH', summary, {
    where: path,
    hint: 'do not use this tooling layer; ask whoever publishes it',
  });
}
