import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../../../scripts/judges', import.meta.url));

/** Programs as a suite of Debian has them (scripts/judges), run in a directory that they may write to. */
export class Judges {
  readonly #root: string;
  readonly #directory: string;

  constructor(directory: string, suite: 'trixie' | 'sid') {
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    this.#root = execFileSync(script, [suite], { encoding: 'utf8', stdio: [...stdio] }).trim();
    this.#directory = directory;
  }

  /** Runs a command to its end, whatever that is. */
  run(command: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Judgement> {
    const directory = this.#directory;
    const words = [
      '--bind',
      this.#root,
      '/',
      '--dev',
      '/dev',
      '--proc',
      '/proc',
      '--tmpfs',
      '/tmp',
      '--clearenv',
    ];
    words.push('--bind', directory, directory, '--chdir', directory, '--die-with-parent');
    for (const [name, value] of Object.entries({ HOME: directory, PATH: '/usr/bin', ...environment }))
      words.push('--setenv', name, value);
    return new Promise((resolve, reject) => {
      execFile('bwrap', [...words, ...command], { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
        const status = error === null ? 0 : error.code;
        if (typeof status === 'number') resolve({ status, stdout, stderr });
        else reject(error);
      });
    });
  }
}

export interface Judgement {
  status: number;
  stdout: string;
  stderr: string;
}
