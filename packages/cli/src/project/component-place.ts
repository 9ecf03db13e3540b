import { BunnyError, isVersion } from 'bunny-libos-spec';
import { splitReference } from './split-reference.js';

/** A component on a registry or in a layout. */
export interface ComponentPlace {
  /** Base reference: the namespace above the framework. */
  to: string;
  framework: string;
  name: string;
}

/** `host/libos/warren/libc` is libc of the framework warren under `host/libos`. Throws BUNNY_EREFERENCE. */
export function componentPlace(text: string): ComponentPlace {
  const { to, words } = splitReference(text, 2, {
    what: 'component',
    hint: 'write host/namespace/FRAMEWORK/COMPONENT, or oci:DIR:FRAMEWORK/COMPONENT',
  });
  const [framework = '', name = ''] = words;
  return { to, framework, name };
}

/** Throws BUNNY_EVERSION for what is no version in full. */
export function requireVersion(version: string, where: string): void {
  if (isVersion(version)) return;
  throw new BunnyError('BUNNY_EVERSION', `${JSON.stringify(version)} is not a version`, {
    where,
    hint: 'write it out in full: 1.2.0',
  });
}
