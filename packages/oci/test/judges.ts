import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../../../scripts/judges', import.meta.url));

/** oras, skopeo and cosign as Debian packages them, run with a scratch directory as their home. */
export class Judges {
  readonly #root: string;
  readonly #scratch: string;

  constructor(scratch: string) {
    this.#root = execFileSync(script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
    this.#scratch = scratch;
  }

  /** Runs a command in the scratch directory and returns what it prints. */
  async run(...command: string[]): Promise<string> {
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
    const { stdout } = await run('bwrap', [...sandbox, ...files, ...environment, ...command], {
      maxBuffer: 1 << 24,
    });
    return stdout;
  }
}
