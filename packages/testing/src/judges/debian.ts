import { execFile, execFileSync } from 'node:child_process';
import { repositoryFile } from '../repository.js';

/** What a judge left behind when it ended. */
export interface Judgement {
  /** Exit status. */
  status: number;
  stdout: string;
  stderr: string;
}

/** Programs as a suite of Debian has them (scripts/judges), run in a directory that they may write to, their home. */
export class Judges {
  readonly #root: string;
  readonly #directory: string;

  constructor(directory: string, suite: 'trixie' | 'sid' = 'trixie') {
    this.#root = execFileSync(repositoryFile('scripts/judges'), [suite], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }).trim();
    this.#directory = directory;
  }

  /** A command as this machine runs it: among the judges, in their directory, with this environment alone. */
  command(
    command: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): [string, ...string[]] {
    const directory = this.#directory;
    const variables = Object.entries({ HOME: directory, PATH: '/usr/bin:/bin', ...environment });
    return [
      'bwrap',
      ...[
        '--bind',
        this.#root,
        '/',
        '--dev',
        '/dev',
        '--proc',
        '/proc',
        '--tmpfs',
        '/tmp',
        '--tmpfs',
        '/run',
      ],
      ...['--bind', directory, directory, '--chdir', directory, '--die-with-parent', '--clearenv'],
      ...variables.flatMap(([name, value]) => ['--setenv', name, value]),
      ...command,
    ];
  }

  /** Runs a command to its end, whatever that is. */
  run(command: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Judgement> {
    const [program, ...words] = this.command(command, environment);
    return new Promise((resolve, reject) => {
      execFile(program, words, { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
        const status = error === null ? 0 : error.code;
        if (typeof status === 'number') resolve({ status, stdout, stderr });
        else reject(error);
      });
    });
  }

  /** Runs a command, requires that it succeeds, and gives what it prints. */
  async output(...command: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(command);
    if (status === 0) return stdout;
    throw new Error(`${command.join(' ')} ended with status ${status}\n${stdout}${stderr}`);
  }
}
