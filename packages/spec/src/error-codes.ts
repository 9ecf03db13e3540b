import type { ErrorCode } from './errors.js';

/** Every error code, with what it means: the source of docs/reference/errors.md. */
export const errorCodes = {
  BUNNY_EYAML:
    'A document is not well-formed YAML, or has a key twice, aliases beyond measure, or too many levels.',
  BUNNY_EJSON: 'A document from a registry, or the lock, is not well-formed JSON.',
  BUNNY_ETOOLARGE: 'A document is larger than any honest one.',
  BUNNY_EUNKNOWNKEY: 'A document has a key that its format does not know.',
  BUNNY_ETYPE: 'A value in a document is of the wrong kind, or a key is missing.',
  BUNNY_ENAME: 'A name does not follow the rules for names of components, capabilities and frameworks.',
  BUNNY_EVERSION: 'A version is not a semantic version, or cannot be written as a tag.',
  BUNNY_ERANGE: 'A range of versions cannot be read.',
  BUNNY_EPATH: 'A path or glob leads out of the directory it belongs to.',
  BUNNY_EOPTION: 'An option or a setting does not exist, or has a value outside its declaration.',
  BUNNY_EHASH: 'Metadata from a registry contradicts its own hash.',
  BUNNY_ELOCKCONFLICT: 'A merge left its conflict marks in bunny.lock.',
} as const satisfies Readonly<Record<ErrorCode, string>>;
