import { lstat, mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { readTooling, rebaseReference, toolingVersions } from '@bunny/resolver';
import {
  appName,
  BunnyError,
  exitStatus,
  isComponentName,
  isRelativePath,
  type ToolingRules,
} from '@bunny/spec';
import type { CommonFlags, Run } from '../action.js';
import { type BaseFlags, givenBases, openSources, openStore, shownPath } from '../workspace.js';

interface Flags extends CommonFlags, BaseFlags {
  framework: string;
  name?: string;
}

/** `bunny init` */
export async function run({ flags, terminal, signal }: Run<Flags>, place?: string): Promise<number> {
  const directory = resolve(place ?? '.');
  const { framework, name = appName(basename(directory)) } = flags;
  if (!isComponentName(name)) {
    throw new BunnyError('BUNNY_ENAME', `${JSON.stringify(name)} cannot be the name of an app`, {
      where: directory,
      hint: 'give one of lower-case letters, digits and dashes with --name',
    });
  }
  if (!isComponentName(framework)) {
    throw new BunnyError('BUNNY_ENAME', `${JSON.stringify(framework)} cannot be the name of a framework`, {
      where: '--framework',
      hint: 'write it as its publisher does: lower-case letters, digits and dashes',
    });
  }
  await requireDirectory(directory);
  const references = givenBases(flags);
  const rules = await newestRules(flags, references, signal);
  const files = templateFiles(rules, name);
  if (flags.from !== undefined && flags.from.length > 0) {
    const bunnyfile = files.get('Bunnyfile');
    if (bunnyfile !== undefined && !/^registries:/m.test(bunnyfile)) {
      const lines = flags.from.map(
        (reference) => `  - ${JSON.stringify(rebaseReference(reference, process.cwd(), directory))}\n`,
      );
      files.set('Bunnyfile', `${bunnyfile.trimEnd()}\nregistries:\n${lines.join('')}`);
    }
  }
  await requireFree(directory, files.keys());
  // What the app's own version control leaves out is the user's to say where they say it.
  if (!files.has('.gitignore') && !(await isThere(join(directory, '.gitignore')))) {
    files.set('.gitignore', 'build/\n');
  }
  for (const [path, text] of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text, { flag: 'wx' });
  }
  terminal.done('Created', `${name} for ${rules.framework} in ${shownPath(directory) || '.'}`);
  terminal.note(`next: ${place === undefined ? '' : `cd ${place} && `}bunny run`);
  terminal.result({ directory, name, framework: rules.framework, files: [...files.keys()] });
  return exitStatus.done;
}

async function newestRules(
  flags: Flags,
  references: readonly string[],
  signal: AbortSignal,
): Promise<ToolingRules> {
  const { framework } = flags;
  const bases = openSources(references, process.cwd(), flags);
  const here = { store: await openStore(), bases, framework, signal };
  for (const base of references) {
    bases.requireThere(base);
    const [newest] = await toolingVersions(here, base);
    const tooling = newest === undefined ? undefined : await readTooling(here, base, newest);
    if (tooling !== undefined) return tooling.document.rules;
  }
  throw new BunnyError('BUNNY_ENOTFOUND', `no registry has the framework ${framework}`, {
    hint:
      references.length === 0
        ? 'say where it is: --from REF, or BUNNY_REGISTRY'
        : `looked on ${references.join(', ')}`,
    exitStatus: exitStatus.unsatisfiable,
  });
}

/** The files of a first app, with `$name` replaced. A path that leads elsewhere is refused: it comes from a registry. */
function templateFiles(rules: ToolingRules, name: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const [path, text] of Object.entries(rules.template)) {
    if (!isRelativePath(path)) {
      throw new BunnyError(
        'BUNNY_EPATH',
        `the template of ${rules.framework} writes outside of the directory`,
        {
          where: path,
          hint: 'do not use this tooling layer; ask whoever publishes it',
        },
      );
    }
    files.set(path, text.replaceAll('$name', name));
  }
  if (!files.has('Bunnyfile')) {
    throw new BunnyError('BUNNY_ENOTFOUND', `${rules.framework} ${rules.version} has no template of an app`, {
      hint: 'write the Bunnyfile by hand: docs/tutorial.md shows how',
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  return files;
}

/** Throws BUNNY_EEXISTS where something other than a directory has its name. */
async function requireDirectory(directory: string): Promise<void> {
  const status = await stat(directory).catch(() => undefined);
  if (status === undefined || status.isDirectory()) return;
  throw new BunnyError('BUNNY_EEXISTS', `${shownPath(directory)} is there already, and no directory`, {
    where: directory,
    hint: 'name another directory',
  });
}

async function requireFree(directory: string, paths: Iterable<string>): Promise<void> {
  for (const path of paths) {
    if (!(await isThere(join(directory, path)))) continue;
    throw new BunnyError('BUNNY_EEXISTS', `${path} is there already`, {
      where: directory,
      hint: 'name another directory',
    });
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}
