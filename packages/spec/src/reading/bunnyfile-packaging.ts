import type { Bunnyfile, Kernel, Rootfs, RootfsSource, RootfsType } from '../documents/bunnyfile.js';
import { own } from '../words/own.js';
import { present } from '../words/present.js';
import type { Problem } from './problem.js';

/** The parts of a Bunnyfile that nubificus/bunny has as well, as they may be written. */
export interface RawRootfs {
  from?: string;
  path?: string;
  type?: RootfsType;
  include?: (string | { from?: string; source: string; destination?: string })[];
}
export interface RawKernel {
  from?: string;
  path: string;
}

/** Types of a root file system beside a prebuilt kernel, as nubificus/bunny has them: the first is taken where none is named. */
const packagedTypes: Readonly<Record<string, readonly RootfsType[]>> = { unikraft: ['initrd', 'raw'] };
const otherTypes: readonly RootfsType[] = ['raw', 'initrd', 'block'];

/**
 * `rootfs` of a Bunnyfile. Where a prebuilt kernel is packaged, its type is what nubificus/bunny takes where it is left
 * out: unikraft boots with an initrd, others with the files of the image.
 */
export function rootfs(raw: RawRootfs, framework: string, isPackaging: boolean): Rootfs {
  const { from = 'scratch', path, include = [] } = raw;
  return present({
    ...placeOf(from, 'scratch'),
    path,
    type: raw.type ?? (isPackaging ? typesFor(framework)[0] : undefined) ?? ('initrd' as const),
    include: include.map(sourceOf),
  });
}

function typesFor(framework: string): readonly RootfsType[] {
  return own(packagedTypes, framework) ?? otherTypes;
}

export function kernel({ from = 'local', path }: RawKernel): Kernel {
  return present({ ...placeOf(from), path });
}

function placeOf<Other extends string = never>(
  from: string,
  other?: Other,
): { from: 'local' | 'image' | Other; image: string | undefined } {
  if (from === 'local' || from === other) return { from: from as 'local' | Other, image: undefined };
  return { from: 'image', image: from };
}

/** `source`, `source:` (it keeps its path), `source:destination`, or a map. */
function sourceOf(line: NonNullable<RawRootfs['include']>[number]): RootfsSource {
  if (typeof line === 'string') {
    const colon = line.indexOf(':');
    const source = colon < 0 ? line : line.slice(0, colon);
    const destination = colon < 0 ? '' : line.slice(colon + 1);
    return { source, destination: pathInRoot(destination === '' ? source : destination) };
  }
  const { from = 'local', source, destination = '' } = line;
  return present({
    image: placeOf(from).image,
    source,
    destination: pathInRoot(destination === '' ? source : destination),
  });
}

/** From the root, without `.` and empty parts; a slash at the end stays: it says that this is a directory. */
function pathInRoot(text: string): string {
  const parts = text.split('/');
  const named = parts.filter((part) => part !== '' && part !== '.');
  const isDirectory = named.length > 0 && named.at(-1) !== parts.at(-1);
  return `/${named.join('/')}${isDirectory ? '/' : ''}`;
}

/** An image is named with its registry, or is in a layout: anything else is a mistake. */
const imagePattern = /^(?:oci:.+|localhost(?::\d+)?\/.+|[^/]*[.:][^/]*\/.+)$/;

/** What the schema cannot say of these parts: nubificus/bunny refuses the same. */
export function packagingProblems(bunnyfile: Bunnyfile): Problem[] {
  const { kernel: packaged, rootfs: root } = bunnyfile;
  return [
    ...(packaged === undefined ? [] : imageProblems(packaged.image, ['kernel', 'from'], ['local'])),
    ...(root === undefined
      ? []
      : [...rootProblems(root), ...typeProblems(bunnyfile, root), ...includeProblems(root)]),
  ];
}

function imageProblems(
  image: string | undefined,
  path: Problem['path'],
  words: readonly string[],
): Problem[] {
  if (image === undefined || imagePattern.test(image)) return [];
  const known = words.map((word) => JSON.stringify(word)).join(' or ');
  const message = `${path.filter((step) => typeof step === 'string').join('.')}: must be ${known} or an OCI image, not ${JSON.stringify(image)}`;
  const hint = 'write an image with its registry, as host/path:tag, or oci:DIR:tag for an image layout';
  return [{ code: 'BUNNY_ETYPE', message, path, hint }];
}

function rootProblems({ from, image, path, type, include }: Rootfs): Problem[] {
  const problems: Problem[] = imageProblems(image, ['rootfs', 'from'], ['scratch', 'local']);
  if (problems.length > 0) return problems;
  const add = (key: readonly string[], message: string, hint: string) =>
    problems.push({ code: 'BUNNY_ETYPE', message, path: ['rootfs', ...key], onKey: true, hint });
  if (from === 'scratch' && path !== undefined) {
    const message = 'rootfs: `path` names a prebuilt file, but the file system is made from scratch';
    add(['path'], message, 'add `from: local`, or leave `path` out');
  } else if (type === 'raw' && path !== undefined) {
    add(['path'], 'rootfs: a raw file system is all of an image, and has no `path`', 'leave `path` out');
  }
  if (from === 'local' && type === 'raw') {
    const message = 'rootfs: a local file is an initrd or a block device, not raw';
    add(['from'], message, 'write `type: initrd` or `type: block`, or use `from: scratch`');
  }
  if (from !== 'scratch' && type !== 'raw' && path === undefined) {
    const message = `rootfs: \`from: ${from === 'local' ? 'local' : 'an image'}\` needs the \`path\` of the prebuilt file`;
    add([], message, 'add `path`, or use `from: scratch`');
  }
  if (from !== 'scratch' && type !== 'raw' && include.length > 0) {
    const message = 'rootfs: nothing can be put into a prebuilt file system';
    const hint = from === 'local' ? 'use `from: scratch`' : 'write `type: raw`';
    add(['include'], message, `leave \`include\` out, or ${hint}`);
  }
  return problems;
}

function typeProblems({ framework, kernel: packaged }: Bunnyfile, { from, type }: Rootfs): Problem[] {
  const refuse = (message: string, hint: string): Problem[] => [
    { code: 'BUNNY_EROOTFS', message, path: ['rootfs', 'type'], hint },
  ];
  if (packaged === undefined) {
    if (type === 'initrd') return [];
    return refuse(
      `rootfs: ${type} is for a prebuilt kernel`,
      'leave `type` out: an app boots with an initrd',
    );
  }
  const types = typesFor(framework);
  if (!types.includes(type)) {
    const others = types.map((each) => `\`type: ${each}\``).join(' or ');
    return refuse(
      `rootfs: ${framework} takes no ${type === 'block' ? 'block device' : type}`,
      `write ${others}`,
    );
  }
  if (type !== 'block' || from !== 'scratch') return [];
  return refuse('rootfs: a block device is a prebuilt file', 'name it with `from: local` and `path`');
}

function includeProblems({ include, type }: Rootfs): Problem[] {
  return include.flatMap(({ image, source, destination }, index): Problem[] => {
    const path = ['rootfs', 'include', index];
    const problems = imageProblems(image, [...path, 'from'], ['local']);
    const add = (message: string, hint: string) =>
      problems.push({ code: 'BUNNY_EPATH', message, path, onKey: true, hint });
    const label = `rootfs.include[${index}]`;
    if (source === '') add(`${label}: names no source`, 'write source:destination, or `.` for all');
    if (destination.includes('\0'))
      add(`${label}: the destination has a NUL, which ends names`, 'write it without');
    if (destination.split('/').includes('..'))
      add(`${label}: the destination leaves the root`, 'write it without ..');
    return type === 'block' ? [] : problems;
  });
}
