import path from 'node:path';
import { tryParseDigest } from './digest.js';
import { OciError } from './errors.js';

/** `host[:port]/path[:tag][@digest]` */
export interface RegistryReference {
  kind: 'registry';
  /** With the port, if any: `localhost:5000`, `[::1]:5000`. */
  host: string;
  /** Repository, or a namespace of repositories; empty where only the registry is named. */
  path: string;
  tag?: string | undefined;
  digest?: string | undefined;
}

/** `oci:DIR[:path[:tag]][@digest]`: an image layout on disk. All its repositories share one index.json. */
export interface LayoutReference {
  kind: 'layout';
  directory: string;
  /** Repository within the layout; empty where the layout is one repository. */
  path: string;
  tag?: string | undefined;
  digest?: string | undefined;
}

export type Reference = RegistryReference | LayoutReference;

// Grammar of distribution-spec 1.1, "Pulling manifests".
const pathPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const hostPattern =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
const maximumNameLength = 255;

const tagRule =
  'a tag has at most 128 letters, digits, "_", "." and "-", and begins with none of the last two';

export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** The tag, as it is. Throws BUNNY_EREFERENCE about `where` for any other text. */
export function requireTag(text: string, where: string): string {
  if (isTag(text)) return text;
  throw unusable(text, 'not a tag', where);
}

/** The tag or digest, as it is. Throws BUNNY_EREFERENCE about `where` for any other text. */
export function requireTagOrDigest(text: string, where: string): string {
  if (isTag(text) || tryParseDigest(text) !== undefined) return text;
  throw unusable(text, 'neither a tag nor a digest', where);
}

function unusable(text: string, why: string, where: string): OciError {
  const summary = `${JSON.stringify(text.slice(0, 200))} is ${why}`;
  return new OciError('BUNNY_EREFERENCE', summary, { where, hint: tagRule, exitStatus: 2 });
}

function malformed(text: string, why: string, hint: string): OciError {
  return new OciError(
    'BUNNY_EREFERENCE',
    `${JSON.stringify(text.slice(0, 300))} is not a reference: ${why}`,
    {
      where: text.slice(0, 300),
      hint,
      exitStatus: 2,
    },
  );
}

const forms =
  'write host[:port]/path[:tag][@sha256:…], or oci:DIR[:path[:tag]][@sha256:…] for an image layout';

/** Splits `@digest` and `:tag` off the end. The colon of a tag stands after the last slash. */
function splitSuffix(text: string, whole: string): { rest: string; tag?: string; digest?: string } {
  let rest = text;
  const found: { tag?: string; digest?: string } = {};
  const at = rest.lastIndexOf('@');
  if (at >= 0) {
    found.digest = rest.slice(at + 1);
    rest = rest.slice(0, at);
    if (tryParseDigest(found.digest) === undefined) {
      throw malformed(
        whole,
        'the part after "@" is no digest',
        'a digest is "sha256:" and 64 hexadecimal digits',
      );
    }
  }
  const colon = rest.lastIndexOf(':');
  if (colon >= 0 && colon > rest.lastIndexOf('/')) {
    found.tag = rest.slice(colon + 1);
    rest = rest.slice(0, colon);
    if (!isTag(found.tag)) {
      throw malformed(whole, 'the tag is not well formed', tagRule);
    }
  }
  return { rest, ...found };
}

function checkPath(repository: string, whole: string): void {
  if (repository === '') return;
  if (!pathPattern.test(repository) || repository.length > maximumNameLength) {
    throw malformed(
      whole,
      `the repository path ${JSON.stringify(repository.slice(0, 300))} is not well formed`,
      'a path has lower-case letters, digits and single ".", "_" or "-" between them, in parts divided by "/"',
    );
  }
}

/** Parses either form of reference. Throws BUNNY_EREFERENCE. */
export function parseReference(text: string): Reference {
  return text.startsWith('oci:') ? parseLayout(text) : parseRegistry(text);
}

function parseLayout(text: string): LayoutReference {
  const body = text.slice('oci:'.length);
  const colon = body.indexOf(':');
  const at = body.lastIndexOf('@sha');
  const end = colon >= 0 ? colon : at >= 0 ? at : body.length;
  // `oci:DIR@sha256:…`: the first colon is the one within the digest.
  const directoryEnd = at >= 0 && at < end ? at : end;
  const directory = body.slice(0, directoryEnd);
  if (directory === '' || directory.includes('\0')) throw malformed(text, 'it names no directory', forms);
  const after = body.slice(directoryEnd);
  const { rest, ...suffix } = splitSuffix(after.startsWith(':') ? after.slice(1) : after, text);
  checkPath(rest, text);
  return { kind: 'layout', directory, path: rest, ...suffix };
}

function parseRegistry(text: string): RegistryReference {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  if (text.includes('://')) throw malformed(text, 'it is a URL', `leave out the scheme: ${forms}`);
  if (!hostPattern.test(host) || !(/[.:]/.test(host) || host === 'localhost')) {
    throw malformed(text, 'it does not begin with the host of a registry', forms);
  }
  if (Number(/:(\d+)$/.exec(host.replace(/^\[.*\]/, ''))?.[1] ?? 0) > 65535) {
    throw malformed(text, 'there is no such port', 'a port is at most 65535');
  }
  if (slash < 0) return { kind: 'registry', host: host.toLowerCase(), path: '' };
  const { rest, ...suffix } = splitSuffix(text.slice(slash + 1), text);
  if (rest === '') throw malformed(text, 'it names no repository', forms);
  checkPath(rest, text);
  return { kind: 'registry', host: host.toLowerCase(), path: rest, ...suffix };
}

/** The text that parses to this reference. */
export function formatReference(reference: Reference): string {
  const suffix =
    (reference.tag === undefined ? '' : `:${reference.tag}`) +
    (reference.digest === undefined ? '' : `@${reference.digest}`);
  if (reference.kind === 'registry') {
    return `${reference.host}${reference.path === '' ? '' : '/'}${reference.path}${suffix}`;
  }
  const body = reference.path + suffix;
  if (body === '' || body.startsWith('@')) return `oci:${reference.directory}${body}`;
  return `oci:${reference.directory}:${body}`;
}

/**
 * The repository `path` under the namespace `base`:
 * `localhost:5000/libos` + `warren/libc` = `localhost:5000/libos/warren/libc`,
 * `oci:DIR` + `warren/libc` = `oci:DIR:warren/libc`, `oci:DIR:libos` + … = `oci:DIR:libos/warren/libc`.
 * Throws BUNNY_EREFERENCE where either is not well formed or the base names a tag or digest.
 */
export function joinReference(base: string | Reference, repository: string): string {
  const parsed = typeof base === 'string' ? parseReference(base) : base;
  if (parsed.tag !== undefined || parsed.digest !== undefined) {
    throw malformed(
      formatReference(parsed),
      'a namespace has no tag or digest',
      'leave out the tag or digest',
    );
  }
  const joined = parsed.path === '' ? repository : `${parsed.path}/${repository}`;
  checkPath(joined, formatReference(parsed));
  return formatReference({ ...parsed, path: joined });
}

/** The same reference with the directory of a layout made absolute, so that it survives a change of directory. */
export function resolveReference(reference: Reference, from: string): Reference {
  if (reference.kind === 'registry') return reference;
  return { ...reference, directory: path.resolve(from, reference.directory) };
}

/** Whether a host is this machine by name or address, so that plain HTTP to it cannot be overheard. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
