import { exitStatus } from 'bunny-libos-spec';
import { Argument, Command, CommanderError, Option } from 'commander';
import { cacheCommands } from './cache-commands.js';
import { dependencyCommands } from './dependency-commands.js';
import { importCommands } from './import-commands.js';
import type { Act, CommonFlags, Run } from './options/action.js';
import { completionScripts } from './options/completion-scripts.js';
import { askedValues, valuesCommand } from './options/completion-words.js';
import {
  architecture,
  architectures,
  bunnyfile,
  eachFilled,
  filled,
  from,
  frozen,
  limit,
  networkCommand,
  offline,
  platform,
  platforms,
  positive,
  seconds,
  shard,
  verbose,
} from './options/flags.js';
import { explainUsage, requireHelpTopic } from './options/usage-error.js';
import { registryCommands } from './registry-commands.js';
import { Interruption } from './terminal/interruption.js';
import { watchOutput } from './terminal/output-failure.js';
import { reportCancelled, reportError } from './terminal/report-error.js';
import { Terminal } from './terminal/terminal.js';
import { trustCommands } from './trust-commands.js';

/** Runs the command line. Returns the exit status (design, section 8). */
export async function runProgram(words: readonly string[], version: string): Promise<number> {
  let status: number = exitStatus.done;
  const interruption = new Interruption();
  watchOutput(interruption);

  /** Wraps an action: errors become messages and exit statuses. */
  const act =
    <Flags extends CommonFlags, Words extends unknown[]>(
      load: () => Promise<{ run: (run: Run<Flags>, ...operands: Words) => Promise<number> }>,
    ) =>
    async (...given: unknown[]) => {
      const operands = given.slice(0, -2) as Words;
      const flags = given.at(-2) as Flags;
      const terminal = new Terminal(flags);
      try {
        const { run } = await load();
        // biome-ignore lint/plugin: as many as the command line has, which the kernel bounds
        status = await run({ flags, terminal, signal: interruption.signal }, ...operands);
      } catch (error) {
        terminal.clear();
        status =
          interruption.status === undefined
            ? reportError(error, terminal)
            : reportCancelled(error, interruption.status, terminal);
      }
    };

  const program = define(act, version);
  explainUsage(program);
  try {
    requireHelpTopic(words, program);
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help that was not asked for by its flag, as by `bunny` alone.
      status = error.exitCode === 0 ? exitStatus.done : exitStatus.usage;
    } else {
      const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
      status = reportError(error, new Terminal({ json: own.includes('--json') }));
    }
  } finally {
    interruption.end();
  }
  return status;
}

/** All commands. What a command does is loaded when it runs. */
function define(act: Act, version: string): Command {
  const program = new Command('bunny')
    .description('Build unikernels from prebuilt layers: a package manager for library operating systems.')
    .version(`bunny ${version}`, '-V, --version')
    .showSuggestionAfterError(false)
    .configureOutput({ outputError: () => undefined })
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
A REF is host[:port]/path on a registry, or oci:DIR (or oci:DIR:path) for an image layout on disk.

Environment:
  BUNNY_REGISTRY  references to read from, where neither --from nor the Bunnyfile names any
  BUNNY_CACHE     the store of layers (otherwise $XDG_CACHE_HOME/bunny or ~/.cache/bunny)
  BUNNY_SANDBOX   the sandbox for compilers: bwrap (default) or podman
  BUNNY_SANDBOX_UID   the user that they run as where Bunny runs as root (otherwise 65521)
  BUNNY_LIMIT     what they may use up, as --limit has it, with commas between
  COSIGN_PASSWORD the passphrase of a private key, as for cosign; asked for on a terminal otherwise
  DOCKER_CONFIG   the directory of config.json, where logins are kept (otherwise ~/.docker)
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY   proxies, by the rules that curl and Go share
  SSL_CERT_FILE   authorities to trust beside the usual ones, as PEM; --ca-file names more

Exit status: 0 done, 1 cannot be satisfied, 2 bad usage or document, 3 registry or network,
4 trust, 5 build failed, 70 a bug in Bunny, 74 a file system refused, 130 ended by Ctrl-C, 143 by SIGTERM.`,
    );

  networkCommand(program, 'publish [PATH...]', 'compile what is missing of components, and push it')
    .requiredOption('--to <REF>', 'where to publish: the namespace that the framework stands under')
    .addOption(architectures())
    .addOption(platforms())
    .option('--shard <I/N>', 'do every N-th variant only, beginning with the I-th (for job matrices)', shard)
    .option('--jobs <N>', 'compilers at a time (default: one for each processor)', positive)
    .addOption(limit())
    .option(
      '--allow-breaking <REASON>',
      'publish a compatible version though it lacks symbols that are used',
      filled,
    )
    .option('--allow-commands', 'run programs of the library OS on this machine, to make its root filesystem')
    .option('--dry-run', 'print the plan, and do nothing')
    .addHelpText(
      'after',
      `
PATH is a directory with a component.yaml or tooling.yaml, or one that holds several (default: .).

Examples:
  bunny publish libos --to oci:registry            into an image layout
  bunny publish libos --to localhost:5000/libos    to a registry
  bunny publish libos --to host/libos --dry-run    what is missing there, and why`,
    )
    .action(act(() => import('./commands/publish/run.js')));

  importCommands(program, act);

  networkCommand(program, 'resolve', 'choose versions and variants, and write bunny.lock')
    .addOption(bunnyfile())
    .addOption(from())
    .addOption(architectures())
    .addOption(platforms())
    .addOption(frozen())
    .addOption(offline())
    .addOption(new Option('--strategy <NAME>', 'which versions to prefer').choices(['highest', 'lowest']))
    .action(act(() => import('./commands/resolve/run.js')));

  networkCommand(
    program,
    'fetch',
    'bring all that bunny.lock pins into the store, to build without a network',
  )
    .addOption(bunnyfile())
    .addOption(from())
    .addOption(architectures())
    .addOption(platforms())
    .addHelpText(
      'after',
      `
Tooling layers and components of all targets of the lock, or of those that are named. The lock is used as it
is: one that is missing or stale is an error. What the store has already is not asked for.

Examples:
  bunny fetch                         then: bunny build --offline
  bunny fetch --arch arm64            for these targets only`,
    )
    .action(act(() => import('./commands/fetch/run.js')));

  networkCommand(program, 'build', 'compile the app, and link it with its layers to a bootable image')
    .addOption(bunnyfile())
    .addOption(from())
    .addOption(architecture())
    .addOption(platform())
    .option('--type <TYPE>', 'artifact type: elf')
    .option('-o, --output <PATH>', 'where to write the image (default: build/NAME-ARCH-PLATFORM)', filled)
    .option('--jobs <N>', 'compilers at a time (default: one for each processor)', positive)
    .addOption(limit())
    .option('--dry-run', 'print the plan: no file is written, and no lock')
    .addOption(verbose())
    .addOption(frozen())
    .addOption(offline())
    .action(act(() => import('./commands/build/run.js')));

  networkCommand(program, 'run', 'build the image, boot it, and return the exit status of the app')
    .argument('[ARGS...]', 'arguments for the app, after --')
    .addOption(bunnyfile())
    .addOption(from())
    .addOption(architecture())
    .addOption(platform())
    .option('--timeout <S>', 'end the image after so many seconds', seconds)
    .option('--memory <MIB>', 'memory of the machine', positive)
    .addOption(
      new Option(
        '--monitor-dir <DIR>',
        'let the monitor read a directory beside those of the system; may be repeated',
      ).argParser(eachFilled),
    )
    .addOption(verbose())
    .addOption(limit())
    .addOption(frozen())
    .addOption(offline())
    .action(act(() => import('./commands/run/run.js')));

  dependencyCommands(program, act);

  networkCommand(
    program,
    'inspect <REF>',
    'show what a Bunny artifact is: its metadata, variants and symbols',
  )
    .addHelpText(
      'after',
      `
Examples:
  bunny inspect localhost:5000/libos/warren/libc         versions and variants of a component
  bunny inspect localhost:5000/libos/warren/libc:1.2.0   the variants of one version
  bunny inspect oci:registry:warren/tooling:1.0.0        a tooling layer`,
    )
    .action(act(() => import('./commands/inspect/run.js')));

  networkCommand(program, 'init [DIR]', 'write a Bunnyfile and a hello that builds')
    .requiredOption('--framework <NAME>', 'the library OS')
    .option('--name <NAME>', 'name of the app (default: the name of the directory)')
    .addOption(from())
    .action(act(() => import('./commands/init/run.js')));

  registryCommands(program, act);
  trustCommands(program, act);

  networkCommand(program, 'search [WORD]', 'find components by name, capability, header or symbol')
    .addOption(bunnyfile())
    .addOption(from())
    .option('--framework <NAME>', 'the library OS (default: that of the Bunnyfile, else all there are)')
    .option('--header <PATH>', 'components with this public header, as it is included: net/tcp.h', filled)
    .addOption(
      new Option('--symbol <NAME>', 'components that define this symbol')
        .argParser(filled)
        .conflicts('header'),
    )
    .action(act(() => import('./commands/search/run.js')));

  networkCommand(
    program,
    'check-abi <A> <B>',
    'show which symbols B defines that A does not, and the reverse',
  )
    .addHelpText(
      'after',
      `
A and B are versions or variants of a component. Status 1 where a symbol of A is gone in B.

Example:
  bunny check-abi host/libos/warren/libc:1.0.0 host/libos/warren/libc:1.1.0`,
    )
    .action(act(() => import('./commands/check-abi/run.js')));

  const catalog = program.command('catalog').description('the derived index of what a framework has');
  networkCommand(catalog, 'rebuild <REF>', 'derive the catalog of a framework anew from its variants')
    .addHelpText(
      'after',
      `
REF names the framework below its namespace.

Examples:
  bunny catalog rebuild localhost:5000/libos/warren
  bunny catalog rebuild oci:registry:warren`,
    )
    .action(act(() => import('./commands/catalog-rebuild/run.js')));

  const index = program.command('index').description('derived indexes on a registry');
  networkCommand(index, 'rebuild <REF>', 'write the indexes of a component’s versions anew from its variants')
    .addHelpText('after', '\nExample:\n  bunny index rebuild localhost:5000/libos/warren/libc')
    .action(act(() => import('./commands/index-rebuild/run.js')));

  cacheCommands(program, act);

  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<SHELL>').choices([...completionScripts.keys()]))
    .action(
      act<CommonFlags, [string]>(async () => {
        const { completionFor } = await import('./commands/completion/run.js');
        return completionFor(program);
      }),
    );
  program
    .command(valuesCommand, { hidden: true })
    .addArgument(new Argument('<WHAT>').choices(askedValues))
    .argument('[WORD]')
    .action(act(() => import('./commands/completion-values/run.js')));
  return program;
}
