import type { Bunnyfile, Differences } from '../documents/bunnyfile.js';
import { own } from '../words/own.js';
import type { Path } from './problem.js';

/** The words of a Bunnyfile that can differ on a framework, or for a target. */
type Common = Pick<Bunnyfile, 'app' | 'dependencies' | 'options' | 'providers' | 'settings'>;

/** A Bunnyfile with what differs laid over it: names in a map are added, a value or a list takes the place of another. */
export function laidOver<T extends Common>(common: T, differs: Differences): T {
  const { app, dependencies, options, providers, settings } = differs;
  return {
    ...common,
    ...(app === undefined || common.app === undefined
      ? {}
      : { app: { ...common.app, ...app, defines: { ...common.app.defines, ...app.defines } } }),
    dependencies: { ...common.dependencies, ...dependencies },
    options: joined(common.options, options ?? {}),
    providers: { ...common.providers, ...providers },
    settings: { ...common.settings, ...settings },
  };
}

function joined(common: Common['options'], differs: Common['options']): Common['options'] {
  const names = [...new Set([...Object.keys(common), ...Object.keys(differs)])];
  return Object.fromEntries(names.map((name) => [name, { ...own(common, name), ...own(differs, name) }]));
}

/** Where what a layer says stands in the document: `prefix` is the way to the layer. */
export interface Layer {
  prefix: Path;
  says: Differences;
}

/**
 * The way to a word in the document: in the layer over it, where that has the word or the nearest that is above it
 * and can differ; else undefined.
 */
export function pathInLayer({ prefix, says }: Layer, path: Path): Path | undefined {
  const depth = path[0] === 'options' ? 3 : 2;
  if (path.length < depth && path[0] !== 'app') return undefined;
  let value: unknown = says;
  for (const step of path.slice(0, depth)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  const isPlain = says.plainSources === true && path[0] === 'app' && path[1] === 'sources';
  return [...prefix, ...(isPlain ? path.slice(1) : path)];
}
