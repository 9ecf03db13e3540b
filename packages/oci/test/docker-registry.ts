import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface DockerRegistryOptions {
  /** Asks for this login (bcrypt, made by `htpasswd`). */
  login?: { username: string; password: string };
  /** Wants tokens: of this server, signed by the owner of this certificate (PEM). */
  token?: { realm: string; service: string; issuer: string; certificate: string };
}

export interface RunningRegistry {
  /** `127.x.y.z:<port>` */
  host: string;
  /** Ends the process; its storage stays. */
  stop(): Promise<void>;
  /** Starts it again on the same port and storage. */
  start(): Promise<void>;
  /** Ends the process and removes its storage. */
  remove(): Promise<void>;
}

/** A loopback address that nobody else uses: its ports stay free while nobody listens. */
function ownAddress(): string {
  return ['127', ...Array.from({ length: 3 }, () => randomInt(1, 255))].join('.');
}

/** A host, `127.x.y.z:port`, where nobody listens until the caller does. */
export async function freeHost(): Promise<string> {
  const own = ownAddress();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, own, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `${own}:${address.port}`;
}

/** Starts Debian's docker-registry on a loopback port, with an empty storage and deletion allowed. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<RunningRegistry> {
  const directory = mkdtempSync(path.join(tmpdir(), 'bunny-registry-'));
  const config = path.join(directory, 'config.yml');
  // A token server that speaks no TLS has to be on the same host.
  let host = `${options.token === undefined ? ownAddress() : '127.0.0.1'}:0`;
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    writeFileSync(config, configuration(directory, host, options));
    child = spawn('docker-registry', ['serve', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' },
    });
    host = await listening(child);
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
    'log: { level: info, accesslog: { disabled: true } }',
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

/** Where a registry listens, as soon as it says so. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => reject(new Error(`docker-registry ended with status ${status}`)));
    if (child.stderr === null) throw new Error('no stderr');
    createInterface(child.stderr).on('line', (line) => {
      const host = /listening on (127(?:\.\d+){3}:\d+)/.exec(line)?.[1];
      if (host !== undefined) resolve(host);
    });
  });
}
