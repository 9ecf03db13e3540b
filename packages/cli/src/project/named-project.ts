import { Project } from 'bunny-libos-project';
import type { Run } from '../options/command.js';
import type { FlagValues } from '../options/flag.js';
import type { lockFlags, projectFlags, targetFlags, targetsFlags } from '../options/flags.js';
import { count } from '../terminal/quantities.js';
import { shownPath } from '../terminal/shown-path.js';
import { Transfers } from '../terminal/transfers.js';
import { openNetwork } from './network.js';

/** What some commands have beside: of frameworks one, or several. */
type MoreFlags = Pick<FlagValues<typeof lockFlags>, 'dryRun'> &
  Pick<FlagValues<typeof targetFlags> | FlagValues<typeof targetsFlags>, 'framework'>;

/** The project that the flags name. What is done for it, and what is fetched, is shown. */
export async function namedProject(
  context: Run<typeof projectFlags> & { flags: MoreFlags },
  transfers: Transfers = new Transfers(context.terminal),
): Promise<Project> {
  const { flags, terminal, signal } = context;
  const project = await Project.open({
    file: flags.file,
    from: flags.from,
    frameworks: flags.framework === undefined ? undefined : [flags.framework].flat(),
    network: openNetwork(context),
    signal,
    observer: {
      onProgress: (text) => terminal.progress(text),
      onNote: (text) => terminal.note(text),
      onWarning: (text) => terminal.warn(text),
      onInferred: (requirements) => {
        const written = flags.dryRun ? '' : `, wrote ${shownPath(project.file)}`;
        terminal.done('Inferred', `${count(requirements.length, 'dependency', 'dependencies')}${written}`);
        for (const { name, version } of requirements) terminal.note(`${name}: ${version}`);
      },
      transfers,
    },
  });
  return project;
}
