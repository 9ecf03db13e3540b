import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const judges = fileURLToPath(new URL('../../../../scripts/judges', import.meta.url));

/** Starts `crane registry serve` (go-containerregistry): it pages without `Link`, and has no referrers API. */
export async function startCraneRegistry(): Promise<{ host: string; stop(): Promise<void> }> {
  const root = execFileSync(judges, ['sid'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
  const sandbox = ['--ro-bind', root, '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'];
  const command = ['crane', 'registry', 'serve', '--address', '127.0.0.1:0'];
  const child = spawn('bwrap', [...sandbox, '--die-with-parent', '--clearenv', ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const host = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => reject(new Error(`crane ended with status ${status}`)));
    createInterface(child.stderr).on('line', (line) => {
      const port = /serving on port (\d+)/.exec(line)?.[1];
      if (port !== undefined) resolve(`127.0.0.1:${port}`);
    });
  });
  return {
    host,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
