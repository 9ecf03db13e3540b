import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { bootImage, readLimits } from 'bunny-libos-tooling';
import { namedProject } from '../../project/named-project.js';
import { CancelledError } from '../../terminal/interruption.js';
import { shownPath } from '../../terminal/shown-path.js';
import { Transfers } from '../../terminal/transfers.js';
import { buildImage } from '../build/run.js';
import type { Context } from './command.js';

/**
 * Builds, boots, and gives the exit status of the app. Its console is stdout, and nothing else is; with
 * `--json` it is stderr, and stdout tells the status.
 */
export async function run(context: Context, words: string[]): Promise<number> {
  const { flags, terminal, signal } = context;
  const { timeout, memory, monitorDir, ...buildFlags } = flags;
  const fetched = new Transfers(terminal);
  const project = await namedProject(context, fetched);
  const { image, initrd, rules } = await buildImage(
    project,
    {
      ...context,
      flags: buildFlags,
      terminal: terminal.withoutResults(),
    },
    fetched,
  );
  if (rules === undefined) {
    throw new BunnyError('BUNNY_EMONITOR', 'a prebuilt kernel has no rules that say how it boots', {
      where: project.document.at(['kernel']),
      hint: `boot ${image} by hand`,
      exitStatus: exitStatus.usage,
    });
  }
  const { cmd, entrypoint } = project.document.value;
  const output = flags.json ? process.stderr : process.stdout;
  const status = await bootImage(
    rules,
    {
      image,
      ...(initrd === undefined ? {} : { rootfs: initrd }),
      arguments: [...entrypoint, ...(words.length === 0 ? cmd : words)],
      ...(memory === undefined ? {} : { memory }),
    },
    {
      signal,
      ...(timeout === undefined ? {} : { timeout: timeout * 1000 }),
      ...(monitorDir === undefined ? {} : { directories: monitorDir }),
      limits: readLimits(flags.limit),
      input: true,
      onConsole: (bytes) => output.write(bytes),
      onDiagnostics: (bytes) => process.stderr.write(bytes),
    },
  ).catch((error: unknown) => {
    throw signal.aborted ? new CancelledError('the app was ended') : error;
  });
  const { arch, platform } = rules.target;
  terminal.result({ arch, platform, image: shownPath(image), status });
  return status;
}
