import { validate } from '#validators/bunnyfile';
import type { Bunnyfile } from '../documents/bunnyfile.js';
import { normaliseArchitecture, type Options, type Scalar } from '../documents/vocabulary.js';
import { BunnyError } from '../errors/errors.js';
import { present } from '../words/present.js';
import { kernel, packagingProblems, type RawKernel, type RawRootfs, rootfs } from './bunnyfile-packaging.js';
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
import { dependencies, type RawDependencies, words } from './shorthand.js';

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
  rootfs?: RawRootfs;
  kernel?: RawKernel;
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
  refuseContainerfile(text, file);
  return readYamlDocument(text, file, { validate, normalise, check, passesOver });
}

/** nubificus/bunny passes over what it does not know, and files written for it are packaged here as there. */
function passesOver(raw: unknown): boolean {
  return typeof raw === 'object' && raw !== null && 'kernel' in raw && !('app' in raw);
}

/** nubificus/bunny takes these as well; what stands in them is in a Bunnyfile, too. */
function refuseContainerfile(text: string, file: string): void {
  const lines = text.split('\n', 100);
  const index = lines.findIndex((line) => !/^\s*(?:#.*)?$/.test(line));
  if (!/^\s*(?:FROM|ARG|LABEL|COPY)\s+[^\s:]/i.test(lines[index] ?? '')) return;
  throw new BunnyError('BUNNY_EYAML', 'this is a Containerfile, not a Bunnyfile', {
    where: { file, line: index + 1, column: 1 },
    hint: 'write what it says as `kernel`, `rootfs` and `cmd` of a Bunnyfile: docs/how-to/nubificus-bunny.md',
  });
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
    rootfs: raw.rootfs && rootfs(raw.rootfs, usualFramework(raw), raw.kernel !== undefined),
    kernel: raw.kernel && kernel(raw.kernel),
    envs: raw.envs ?? [],
    cmd: words(raw.cmd ?? raw.cmdline),
    entrypoint: words(raw.entrypoint),
  });
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
  for (const name of ['arch', 'platform'].filter((name) => Object.hasOwn(bunnyfile.settings, name))) {
    const message = `settings: ${JSON.stringify(name)} belongs to the target`;
    add('BUNNY_ESETTING', ['settings', name], message, 'name it in `targets`, or in `platforms`');
  }
  return [
    ...problems,
    ...packagingProblems(bunnyfile),
    ...targetProblems(bunnyfile, raw),
    ...clashingOptions(bunnyfile),
  ];
}
