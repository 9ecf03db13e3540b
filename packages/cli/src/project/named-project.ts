import { openProject, type Project } from 'bunny-libos-project';
import type { Run } from '../options/command.js';
import type { projectFlags } from '../options/flags.js';
import { Transfers } from '../terminal/transfers.js';
import { openNetwork } from './network.js';

/** The project that the flags name. What is fetched for it is shown. */
export async function namedProject(
  context: Run<typeof projectFlags>,
  observer: Transfers = new Transfers(context.terminal),
): Promise<Project> {
  const { flags, terminal } = context;
  return openProject({
    file: flags.file,
    from: flags.from,
    network: openNetwork(context),
    onWarning: (text) => terminal.warn(text),
    observer,
  });
}
