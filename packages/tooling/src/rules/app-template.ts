import { BunnyError, exitStatus, type ToolingRules } from 'bunny-libos-spec';
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

function refused(summary: string, path: string): BunnyError {
  return new BunnyError('BUNNY_EPATH', summary, {
    where: path,
    hint: 'do not use this tooling layer; ask whoever publishes it',
  });
}
