import { type App, defaultAppSources, type RegistrySource } from '../documents/bunnyfile.js';
import type { Options, Scalar } from '../documents/vocabulary.js';
import { type RawDependencies, words } from './shorthand.js';

/** What stands at several places of a Bunnyfile, as registry-schemas/bunnyfile.schema.json describes it. */

export type RawWords = string | string[];

export interface RawApp {
  language?: string;
  sources?: string[];
  include?: string[];
  defines?: Record<string, Scalar>;
  flags?: RawWords;
}

export type RawRegistries = (string | { ref: string; mirrors?: string[] })[];

/** What can differ on a framework, or for a target. */
export interface RawDifferences {
  sources?: string[];
  app?: RawApp;
  dependencies?: RawDependencies;
  options?: Record<string, Options>;
  providers?: Record<string, string>;
  settings?: Record<string, Scalar>;
}

export type RawTarget = RawDifferences & { framework?: string; arch: string; platform: string };

export type RawFramework = RawDifferences & { version?: string; registries?: RawRegistries };

/** An app with every default filled in. */
export function app(raw: RawApp): App {
  return {
    language: raw.language ?? 'auto',
    sources: raw.sources ?? defaultAppSources,
    include: raw.include ?? [],
    defines: raw.defines ?? {},
    flags: words(raw.flags),
  };
}

export function registry(raw: RawRegistries[number]): RegistrySource {
  return typeof raw === 'string' ? { ref: raw, mirrors: [] } : { ref: raw.ref, mirrors: raw.mirrors ?? [] };
}

/** A range of tooling versions: `v0.15.0` is written in some files for `0.15.0`. */
export function toolingRange(text: string): string {
  return text.replace(/^v(?=\d)/, '');
}
