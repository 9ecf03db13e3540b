import { parseSize } from 'bunny-libos-spec';
import { InvalidArgumentError } from 'commander';
import { parseAge } from '../terminal/quantities.js';

/** Values of flags, as they are read. */

/** The values of a flag that may be given more than once, in order. */
export function each(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** The same, none of them empty. Throws InvalidArgumentError. */
export function eachFilled(value: string, before: string[] | undefined): string[] {
  return each(filled(value), before);
}

/** The same, several of them in one word with commas between. Throws InvalidArgumentError for an empty one. */
export function list(value: string, before: string[] | undefined): string[] {
  const items = value.split(',');
  // What is empty was to be something: a variable of a script, which is not set there.
  if (items.includes('')) throw new InvalidArgumentError('It must be names with commas between them.');
  return [...(before ?? []), ...items];
}

/** An architecture, or several of them: not a target, as lists of these name it. Throws InvalidArgumentError. */
export function withoutPlatform(value: string): string {
  const [, arch, platform] = /^([^/,]+)\/([^/,]+)$/.exec(value) ?? [];
  if (arch === undefined) return value;
  throw new InvalidArgumentError(`It names a platform too: write --arch ${arch} --platform ${platform}.`);
}

/** A whole number from 1. Throws InvalidArgumentError. */
export function positive(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return number;
}

/** `30d` in milliseconds. Throws InvalidArgumentError. */
export function age(value: string): number {
  const milliseconds = parseAge(value);
  if (milliseconds === undefined)
    throw new InvalidArgumentError('It must be an age such as 90m, 12h, 30d or 2w.');
  return milliseconds;
}

/** `500MB` in bytes. Throws InvalidArgumentError. */
export function size(value: string): number {
  const bytes = parseSize(value);
  if (bytes === undefined) throw new InvalidArgumentError('It must be a size such as 500MB, 2GB or 1GiB.');
  return bytes;
}

/** A number of seconds, above 0, with or without a fraction. Throws InvalidArgumentError. */
export function seconds(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0)
    throw new InvalidArgumentError('It must be a number of seconds.');
  return number;
}

/** `2/4`: the part, counted from 1, and how many there are. Throws InvalidArgumentError. */
export function shard(value: string): { index: number; count: number } {
  const [, index, count] = (/^(\d+)\/(\d+)$/.exec(value) ?? []).map(Number);
  if (index === undefined || count === undefined || index < 1 || index > count) {
    throw new InvalidArgumentError('It must be I/N with I from 1 to N, such as 1/4.');
  }
  return { index, count };
}

/** Formats of bills of materials, in order. Throws InvalidArgumentError. */
export function eachSbom(value: string, before: string[] | undefined): string[] {
  if (!['spdx', 'cyclonedx'].includes(value)) throw new InvalidArgumentError('It must be spdx or cyclonedx.');
  return each(value, before);
}

/** A text that says something: an empty one was to be a variable of a script. Throws InvalidArgumentError. */
export function filled(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return value;
}

/** A whole number from 0. Throws InvalidArgumentError. */
export function whole(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new InvalidArgumentError('It must be a whole number from 0.');
  return number;
}
