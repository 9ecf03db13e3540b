import { checkApp } from 'bunny-libos-builder';
import { buildRequest } from 'bunny-libos-project';
import { exitStatus, shellLine } from 'bunny-libos-spec';
import { namedProject } from '../../project/named-project.js';
import { needsNoLayers } from '../../project/needs-no-layers.js';
import { count, timeSinceStart } from '../../terminal/quantities.js';
import { builderOptions, lockFor } from '../build/lock.js';
import type { Context } from './command.js';

/** `bunny check`: status 5 where a source does not compile. */
export async function run(context: Context): Promise<number> {
  const { flags, terminal } = context;
  const project = await namedProject(context);
  if (needsNoLayers(project, terminal, 'Checked')) {
    terminal.result({ targets: [] });
    return exitStatus.done;
  }
  const { locked, targets } = await lockFor(project, context);
  const said: string[] = [];
  const options = await builderOptions(project, context, (progress) => {
    if (progress.kind === 'fetch') return;
    if (progress.kind === 'warning') return terminal.warn(progress.text);
    if (progress.kind === 'step') {
      terminal.progress(`${progress.done}/${progress.total}  ${progress.description}`);
      if (flags.verbose) terminal.error(shellLine(progress.command));
    }
    for (const line of progress.output) said.push(line);
  });
  const checked: { arch: string; platform: string; ran: number }[] = [];
  for (const target of targets) {
    const { plan, ran } = await checkApp(buildRequest(locked, target, options));
    checked.push({ arch: plan.arch, platform: plan.platform, ran });
  }
  terminal.clear();
  for (const line of said) terminal.error(line);
  for (const { arch, platform, ran } of checked) {
    const steps = ran === 0 ? 'nothing had changed' : `${count(ran, 'step')} run`;
    terminal.done('Checked', `${arch}/${platform} in ${timeSinceStart()}, ${steps}`);
  }
  terminal.result({ targets: checked });
  return exitStatus.done;
}
