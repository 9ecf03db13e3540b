import { exitStatus } from 'bunny-libos-spec';
import { CommanderError } from 'commander';
import { bunny } from './commands/bunny.js';
import type { Run } from './options/command.js';
import { type Act, parserOf } from './options/parser.js';
import { explainUsage, requireHelpTopic } from './options/usage-error.js';
import { Interruption } from './terminal/interruption.js';
import { watchOutput } from './terminal/output-failure.js';
import { reportCancelled, reportError } from './terminal/report-error.js';
import { Terminal } from './terminal/terminal.js';

/** Runs the command line. Returns the exit status (design, section 8). */
export async function runProgram(words: readonly string[], version: string): Promise<number> {
  let status: number = exitStatus.done;
  const interruption = new Interruption();
  watchOutput(interruption);

  /** Runs a command: errors become messages and exit statuses. */
  const act: Act = async (command, given, operands) => {
    const flags = given as Run['flags'];
    const terminal = new Terminal(flags);
    try {
      const context: Run = { flags, terminal, signal: interruption.signal, program: bunny };
      // biome-ignore lint/plugin: as many as the command line has, which the kernel bounds
      status = await command.run(context, ...operands);
    } catch (error) {
      terminal.clear();
      status =
        interruption.status === undefined
          ? reportError(error, terminal)
          : reportCancelled(error, interruption.status, terminal);
    }
  };

  const parser = parserOf(bunny, version, words, act);
  explainUsage(parser, bunny);
  try {
    requireHelpTopic(words, parser, bunny);
    await parser.parseAsync(words, { from: 'user' });
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
