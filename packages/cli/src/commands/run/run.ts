import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { bootImage, readLimits, type TargetRules } from 'bunny-libos-tooling';
import { namedProject } from '../../project/named-project.js';
import { CancelledError } from '../../terminal/interruption.js';
import { shownPath } from '../../terminal/shown-path.js';
import { Transfers } from '../../terminal/transfers.js';
import { buildImage } from '../build/run.js';
import type { Context } from './command.js';

/** What is booted. */
export interface Bootable {
  /** As it is shown. */
  name: string;
  /** Paths. */
  image: string;
  rootfs: string | undefined;
  rules: TargetRules;
  entrypoint: readonly string[];
  /** Arguments where none are given. */
  cmd: readonly string[];
}

/**
 * Builds, or pulls an image that was built, boots, and gives the exit status of the app. Its console is stdout, and
 * nothing else is; with `--json` it is stderr, and stdout tells the status.
 */
export async function run(context: Context, operands: string[]): Promise<number> {
  const { flags, terminal, signal } = context;
  const { timeout, memory, monitorDir } = flags;
  const { reference, words } = readOperands(operands);
  const { name, image, rootfs, rules, entrypoint, cmd } =
    reference === undefined ? await built(context) : await pulled(context, reference);
  const output = flags.json ? process.stderr : process.stdout;
  const status = await bootImage(
    rules,
    {
      image,
      rootfs,
      arguments: [...entrypoint, ...(words.length === 0 ? cmd : words)],
      memory,
    },
    {
      signal,
      timeout: timeout === undefined ? undefined : timeout * 1000,
      directories: monitorDir,
      limits: readLimits(flags.limit),
      input: true,
      onConsole: (bytes) => output.write(bytes),
      onDiagnostics: (bytes) => process.stderr.write(bytes),
    },
  ).catch((error: unknown) => {
    throw signal.aborted ? new CancelledError('the app was ended') : error;
  });
  const { arch, platform } = rules.target;
  terminal.result({ arch, platform, image: name, status });
  return status;
}

/** What names an image, and can hardly be meant for an app. */
const imageName = /^(?:oci|docker-archive):|^[^/]+[.:][^/]*\/|^localhost\//;

/** The word before `--`, where it names an image; all others are for the app, as they are without a `--`. */
function readOperands(operands: string[]): { reference: string | undefined; words: string[] } {
  const separator = process.argv.indexOf('--');
  const after = separator < 0 ? 0 : process.argv.length - separator - 1;
  const [first = ''] = operands;
  const isNamed = operands.length > after && imageName.test(first);
  return isNamed ? { reference: first, words: operands.slice(1) } : { reference: undefined, words: operands };
}

async function built(context: Context): Promise<Bootable> {
  const { flags, terminal } = context;
  const { timeout: _, memory: __, monitorDir: ___, ...buildFlags } = flags;
  const fetched = new Transfers(terminal);
  const project = await namedProject(context, fetched);
  const silent = { ...context, flags: buildFlags, terminal: terminal.withoutResults() };
  const { image, initrd, rules } = await buildImage(project, silent, fetched);
  if (rules === undefined) {
    throw new BunnyError('BUNNY_EMONITOR', 'a prebuilt kernel has no rules that say how it boots', {
      where: project.document.at(['kernel']),
      hint: `boot ${image} by hand`,
      exitStatus: exitStatus.usage,
    });
  }
  const { cmd, entrypoint } = project.document.value;
  return { name: shownPath(image), image, rootfs: initrd, rules, entrypoint, cmd };
}

/** Its code is loaded by those who name an image. */
async function pulled(context: Context, reference: string): Promise<Bootable> {
  const ofBuilds = ['file', 'from', 'frozen', 'offline'] as const;
  const [unfit] = ofBuilds.filter((name) => context.flags[name] !== undefined);
  if (unfit !== undefined) throw notOfImages(unfit, reference);
  const { pullImage } = await import('./pulled-image.js');
  return await pullImage(context, reference);
}

function notOfImages(flag: string, reference: string): BunnyError {
  return new BunnyError('BUNNY_EUSAGE', `--${flag} is about what is built, and an image is booted as it is`, {
    where: 'bunny run',
    hint: `leave it out; if ${reference} is an argument of the app, write it after --`,
    exitStatus: exitStatus.usage,
  });
}
