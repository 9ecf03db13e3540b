import { formatReference, parseReference } from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';

/**
 * The last words of a repository's path, as many as `count` says, and the base reference above them. Throws BUNNY_EREFERENCE
 * where the text is no repository with so many words below a namespace; `named` says what it was to name, and how.
 */
export function splitReference(
  text: string,
  count: number,
  named: { what: string; hint: string },
): { to: string; words: string[] } {
  const { tag, digest, ...reference } = parseReference(text);
  const parts = reference.path.split('/');
  const words = parts.splice(-count);
  const isOne = tag !== undefined || digest !== undefined;
  const isShort =
    words.length < count || words.includes('') || (reference.kind === 'registry' && parts.length === 0);
  if (isOne || isShort) {
    throw new BunnyError('BUNNY_EREFERENCE', `${text} names no ${named.what}`, {
      where: text,
      hint: named.hint,
      exitStatus: exitStatus.usage,
    });
  }
  return { to: formatReference({ ...reference, path: parts.join('/') }), words };
}
