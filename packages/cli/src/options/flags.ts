import { parseSize } from 'bunny-libos-spec';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseAge } from '../terminal/quantities.js';

/** Flags that several commands share, and the values that they take. */

/** A command with the flags that every one has. */
export function command(parent: Command, nameAndArguments: string, description: string): Command {
  return parent
    .command(nameAndArguments)
    .description(description)
    .option('--json', 'print one JSON document on stdout')
    .option('-q, --quiet', 'print only warnings, errors, and what was asked for');
}

/** A command that talks to registries. */
export function networkCommand(parent: Command, nameAndArguments: string, description: string): Command {
  return command(parent, nameAndArguments, description)
    .option('--plain-http', 'talk HTTP, not HTTPS, also to registries that are not on this machine')
    .option('--no-plain-http', 'talk HTTPS also to registries on this machine')
    .addOption(
      new Option(
        '--insecure <HOST>',
        'accept any certificate of this host[:port]; may be repeated',
      ).argParser(eachFilled),
    )
    .addOption(
      new Option('--ca-file <FILE>', 'trust the authorities in this PEM file too; may be repeated').argParser(
        eachFilled,
      ),
    );
}

/** `--file`: a path, of a file or of the directory that holds it. */
export function bunnyfile(): Option {
  return new Option('-f, --file <FILE>', 'the Bunnyfile (default: ./Bunnyfile)').argParser(filled);
}

/** `--from`: references in the order in which they are asked. */
export function from(): Option {
  return new Option('--from <REF>', 'where layers are; may be given more than once, in order').argParser(
    each,
  );
}

/** `--arch` for any number of architectures, by their OCI names. */
export function architectures(): Option {
  return new Option('--arch <A,..>', 'architectures, as OCI names them: amd64, arm64, riscv64').argParser(
    (value, before: string[] | undefined) => list(withoutPlatform(value), before),
  );
}

/** `--platform` for any number of platforms. */
export function platforms(): Option {
  return new Option('--platform <P,..>', 'what images boot on: qemu, linuxu, ...').argParser(list);
}

/** `--arch` for one architecture. */
export function architecture(): Option {
  return new Option('--arch <A>', 'architecture, as OCI names it: amd64, arm64, riscv64').argParser((value) =>
    filled(withoutPlatform(value)),
  );
}

/** `--platform` for one platform. */
export function platform(): Option {
  return new Option('--platform <P>', 'what the image boots on: qemu, linuxu, ...').argParser(filled);
}

/** `--password-stdin` of commands that open a private key. */
export function passphraseStdin(): Option {
  return new Option('--password-stdin', 'read the passphrase of the key from standard input');
}

/** `--frozen` */
export function frozen(): Option {
  return new Option('--frozen', 'fail where bunny.lock would change');
}

/** `--limit`: what commands in the sandbox may use up. */
export function limit(): Option {
  return new Option(
    '--limit <NAME=VALUE>',
    'what compilers may use up: memory=4GB, processes=2000, file-size, disk, tmp, time=10m, or =none',
  ).argParser(eachFilled);
}

/** `--offline` */
export function offline(): Option {
  return new Option('--offline', 'use only what the store has');
}

/** `--verbose`: what a build runs. */
export function verbose(): Option {
  return new Option('-v, --verbose', 'print every command that is run, and what it says');
}

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
function withoutPlatform(value: string): string {
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
