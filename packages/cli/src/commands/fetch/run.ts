import { fetchLocked } from 'bunny-libos-project';
import { targetLabel } from 'bunny-libos-resolver';
import { exitStatus, formatBytes } from 'bunny-libos-spec';
import { namedProject } from '../../project/named-project.js';
import { needsNoLayers } from '../../project/needs-no-layers.js';
import { count, timeSinceStart } from '../../terminal/quantities.js';
import { shownPath } from '../../terminal/shown-path.js';
import type { Context } from './command.js';

/** `bunny fetch` */
export async function run(context: Context): Promise<number> {
  const { flags, terminal } = context;
  const project = await namedProject(context);
  if (needsNoLayers(project, terminal, 'Fetched')) {
    terminal.result({ targets: [], artifacts: [], fetched: 0, bytes: 0 });
    return exitStatus.done;
  }
  terminal.progress('fetching');
  const fetched = new Map<string, number>();
  const { targets, artifacts } = await fetchLocked(project, flags, ({ digest, size }) =>
    fetched.set(digest, size),
  );
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
    artifacts,
    fetched: fetched.size,
    bytes,
  });
  return exitStatus.done;
}
