import { formatReference, parseReference } from 'bunny-libos-oci';
import { BunnyError, exitStatus, isVersion } from 'bunny-libos-spec';

/** A component on a registry or in a layout. */
export interface ComponentPlace {
  /** Base reference: the namespace above the framework. */
  to: string;
  framework: string;
  name: string;
}

/** `host/libos/warren/libc` is libc of the framework warren under `host/libos`. Throws BUNNY_EREFERENCE. */
export function componentPlace(text: string): ComponentPlace {
  const reference = parseReference(text);
  const parts = reference.path.split('/');
  const [name, framework] = [parts.pop() ?? '', parts.pop() ?? ''];
  const isOne = reference.tag !== undefined || reference.digest !== undefined;
  if (isOne || framework === '' || (reference.kind === 'registry' && parts.length === 0)) {
    throw new BunnyError('BUNNY_EREFERENCE', `${text} names no component`, {
      where: text,
      hint: 'write host/namespace/FRAMEWORK/COMPONENT, or oci:DIR:FRAMEWORK/COMPONENT',
      exitStatus: exitStatus.usage,
    });
  }
  return { to: formatReference({ ...reference, path: parts.join('/') }), framework, name };
}

/** Throws BUNNY_EVERSION for what is no version in full. */
export function requireVersion(version: string, where: string): void {
  if (isVersion(version)) return;
  throw new BunnyError('BUNNY_EVERSION', `${JSON.stringify(version)} is not a version`, {
    where,
    hint: 'write it out in full: 1.2.0',
  });
}
