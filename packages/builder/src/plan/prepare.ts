import { join } from 'node:path';
import { closureSettings, providersIn } from 'bunny-libos-resolver';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  formatPosition,
  type LockedTarget,
  perTarget,
  type ToolingRules,
} from 'bunny-libos-spec';
import {
  requireDirectories,
  requireDistinctHeaders,
  type TargetRules,
  targetRules,
} from 'bunny-libos-tooling';
import { appSources } from './app-sources.js';
import type { BuildPlan } from './build-plan.js';
import type { BuildRequest } from './build-request.js';
import { type ClosureMember, openClosure } from './closure-layers.js';
import { namedFiles } from './component-files.js';
import { openPinnedTooling } from './fetch-pinned.js';
import { planBuild } from './plan.js';
import { sandbox } from './sandbox-paths.js';

/** A plan, and where what it needs is on this machine. */
export interface PreparedBuild {
  plan: BuildPlan;
  rules: TargetRules;
  /** Root filesystem of the tooling layer. */
  root: string;
  closure: readonly ClosureMember[];
}

/**
 * Brings the tooling layer and the closure into the store, finds the sources, and plans the build. Nothing is
 * run.
 * Throws BunnyError BUNNY_ETARGET, BUNNY_ELOCKED, BUNNY_ENOTFOUND, BUNNY_ESOURCE,
 * BUNNY_ELANGUAGE, BUNNY_ESCRIPT, BUNNY_ETEMPLATE, BUNNY_EROOTFS, BUNNY_EDUPLICATE where two components have a header of
 * one path, and what the store throws.
 */
export async function prepareBuild(request: BuildRequest): Promise<PreparedBuild> {
  const { target, store, sources, directory } = request;
  const bunnyfile = perTarget(request.bunnyfile, target);
  const { value: file, at } = bunnyfile;
  const options = {
    signal: request.signal,
    onFetch: (layer: { digest: string; size: number }, from: { name: string }) =>
      request.onProgress?.({ kind: 'fetch', digest: layer.digest, size: layer.size, from: from.name }),
  };
  const [tooling, closure] = await Promise.all([
    openPinnedTooling(store, target.tooling, sources, options),
    openClosure(store, target.components, sources, options),
  ]);
  checkSettings(target, bunnyfile, tooling.rules);
  checkHeaders(closure, bunnyfile);
  const rules = targetRules(tooling.rules, {
    ...target.settings,
    arch: target.arch,
    platform: target.platform,
  });
  checkRootfs(rules, bunnyfile);
  const unread = unreadRootfs(rules, bunnyfile, target);
  if (unread !== undefined) request.onProgress?.({ kind: 'warning', text: unread });
  const app = file.app;
  if (app !== undefined) {
    await requireDirectories(directory, app.include, (index) => at(['app', 'include', index]));
  }
  const named = namedFiles(rules, closure);
  const inSandbox = [...named].map(
    ([name, { member, path }]) => [name, `${sandbox.closure(member.component.name)}/${path}`] as const,
  );
  const plan = planBuild({
    name: file.name,
    target,
    rules: { ...rules, files: new Map(inSandbox) },
    sources: app === undefined ? [] : await appSources(app, rules.rules, directory, at),
    app: app ?? { include: [], defines: {}, flags: [] },
    closure,
  });
  const onHost = [...named].map(([name, { member, path }]) => [name, join(member.directory, path)] as const);
  return { plan, rules: { ...rules, files: new Map(onHost) }, root: tooling.root, closure };
}

/** A setting that nobody asked for would come into the image and its record. */
function checkSettings(
  { arch, platform, settings }: LockedTarget,
  bunnyfile: Document<Bunnyfile>,
  rules: ToolingRules,
): void {
  const asked = closureSettings(bunnyfile, rules, { arch, platform });
  const names = new Set([...Object.keys(asked), ...Object.keys(settings)]);
  const different = [...names].filter((name) => asked[name] !== settings[name]);
  if (different.length === 0) return;
  throw new BunnyError('BUNNY_ELOCKED', 'bunny.lock has other settings than the Bunnyfile comes to', {
    where: 'bunny.lock',
    details: different.map(
      (name) => `${name} is ${asked[name] ?? 'none'}: the lock has ${settings[name] ?? 'none'}`,
    ),
    hint: 'undo the edit of bunny.lock, or remove the file and run `bunny resolve`',
    exitStatus: exitStatus.unsatisfiable,
  });
}

function checkHeaders(closure: readonly ClosureMember[], { at }: Document<Bunnyfile>): void {
  const owners = closure.map(({ component, headers }) => ({
    name: `${component.name} ${component.version}`,
    headers,
  }));
  requireDistinctHeaders(owners, {
    where: at(['dependencies']),
    hint: 'leave one of the components out, or ask whoever publishes them to rename the header',
    exitStatus: exitStatus.buildFailed,
  });
}

/** An app that reads the bare bytes needs no component for them. */
function unreadRootfs(
  { rules, target: { rootfsReaders } }: TargetRules,
  { value, keyAt }: Document<Bunnyfile>,
  { components }: LockedTarget,
): string | undefined {
  if (value.rootfs === undefined || rootfsReaders === undefined) return undefined;
  const names = new Set(components.map(({ name }) => name));
  const providers = providersIn(names, value, rules);
  if (rootfsReaders.some((name) => names.has(name) || providers.has(name))) return undefined;
  return `${formatPosition(keyAt(['rootfs']))}: nothing in the closure reads the root file system: add ${rootfsReaders.join(' or ')} to the dependencies`;
}

function checkRootfs({ target }: TargetRules, { value, at }: Document<Bunnyfile>): void {
  if (target.app !== undefined && value.rootfs !== undefined && value.rootfs.from !== 'scratch') {
    throw new BunnyError(
      'BUNNY_EROOTFS',
      'the app goes into the root file system, and this one is made already',
      {
        where: at(['rootfs', 'from']),
        hint: 'leave `from` and `path` out: what `include` names goes in beside the app',
        exitStatus: exitStatus.unsatisfiable,
      },
    );
  }
  if (value.rootfs === undefined || target.rootfs === value.rootfs.type) return;
  throw new BunnyError(
    'BUNNY_EROOTFS',
    `images for ${target.arch}/${target.platform} take no ${value.rootfs.type}`,
    {
      where: at(['rootfs']),
      hint: 'leave rootfs out, or choose another target',
      exitStatus: exitStatus.unsatisfiable,
    },
  );
}
