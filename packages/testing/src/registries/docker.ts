import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { temporaryDirectory } from '../files/temporary.js';
import { ownAddress } from './loopback.js';

/** A running registry. */
export interface DockerRegistry {
  /** `127.x.y.z:port`, the beginning of a REF. */
  host: string;
  /** The directory that holds its blobs and tags. */
  storage: string;
  /** What was asked of it since `forget`: `GET /v2/…`, in order. */
  requests: readonly string[];
  forget(): void;
  /** Ends the process; its storage stays. */
  stop(): Promise<void>;
  /** Starts it again on the same port and storage. */
  start(): Promise<void>;
  /** Ends the process and removes its storage, which otherwise stays until the run of the tests ends. */
  remove(): Promise<void>;
}

export interface DockerRegistryOptions {
  /** Where it listens: an address of its own where left out. */
  address?: string;
  /** Asks for this login. */
  login?: { username: string; password: string };
  /** Wants tokens: of this server, signed by the owner of this certificate (PEM). */
  token?: { realm: string; service: string; issuer: string; certificate: string };
  /** Speaks TLS with this certificate and key (PEM files). */
  tls?: { certificate: string; key: string };
}

/** Starts Debian's docker-registry (distribution) on a loopback port, with empty storage and deletion allowed. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const directory = await temporaryDirectory('docker-registry');
  const configuration = join(directory, 'config.yml');
  const storage = join(directory, 'storage');
  const requests: string[] = [];
  // A token server that speaks no TLS has to be on the same host.
  const address = options.address ?? (options.token === undefined ? ownAddress() : '127.0.0.1');
  let host = `${address}:0`;
  let running: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const lines = [
      'version: 0.1',
      'log: { level: info, accesslog: { disabled: false } }',
      `storage: { filesystem: { rootdirectory: ${JSON.stringify(storage)} }, delete: { enabled: true } }`,
      `http: { addr: "${host}"${security(options)} }`,
      ...(await authorization(directory, options)),
    ];
    await writeFile(configuration, `${lines.join('\n')}\n`);
    running = spawn('docker-registry', ['serve', configuration], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' },
    });
    host = await listening(running, requests);
  };
  const stop = async (): Promise<void> => {
    const child = running;
    running = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    host,
    storage,
    requests,
    forget: () => {
      requests.length = 0;
    },
    start,
    stop,
    remove: async () => {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function security({ tls }: DockerRegistryOptions): string {
  return tls === undefined ? '' : `, tls: { certificate: ${tls.certificate}, key: ${tls.key} }`;
}

async function authorization(directory: string, { login, token }: DockerRegistryOptions): Promise<string[]> {
  if (login !== undefined) {
    const file = join(directory, 'htpasswd');
    // Cost 4, the least: every request checks it anew.
    await writeFile(file, execFileSync('htpasswd', ['-Bbn', '-C', '4', login.username, login.password]));
    return [`auth: { htpasswd: { realm: bunny, path: ${file} } }`];
  }
  if (token !== undefined) {
    const file = join(directory, 'issuer.pem');
    await writeFile(file, token.certificate);
    const { realm, service, issuer } = token;
    return [
      `auth: { token: { realm: "${realm}", service: ${service}, issuer: ${issuer}, rootcertbundle: ${file} } }`,
    ];
  }
  return [];
}

/** Where a registry listens, as soon as it says so. What it is asked from then on goes into `requests`. */
function listening(child: ChildProcess, requests: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => reject(new Error(`docker-registry ended with status ${status}`)));
    const read = (line: string) => {
      const host = /listening on (127(?:\.\d+){3}:\d+)/.exec(line)?.[1];
      if (host !== undefined) resolve(host);
      const request = /"((?:GET|HEAD|POST|PUT|PATCH|DELETE) \/v2\/\S*) HTTP/.exec(line)?.[1];
      if (request !== undefined) requests.push(request);
    };
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface(stream).on('line', read);
    }
  });
}
