import { openProject, type Project } from 'bunny-libos-project';
import type { Run } from '../options/action.js';
import { Transfers } from '../terminal/transfers.js';
import { type NetworkFlags, openNetwork } from './network.js';

/** Flags of commands that read references. */
export interface BaseFlags extends NetworkFlags {
  from?: readonly string[] | undefined;
}

/** The project that the flags name. What is fetched for it is shown. */
export async function namedProject(
  context: Run<BaseFlags & { file?: string | undefined }>,
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
