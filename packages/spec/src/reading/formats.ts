import validVersion from 'semver/functions/valid.js';
import validRange from 'semver/ranges/valid.js';
import { catalogRepository, toolingRepository } from '../documents/repositories.js';
import type { ErrorCode } from '../errors/errors.js';

/** Tags are `<version>_<16 hex digits>` in at most 128 characters; 100 leaves room for other suffixes. */
const longestVersion = 100;
const longestRange = 1000;
const longestName = 64;

/** An OCI path component (distribution spec, section "Pulling manifests"). */
const pathComponent = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

const takenNames: ReadonlySet<string> = new Set([toolingRepository, catalogRepository]);

/** True for a semantic version, written out in full, without build metadata. */
export function isVersion(text: string): boolean {
  return text.length <= longestVersion && validVersion(text) === text;
}

/** True for a range that node-semver reads. */
export function isRange(text: string): boolean {
  return text.length <= longestRange && text.trim() !== '' && validRange(text) !== null;
}

/** True for the name of a component, capability or framework. */
export function isComponentName(text: string): boolean {
  return text.length <= longestName && pathComponent.test(text) && !takenNames.has(text);
}

/** True for a path (or glob) that stays below the directory it is relative to. */
export function isRelativePath(text: string): boolean {
  return (
    text !== '' &&
    text.length <= 1000 &&
    !text.startsWith('/') &&
    !/[\\\0\n\r]/.test(text) &&
    !text.split('/').includes('..')
  );
}

/**
 * True for v0.1 of the Bunnyfile's format, and what was before: nubificus/bunny takes whatever reads as a version and is
 * at most 0.1, such as `0.1` and `v0.1.0`.
 */
export function isBunnyfileVersion(text: string): boolean {
  const [, major, minor = '0', patch = '0'] =
    /^v?(\d+)(?:\.(\d+)(?:\.(\d+))?)?(?:-[\w.-]+)?(?:\+[\w.-]+)?$/.exec(text) ?? [];
  return Number(major) === 0 && (Number(minor) === 0 || (Number(minor) === 1 && Number(patch) === 0));
}

/** The formats that the schemas name. The generated validators call them. */
export const formats: Readonly<Record<string, (text: string) => boolean>> = {
  semver: isVersion,
  'semver-range': isRange,
  'component-name': isComponentName,
  'relative-path': isRelativePath,
  'bunnyfile-version': isBunnyfileVersion,
};

/** What is wrong with a text that does not have a format, and what to write in its place. */
export function explainFormat(
  format: string,
  text: string,
): { code: ErrorCode; message: string; hint?: string } {
  const quoted = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  switch (format) {
    case 'semver':
      return { code: 'BUNNY_EVERSION', ...explainVersion(text, quoted) };
    case 'semver-range':
      return {
        code: 'BUNNY_ERANGE',
        message: `${quoted} is not a range of versions`,
        hint: 'write a range as node-semver reads it: ^1.2, ~1.2.3, >=1 <3, 1.x or *',
      };
    case 'component-name':
      return { code: 'BUNNY_ENAME', ...explainName(text, quoted) };
    case 'bunnyfile-version':
      return {
        code: 'BUNNY_ETYPE',
        message: `must be "v0.1", not ${quoted}`,
        hint: 'a newer version of Bunny may read it',
      };
    default:
      return {
        code: 'BUNNY_EPATH',
        message: `${quoted} is not a path below the directory of the document`,
        hint: 'write a relative path with / and without ..',
      };
  }
}

function explainVersion(text: string, quoted: string): { message: string; hint: string } {
  if (text.length > longestVersion) {
    return {
      message: `the version has ${text.length} characters`,
      hint: `use at most ${longestVersion}, so that it fits into a tag`,
    };
  }
  if (text.includes('+') && validVersion(text) !== null) {
    return {
      message: `${quoted} has build metadata, which OCI tags cannot hold`,
      hint: `write ${JSON.stringify(text.slice(0, text.indexOf('+')))}`,
    };
  }
  const meant = validVersion(text) ?? validVersion(`${text}.0`) ?? validVersion(`${text}.0.0`);
  return {
    message: `${quoted} is not a semantic version`,
    hint: meant === null ? 'write three numbers: 1.2.0' : `write ${JSON.stringify(meant)}`,
  };
}

function explainName(text: string, quoted: string): { message: string; hint: string } {
  if (takenNames.has(text)) {
    return { message: `the name ${quoted} is reserved by Bunny`, hint: 'choose another name' };
  }
  return {
    message: `${quoted} cannot be a name of a component`,
    hint: `use lower-case letters and digits, parts joined by '.', '_', '__' or '-', at most ${longestName} characters`,
  };
}
