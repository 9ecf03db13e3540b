import { fetchPinned, pinnedComponents, pinnedToolings } from 'bunny-libos-builder';
import { allOf, LockRequest, partsAskedFor } from 'bunny-libos-project';
import { checkTargets, pinnedTargets, targetLabel } from 'bunny-libos-resolver';
import { exitStatus, formatBytes, toolingRepository } from 'bunny-libos-spec';
import { namedProject } from '../../project/named-project.js';
import { needsNoLayers } from '../../project/needs-no-layers.js';
import { count, timeSinceStart } from '../../terminal/quantities.js';
import { shownPath } from '../../terminal/shown-path.js';
import type { Context } from './command.js';

/** `bunny fetch` */
export async function run(context: Context): Promise<number> {
  const { flags, terminal, signal } = context;
  const project = await namedProject(context);
  if (needsNoLayers(project, terminal, 'Fetched')) {
    terminal.result({ targets: [], artifacts: [], fetched: 0, bytes: 0 });
    return exitStatus.done;
  }
  const wishes = { ...flags, frozen: true };
  const pinned = await allOf(
    partsAskedFor(project, wishes).map(async (part) => {
      const request = await LockRequest.open(part, wishes);
      return { request, targets: pinnedTargets(request.options, 'bunny fetch') };
    }),
  );
  const targets = pinned.flatMap((each) => each.targets);
  const artifacts = pinned.flatMap((each) => [
    ...pinnedToolings(each.targets),
    ...pinnedComponents(each.targets),
  ]);
  const fetched = new Map<string, number>();
  terminal.progress('fetching');
  for (const { request, targets: each } of pinned) {
    const { options, sources } = request;
    if (options.previous !== undefined) await checkTargets(options, options.previous, each);
    await fetchPinned(each, options.store, sources, {
      signal,
      onFetch: ({ digest, size }) => fetched.set(digest, size),
    });
  }
  terminal.clear();
  const bytes = [...fetched.values()].reduce((sum, size) => sum + size, 0);
  const what =
    fetched.size === 0
      ? 'nothing: everything is in the store'
      : `${count(fetched.size, 'layer')} (${formatBytes(bytes)})`;
  terminal.done(
    'Fetched',
    `${what}, ${count(artifacts.length, 'artifact')} for ${count(targets.length, 'target')} in ` +
      timeSinceStart(),
  );
  terminal.result({
    lock: shownPath(project.lockFile),
    targets: targets.map(targetLabel),
    artifacts: artifacts.map((each) => ({
      name: 'name' in each ? each.name : toolingRepository,
      version: each.version,
      digest: each.digest,
      from: each.from,
    })),
    fetched: fetched.size,
    bytes,
  });
  return exitStatus.done;
}
