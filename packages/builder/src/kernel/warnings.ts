import { type Bunnyfile, type Document, formatPosition } from 'bunny-libos-spec';
import type { ArtifactType } from '../artifacts/artifact.js';

/** nubificus/bunny packages without a look at `architecture`: files written for it may have any. */
export function wrongArchitecture({ value, at }: Document<Bunnyfile>, machine: string | undefined): string[] {
  if (machine === undefined || value.architecture === undefined || value.architecture === machine) return [];
  const place = formatPosition(at(['platforms', 'architecture']));
  return [`${place}: the kernel is for ${machine}, not for ${value.architecture}`];
}

/** Keys that say something of an app that is compiled, or of an image that is started by what is in it. */
export function unusedKeys(
  { value, at, keyAt }: Document<Bunnyfile>,
  types: readonly ArtifactType[],
): string[] {
  const isStarted = types.some(({ isContainer }) => isContainer === true);
  const { cmd, entrypoint, dependencies, options, providers, settings } = value;
  const place = (key: string) => formatPosition(keyAt([key]));
  const isOlder = formatPosition(keyAt(['cmdline'])) !== formatPosition(at([]));
  const commands = Object.entries({ [isOlder ? 'cmdline' : 'cmd']: cmd, entrypoint }).filter(
    ([, words]) => words.length > 0 && !isStarted,
  );
  const maps = Object.entries({ dependencies, options, providers, settings }).filter(
    ([, map]) => Object.keys(map).length > 0,
  );
  return [
    ...commands.map(
      ([key]) =>
        `${place(key)}: ${key} does nothing: a prebuilt kernel is packaged as it is, without arguments`,
    ),
    ...maps.map(([key]) => `${place(key)}: ${key} does nothing: a prebuilt kernel needs no layers`),
  ];
}
