import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { readDocumentBelow, readDocumentFile } from 'bunny-libos-resolver';
import {
  BunnyError,
  byCodeUnit,
  type Component,
  type Document,
  exitStatus,
  formatPosition,
  largestSource,
  readComponent,
  readTooling,
  type Tooling,
} from 'bunny-libos-spec';
import { globFiles, requireDirectories } from 'bunny-libos-tooling';
import { componentFile, readSourceTree, type SourceFile, sourceDigest } from './source-tree.js';

/** Name of the document that describes a tooling layer. */
export const toolingFile = 'tooling.yaml';

/** A component as it stands on the maintainer's disk. */
export interface LocalComponent {
  document: Document<Component>;
  /** Path of its component.yaml, as the user would write it. */
  file: string;
  /** What it says. */
  text: string;
  directory: string;
  files: readonly SourceFile[];
  /** Digest of the source tree. */
  source: string;
}

export interface LocalTooling {
  document: Document<Tooling>;
  file: string;
  directory: string;
}

export interface Sources {
  components: readonly LocalComponent[];
  toolings: readonly LocalTooling[];
}

/**
 * Reads every component.yaml and tooling.yaml at or below the paths. Components come sorted by name,
 * then path. Throws BUNNY_ENOTHING where there is none, BUNNY_EDUPLICATE where two directories hold the
 * same version, and what the documents throw.
 */
export async function readSources(paths: readonly string[]): Promise<Sources> {
  const found = (await Promise.all(paths.map(documentsBelow))).flat();
  const texts = new Map(found.map(({ file, text }) => [file, text]));
  const files = [...texts.keys()].sort();
  const documents = async <T>(name: string, read: (file: string, text: string) => Promise<T>) =>
    await Promise.all(
      files.filter((file) => basename(file) === name).map((file) => read(file, texts.get(file) ?? '')),
    );
  const components = (await documents(componentFile, readLocalComponent)).flat();
  const toolings = await documents(toolingFile, readLocalTooling);
  if (files.length === 0) {
    throw new BunnyError('BUNNY_ENOTHING', `there is no ${componentFile} or ${toolingFile} to publish`, {
      where: paths.join(', '),
      hint: 'name a component’s directory, or one that holds several',
      exitStatus: exitStatus.usage,
    });
  }
  requireDistinct(components);
  return { components: components.sort(byName), toolings };
}

interface FoundDocument {
  /** Its path, as the user would write it. */
  file: string;
  text: string;
}

async function documentsBelow(path: string): Promise<FoundDocument[]> {
  const status = await stat(path).catch((cause: unknown) => {
    throw new BunnyError('BUNNY_ENOTHING', `there is no file or directory ${path}`, {
      where: resolve(path),
      cause,
      hint: 'name a component’s directory, or one that holds several',
      exitStatus: exitStatus.usage,
    });
  });
  if (!status.isDirectory()) {
    if (![componentFile, toolingFile].includes(basename(path))) return [];
    return [{ file: path, text: await readDocumentFile(path, largestSource) }];
  }
  const documents = [`**/${componentFile}`, `**/${toolingFile}`];
  const found = await globFiles(path, documents, ['**/node_modules/**']);
  return found.map((below) => ({
    file: join(path, below),
    text: readDocumentBelow(path, below, largestSource),
  }));
}

/** One for each framework that it is for. */
async function readLocalComponent(file: string, text: string): Promise<LocalComponent[]> {
  const document = readComponent(text, file);
  const directory = resolve(dirname(file));
  await requireHeaderDirectories(document, directory);
  const files = await readSourceTree(directory, document.value.exclude);
  const source = sourceDigest(document.value, files);
  const { value } = document;
  return (value.frameworks ?? [value.framework]).map((framework) => ({
    document: { ...document, value: { ...value, framework } },
    file,
    text,
    directory,
    files,
    source,
  }));
}

async function requireHeaderDirectories(document: Document<Component>, directory: string): Promise<void> {
  const { include, sources } = document.value;
  await requireDirectories(
    directory,
    include.map((each) => each.directory),
    (index) => document.at(['include', index, 'directory']),
  );
  for (const [entry, { include: named = [] }] of sources.entries()) {
    await requireDirectories(directory, named, (index) => document.at(['sources', entry, 'include', index]));
  }
}

async function readLocalTooling(file: string, text: string): Promise<LocalTooling> {
  const document = readTooling(text, file);
  return { document, file, directory: resolve(dirname(file)) };
}

function requireDistinct(components: readonly LocalComponent[]): void {
  const seen = new Map<string, LocalComponent>();
  for (const local of components) {
    const { framework, name, version } = local.document.value;
    const key = `${framework} ${name} ${version}`;
    const other = seen.get(key);
    if (other !== undefined) {
      throw new BunnyError('BUNNY_EDUPLICATE', `${name} ${version} is described twice`, {
        where: local.document.at(['version']),
        details: [`first in ${formatPosition(other.document.at(['version']))}`],
        hint: 'give one of them another version',
        exitStatus: exitStatus.usage,
      });
    }
    seen.set(key, local);
  }
}

function byName(left: LocalComponent, right: LocalComponent): number {
  return byCodeUnit(left.document.value.name, right.document.value.name) || byCodeUnit(left.file, right.file);
}
