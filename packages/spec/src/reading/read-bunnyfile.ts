import { validate } from '#validators/bunnyfile';
import type { Bunnyfile, Kernel, Rootfs } from '../documents/bunnyfile.js';
import { normaliseArchitecture, type Options, type Scalar } from '../documents/vocabulary.js';
import { present } from '../words/present.js';
import {
  app,
  type RawApp,
  type RawFramework,
  type RawRegistries,
  type RawTarget,
  type RawWords,
  registry,
  toolingRange,
} from './bunnyfile-shorthand.js';
import { frameworks, targetProblems, targets, usualFramework } from './bunnyfile-targets.js';
import { clashingOptions } from './clashing-options.js';
import { type Document, readYamlDocument } from './document.js';
import type { Problem } from './problem.js';
import { dependencies, given, type RawDependencies, words } from './shorthand.js';

/** A Bunnyfile as registry-schemas/bunnyfile.schema.json describes it. */
interface RawBunnyfile {
  version: string;
  name?: string;
  platforms?: { framework?: string; version?: string; monitor?: string; architecture?: string };
  registries?: RawRegistries;
  app?: RawApp;
  dependencies?: 'auto' | RawDependencies;
  options?: Record<string, Options>;
  providers?: Record<string, string>;
  settings?: Record<string, Scalar>;
  targets?: (string | RawTarget)[];
  frameworks?: Record<string, RawFramework>;
  rootfs?: { from?: 'scratch' | 'local'; path?: string; type?: 'initrd'; include?: string[] };
  kernel?: { from?: 'local'; path: string };
  envs?: string[];
  cmd?: RawWords;
  cmdline?: RawWords;
  entrypoint?: RawWords;
}

/**
 * Reads a Bunnyfile. `file` is for messages; `directoryName` becomes the app's name where the file gives none.
 * Throws one BunnyError with all that is wrong: BUNNY_EYAML, BUNNY_EUNKNOWNKEY, BUNNY_ETYPE, BUNNY_ENAME,
 * BUNNY_ERANGE, BUNNY_EPATH, BUNNY_ESETTING, BUNNY_EDUPLICATE, BUNNY_ETOOLARGE.
 */
export function readBunnyfile(text: string, file: string, directoryName = 'app'): Document<Bunnyfile> {
  const normalise = (raw: RawBunnyfile) => normaliseBunnyfile(raw, appName(directoryName));
  return readYamlDocument(text, file, { validate, normalise, check });
}

/** The name of a directory as the name of an app: `My App` becomes `my-app`. */
export function appName(directoryName: string): string {
  const name = directoryName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replace(/^-|-$/g, '');
  return name === '' ? 'app' : name;
}

function normaliseBunnyfile(raw: RawBunnyfile, defaultName: string): Bunnyfile {
  const { version = '*', monitor, architecture } = raw.platforms ?? {};
  return present({
    version: 'v0.1' as const,
    name: raw.name ?? defaultName,
    framework: usualFramework(raw),
    toolingVersion: toolingRange(version),
    monitor,
    architecture: architecture === undefined ? undefined : normaliseArchitecture(architecture),
    registries: (raw.registries ?? []).map(registry),
    app: raw.kernel !== undefined && raw.app === undefined ? undefined : app(raw.app ?? {}),
    dependencies: raw.dependencies === 'auto' ? {} : dependencies(raw.dependencies),
    inferDependencies: raw.dependencies === 'auto' ? (true as const) : undefined,
    options: raw.options ?? {},
    providers: raw.providers ?? {},
    settings: raw.settings ?? {},
    targets: targets(raw),
    frameworks: frameworks(raw),
    rootfs: raw.rootfs && rootfs(raw.rootfs),
    kernel: raw.kernel && kernel(raw.kernel),
    envs: raw.envs ?? [],
    cmd: words(raw.cmd ?? raw.cmdline),
    entrypoint: words(raw.entrypoint),
  });
}

function rootfs(raw: NonNullable<RawBunnyfile['rootfs']>): Rootfs {
  return {
    from: raw.from ?? 'scratch',
    ...given(raw, 'path'),
    type: raw.type ?? 'initrd',
    include: (raw.include ?? []).map((line) => {
      const colon = line.indexOf(':');
      const source = colon < 0 ? line : line.slice(0, colon);
      const destination = colon < 0 ? line : line.slice(colon + 1);
      return { source, destination: pathInRoot(destination) };
    }),
  };
}

/** From the root, without `.` and empty parts; a slash at the end stays: it says that this is a directory. */
function pathInRoot(text: string): string {
  const parts = text.split('/');
  const named = parts.filter((part) => part !== '' && part !== '.');
  const isDirectory = named.length > 0 && named.at(-1) !== parts.at(-1);
  return `/${named.join('/')}${isDirectory ? '/' : ''}`;
}

function kernel(raw: NonNullable<RawBunnyfile['kernel']>): Kernel {
  return { from: raw.from ?? 'local', path: raw.path };
}

function check(bunnyfile: Bunnyfile, raw: RawBunnyfile): Problem[] {
  const problems: Problem[] = [];
  const add = (code: Problem['code'], path: (string | number)[], message: string, hint: string) =>
    problems.push({ code, message, path, onKey: true, hint });

  if (raw.app !== undefined && raw.kernel !== undefined) {
    const message = 'a Bunnyfile compiles an `app` or packages a prebuilt `kernel`, not both';
    add('BUNNY_ETYPE', ['kernel'], message, 'leave one of them out');
  }
  if (raw.cmd !== undefined && raw.cmdline !== undefined) {
    const message = '`cmdline` is the older name of `cmd`, which is here as well';
    add('BUNNY_ETYPE', ['cmdline'], message, 'leave `cmdline` out');
  }
  const { rootfs } = bunnyfile;
  if (rootfs?.from === 'local' && rootfs.path === undefined) {
    const message = 'rootfs: `from: local` needs the `path` of the prebuilt file';
    add('BUNNY_ETYPE', ['rootfs'], message, 'add `path`, or use `from: scratch`');
  }
  if (rootfs?.from === 'scratch' && rootfs.path !== undefined) {
    const message = 'rootfs: `path` names a prebuilt file, but the file system is made from scratch';
    add('BUNNY_ETYPE', ['rootfs', 'path'], message, 'add `from: local`, or leave `path` out');
  }
  if (rootfs?.from === 'local' && rootfs.include.length > 0) {
    const message = 'rootfs: nothing can be put into a prebuilt file system';
    add('BUNNY_ETYPE', ['rootfs', 'include'], message, 'leave `include` out, or use `from: scratch`');
  }
  for (const [index, { source, destination }] of (rootfs?.include ?? []).entries()) {
    if (source === '') {
      const message = `rootfs.include[${index}]: names no source`;
      add('BUNNY_EPATH', ['rootfs', 'include', index], message, 'write source:destination, or `.` for all');
    }
    if (destination.includes('\0')) {
      const message = `rootfs.include[${index}]: the destination has a NUL, which ends names`;
      add('BUNNY_EPATH', ['rootfs', 'include', index], message, 'write it without');
    }
    if (!destination.split('/').includes('..')) continue;
    const message = `rootfs.include[${index}]: the destination leaves the root`;
    add('BUNNY_EPATH', ['rootfs', 'include', index], message, 'write it without ..');
  }
  for (const name of ['arch', 'platform'].filter((name) => Object.hasOwn(bunnyfile.settings, name))) {
    const message = `settings: ${JSON.stringify(name)} belongs to the target`;
    add('BUNNY_ESETTING', ['settings', name], message, 'name it in `targets`, or in `platforms`');
  }
  return [...problems, ...targetProblems(bunnyfile, raw), ...clashingOptions(bunnyfile)];
}
