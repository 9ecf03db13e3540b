import { targetLabel } from 'bunny-libos-resolver';
import { exitStatus } from 'bunny-libos-spec';
import { lockProject } from '../../project/locking.js';
import { namedProject } from '../../project/named-project.js';
import { needsNoLayers } from '../../project/needs-no-layers.js';
import { count, timeSinceStart } from '../../terminal/quantities.js';
import { shownPath } from '../../terminal/shown-path.js';
import { table } from '../../terminal/table.js';
import type { Context } from './command.js';

/** `bunny resolve` */
export async function run(context: Context): Promise<number> {
  const { terminal } = context;
  const project = await namedProject(context);
  if (needsNoLayers(project, terminal, 'Resolved')) {
    terminal.result({ changed: false, targets: [], warnings: [] });
    return exitStatus.done;
  }
  const { wanted, changed, warnings, held } = await lockProject(project, context, {
    check: ({ targets }) => targets,
  });
  for (const target of wanted) {
    terminal.report(`${targetLabel(target)}  tooling ${target.tooling.version}`);
    const rows = target.components.map(({ name, version, options, from }) => [
      `  ${name}`,
      version,
      Object.entries(options)
        .map(([option, value]) => `${option}=${value}`)
        .join(' '),
      from,
    ]);
    terminal.report(table(['  COMPONENT', 'VERSION', 'OPTIONS', 'FROM'], rows));
  }
  const components = wanted.reduce((sum, { components: each }) => sum + each.length, 0);
  terminal.done(
    changed ? 'Resolved' : 'Checked',
    `${count(components, 'component')} for ${count(wanted.length, 'target')} in ${timeSinceStart()}` +
      (changed ? `, wrote ${shownPath(project.lockFile)}` : `, ${shownPath(project.lockFile)} is up to date`),
  );
  terminal.result({ lock: shownPath(project.lockFile), changed, targets: wanted, warnings, held });
  return exitStatus.done;
}
