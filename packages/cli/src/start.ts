import packageJson from '../package.json' with { type: 'json' };

/** The rest of the command, which is loaded only where it is needed. */
export interface Program {
  runProgram(words: readonly string[], version: string): Promise<number>;
}

/** Runs the command line of this process, and sets its exit status. For `bunny --version` nothing is loaded. */
export async function start(load: () => Program | Promise<Program>): Promise<void> {
  const words = process.argv.slice(2);
  if (words[0] === '--version' || words[0] === '-V') {
    process.stdout.on('error', failToPrint).write(`bunny ${packageJson.version}\n`);
    return;
  }
  const { runProgram } = await load();
  process.exitCode = await runProgram(words, packageJson.version);
}

/** As output-failure.ts, which is among what is not loaded here: nobody who has left is told anything. */
function failToPrint({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') return;
  const lines = [
    `error[BUNNY_EIO]: ${message}`,
    '  --> standard output',
    '  help: make sure that it can be written to',
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exitCode = 74;
}
