import { lstat, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { rebaseReference } from 'bunny-libos-namespace';
import { Store } from 'bunny-libos-oci';
import { givenBases, openSources, writeNewFiles } from 'bunny-libos-project';
import { newestTooling } from 'bunny-libos-resolver';
import {
  appName,
  BunnyError,
  exitStatus,
  isComponentName,
  readBunnyfile,
  shellLine,
  type ToolingRules,
} from 'bunny-libos-spec';
import { appFiles, bunnyfileForSeveral } from 'bunny-libos-tooling';
import { openNetwork } from '../../project/network.js';
import { shownPath } from '../../terminal/shown-path.js';
import type { Context } from './command.js';

/** The `$id` of registry-schemas/bunnyfile.schema.json. */
const bunnyfileSchema = 'https://bunny-libos.github.io/schema/bunnyfile.schema.json';

/** `bunny init` */
export async function run(context: Context, place?: string): Promise<number> {
  const { flags, terminal, signal } = context;
  const directory = resolve(place ?? '.');
  const { name = appName(basename(directory)) } = flags;
  const frameworks = [...new Set(flags.framework)];
  requireNames(name, directory, frameworks);
  await requireDirectory(directory);
  const references = givenBases(flags.from);
  const bases = openSources(references, process.cwd(), openNetwork(context));
  const store = await Store.open();
  const found: ToolingRules[] = [];
  for (const framework of frameworks) {
    const tooling = await newestTooling({ store, bases, framework, signal });
    if (tooling === undefined) throw unpublished(framework, references);
    found.push(tooling.document.rules);
  }
  const [rules, ...others] = found;
  if (rules === undefined) throw new Error('a framework is named');
  const registries = (flags.from ?? []).map((each) => rebaseReference(each, process.cwd(), directory));
  const files = appFiles(rules, { name, registries });
  if (others.length > 0) {
    const { app } = readBunnyfile(files.get('Bunnyfile') ?? '', 'Bunnyfile', name).value;
    files.set('Bunnyfile', bunnyfileForSeveral(found, { name, registries, sources: app?.sources }));
  }
  files.set('Bunnyfile', withSchema(files.get('Bunnyfile') ?? ''));
  // What the app's own version control leaves out is the user's to say where they say it.
  if (!files.has('.gitignore') && !(await isThere(join(directory, '.gitignore')))) {
    files.set('.gitignore', 'build/\n');
  }
  writeNewFiles(directory, files);
  terminal.done('Created', `${name} for ${frameworks.join(' and ')} in ${shownPath(directory) || '.'}`);
  const change = place === undefined ? [] : ['cd', ...(place.startsWith('-') ? ['--'] : []), place];
  terminal.note(`next: ${change.length === 0 ? '' : `${shellLine(change)} && `}bunny run`);
  terminal.result({
    directory,
    name,
    framework: rules.framework,
    ...(others.length > 0 && { frameworks }),
    files: [...files.keys()],
  });
  return exitStatus.done;
}

/** The same with a line by which editors know what may stand in it. A `#syntax=` line stays the first. */
function withSchema(bunnyfile: string): string {
  const line = `# yaml-language-server: $schema=${bunnyfileSchema}\n`;
  if (bunnyfile.includes('yaml-language-server:')) return bunnyfile;
  return /^#\s*syntax=/.test(bunnyfile) ? bunnyfile.replace(/\n|$/, `\n${line}`) : `${line}${bunnyfile}`;
}

/** Throws BUNNY_ENAME. */
function requireNames(name: string, directory: string, frameworks: readonly string[]): void {
  if (!isComponentName(name)) {
    throw new BunnyError('BUNNY_ENAME', `${JSON.stringify(name)} cannot be the name of an app`, {
      where: directory,
      hint: 'give one of lower-case letters, digits and dashes with --name',
    });
  }
  const unusable = frameworks.find((framework) => !isComponentName(framework));
  if (unusable === undefined) return;
  throw new BunnyError('BUNNY_ENAME', `${JSON.stringify(unusable)} cannot be the name of a framework`, {
    where: '--framework',
    hint: 'write it as its publisher does: lower-case letters, digits and dashes',
  });
}

function unpublished(framework: string, references: readonly string[]): BunnyError {
  return new BunnyError('BUNNY_ENOTFOUND', `no registry has the framework ${framework}`, {
    where: references.join(', ') || '--from',
    hint:
      references.length === 0
        ? 'say where it is: --from REF, or BUNNY_REGISTRY'
        : 'check its name, or name the registry that has it: --from REF',
    exitStatus: exitStatus.unsatisfiable,
  });
}

/** Throws BUNNY_EEXISTS where something other than a directory has its name. */
async function requireDirectory(directory: string): Promise<void> {
  const status = await stat(directory).catch(() => undefined);
  if (status === undefined || status.isDirectory()) return;
  throw new BunnyError('BUNNY_EEXISTS', `${shownPath(directory)} is there already, and is not a directory`, {
    where: directory,
    hint: 'name another directory',
  });
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}
