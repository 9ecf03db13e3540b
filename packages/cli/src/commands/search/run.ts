import {
  type Definer,
  definersOf,
  definerText,
  entriesAbout,
  type FoundEntry,
  newestForAny,
  offeredNames,
} from 'bunny-libos-namespace';
import { frameworkCatalogs } from 'bunny-libos-project';
import { BunnyError, type CatalogEntry, type CatalogVersion, exitStatus, nearest } from 'bunny-libos-spec';
import { openNetwork } from '../../project/network.js';
import { table } from '../../terminal/table.js';
import type { Context } from './command.js';

interface Everything {
  framework: string;
  found: readonly FoundEntry[];
}

/** Results as `--json` prints them, rows as the table shows them, and what else might have been meant. */
interface Answer {
  results: readonly object[];
  headings: readonly string[];
  rows: readonly (readonly string[])[];
  near: readonly string[];
}

/** `bunny search`: status 1 where nothing is found. */
export async function run(context: Context, word?: string): Promise<number> {
  const { flags, terminal, signal } = context;
  const { header, symbol } = flags;
  if (word !== undefined && (header ?? symbol) !== undefined) {
    const flag = header === undefined ? '--symbol' : '--header';
    throw new BunnyError('BUNNY_EUSAGE', `WORD and ${flag} exclude each other`, {
      where: 'bunny search',
      hint: `leave ${JSON.stringify(word)} out, or ${flag}`,
      exitStatus: exitStatus.usage,
    });
  }
  terminal.progress('reading the catalog');
  const all: Everything[] = await Promise.all(
    (
      await frameworkCatalogs({
        ...flags,
        network: openNetwork(context),
        signal,
        observer: { onWarning: (text) => terminal.warn(text) },
      })
    ).map(async ({ framework, catalog }) => ({
      framework,
      found: (await catalog.entries()).flatMap(withoutYanked),
    })),
  );
  terminal.clear();
  if (all.every(({ found }) => found.length === 0)) throw nothingPublished(all);
  const answer =
    header !== undefined
      ? byContents(all, 'headers', header)
      : symbol !== undefined
        ? byContents(all, 'symbols', symbol)
        : byWord(all, word ?? '');
  const query = { word, ...pick(flags) };
  terminal.result({ query, results: answer.results, near: answer.near });
  if (answer.results.length > 0) {
    terminal.print(table(answer.headings, answer.rows));
    return exitStatus.done;
  }
  const what = header ?? symbol ?? word ?? 'any component';
  const meant = answer.near.length === 0 ? '' : `; did you mean ${answer.near.join(' or ')}?`;
  terminal.error(`nothing is published that has ${what}${meant}`);
  return exitStatus.unsatisfiable;
}

/** What a newcomer can have. A component whose versions are all yanked is not found. */
function withoutYanked({ entry, from }: FoundEntry): FoundEntry[] {
  const versions = entry.versions.filter(({ yanked }) => yanked !== true);
  return versions.length === 0 ? [] : [{ entry: { ...entry, versions }, from }];
}

function nothingPublished(all: readonly Everything[]): BunnyError {
  const frameworks = all.map(({ framework }) => framework).join(', ');
  return new BunnyError('BUNNY_ENOTFOUND', `nothing is published for ${frameworks}`, {
    where: frameworks,
    hint: 'check the name of the framework, and where to look: --from, `registries` of the Bunnyfile, BUNNY_REGISTRY',
    exitStatus: exitStatus.unsatisfiable,
  });
}

function byWord(all: readonly Everything[], word: string): Answer {
  const matches = all.flatMap(({ framework, found }) =>
    entriesAbout(
      found.map(({ entry }) => entry),
      word,
    ).map((entry) => ({ framework, entry, from: found.find((each) => each.entry === entry)?.from })),
  );
  const capabilities = (entry: CatalogEntry) => Object.keys(newest(entry)?.provides ?? {}).sort();
  const known = all.flatMap(({ found }) =>
    found.flatMap(({ entry }) => [entry.name, ...capabilities(entry)]),
  );
  return {
    results: matches.map(({ framework, entry, from }) => ({
      framework,
      name: entry.name,
      version: newest(entry)?.version,
      versions: entry.versions.map(({ version }) => version),
      description: entry.description,
      license: entry.license,
      provides: newest(entry)?.provides ?? {},
      from,
    })),
    headings: ['COMPONENT', 'VERSION', 'PROVIDES', 'DESCRIPTION'],
    rows: matches.map(({ framework, entry }) => [
      all.length > 1 ? `${framework}/${entry.name}` : entry.name,
      newest(entry)?.version ?? '',
      capabilities(entry).join(' '),
      entry.description ?? '',
    ]),
    near: matches.length > 0 ? [] : nearest(word, new Set(known)),
  };
}

function newest({ versions }: CatalogEntry): CatalogVersion | undefined {
  const any = newestForAny(versions.map(({ version }) => version));
  return versions.find(({ version }) => version === any);
}

function byContents(all: readonly Everything[], kind: 'headers' | 'symbols', name: string): Answer {
  const matches = all.flatMap(({ framework, found }) =>
    (
      definersOf(
        found.map(({ entry }) => entry),
        kind,
        [name],
      ).get(name) ?? []
    ).map((definer) => ({ framework, definer, from: fromOf(found, definer) })),
  );
  return {
    results: matches.map(({ framework, definer: { component, ...rest }, from }) => ({
      framework,
      name: component,
      ...rest,
      from,
    })),
    headings: ['COMPONENT', 'VERSION', kind === 'headers' ? 'HAS THE HEADER' : 'DEFINES IT'],
    rows: matches.map(({ framework, definer }) => [
      all.length > 1 ? `${framework}/${definer.component}` : definer.component,
      definer.version,
      definerText(definer).replace(/^\S+ \S+ ?/, '') || 'always',
    ]),
    near: matches.length > 0 ? [] : nearNames(all, kind, name),
  };
}

/** Headers of that name in some directory, and names that are like it. */
function nearNames(all: readonly Everything[], kind: 'headers' | 'symbols', name: string): string[] {
  const entries = all.flatMap(({ found }) => found.map(({ entry }) => entry));
  const offered = offeredNames(entries, kind);
  const sameFile = [...offered].filter((each) => each.endsWith(`/${name}`)).sort();
  return [...new Set([...sameFile, ...nearest(name, offered)])].slice(0, 3);
}

function fromOf(found: readonly FoundEntry[], { component }: Definer): string | undefined {
  return found.find(({ entry }) => entry.name === component)?.from;
}

function pick({ header, symbol }: Context['flags']): {
  header?: string | undefined;
  symbol?: string | undefined;
} {
  return { header, symbol };
}
