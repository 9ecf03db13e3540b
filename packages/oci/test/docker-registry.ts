import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DockerRegistryOptions {
  /** Asks for this login (bcrypt, made by `htpasswd`). */
  login?: { username: string; password: string };
  /** Wants tokens: of this server, signed by the owner of this certificate (PEM). */
  token?: { realm: string; service: string; issuer: string; certificate: string };
}

export interface RunningRegistry {
  /** `127.0.0.1:<port>` */
  host: string;
  /** Ends the process; its storage stays. */
  stop(): Promise<void>;
  /** Starts it again on the same port and storage. */
  start(): Promise<void>;
  /** Ends the process and removes its storage. */
  remove(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts Debian's docker-registry on a loopback port, with an empty storage and deletion allowed. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<RunningRegistry> {
  const directory = mkdtempSync(path.join(tmpdir(), 'bunny-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const config = path.join(directory, 'config.yml');
  writeFileSync(config, configuration(directory, host, options));
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
    await answering(host, child);
  };
  const stop = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    host,
    start,
    stop,
    async remove() {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function configuration(directory: string, host: string, options: DockerRegistryOptions): string {
  const lines = [
    'version: 0.1',
    'log: { level: error, accesslog: { disabled: true } }',
    `storage: { filesystem: { rootdirectory: ${directory}/data }, delete: { enabled: true } }`,
    `http: { addr: ${host} }`,
  ];
  if (options.login !== undefined) {
    const file = path.join(directory, 'htpasswd');
    const { username, password } = options.login;
    // Cost 4, the least: every request checks it anew.
    writeFileSync(file, execFileSync('htpasswd', ['-Bbn', '-C', '4', username, password]));
    lines.push(`auth: { htpasswd: { realm: bunny, path: ${file} } }`);
  }
  if (options.token !== undefined) {
    const { realm, service, issuer, certificate } = options.token;
    const file = path.join(directory, 'issuer.pem');
    writeFileSync(file, certificate);
    lines.push(
      `auth: { token: { realm: "${realm}", service: ${service}, issuer: ${issuer}, rootcertbundle: ${file} } }`,
    );
  }
  return `${lines.join('\n')}\n`;
}

async function answering(host: string, child: ChildProcess): Promise<void> {
  for (let round = 0; round < 500; round++) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with status ${child.exitCode}`);
    try {
      await fetch(`http://${host}/v2/`);
      return;
    } catch {
      await sleep(10);
    }
  }
  throw new Error('docker-registry does not answer');
}
