import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../../../scripts/judges', import.meta.url));

/** Registry programs as a suite of Debian has them (scripts/judges), run with a scratch directory as their home. */
export class Judges {
  readonly #root: string;
  readonly #scratch: string;

  constructor(scratch: string, suite: 'trixie' | 'sid' = 'trixie') {
    this.#root = execFileSync(script, [suite], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }).trim();
    this.#scratch = scratch;
  }

  /** A command as this machine runs it: among the judges, in the scratch directory. */
  command(...command: string[]): [string, ...string[]] {
    const sandbox = [
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
    ];
    const files = ['--bind', this.#scratch, this.#scratch, '--chdir', this.#scratch];
    const environment = [
      '--clearenv',
      '--setenv',
      'HOME',
      this.#scratch,
      '--setenv',
      'PATH',
      '/usr/bin:/bin',
    ];
    return ['bwrap', ...sandbox, ...files, ...environment, ...command];
  }

  /** Runs a command and returns what it prints. */
  async run(...command: string[]): Promise<string> {
    const [program, ...words] = this.command(...command);
    const { stdout } = await run(program, words, { maxBuffer: 1 << 24 });
    return stdout;
  }
}
