import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { temporaryDirectory } from './temporary.js';

/** A running registry. */
export interface DockerRegistry {
  /** `127.x.y.z:port`, the beginning of a REF. */
  host: string;
  /** What was asked of it since `forget`: `GET /v2/…`, in order. */
  requests: readonly string[];
  forget(): void;
  stop(): Promise<void>;
}

export interface DockerRegistryOptions {
  /** Where it listens: an address of its own where left out. */
  address?: string;
  /** Asks for this login. */
  login?: { username: string; password: string };
  /** Speaks TLS with this certificate and key (PEM files). */
  tls?: { certificate: string; key: string };
}

/**
 * Starts Debian's docker-registry (distribution) with empty storage, or on the host and storage of one that was
 * stopped.
 */
export async function startDockerRegistry(
  stopped?: { host: string; storage: string },
  { address = ownAddress(), login, tls }: DockerRegistryOptions = {},
): Promise<DockerRegistry & { storage: string }> {
  const root = stopped?.storage ?? (await temporaryDirectory('docker-registry'));
  const place = stopped?.host ?? `${address}:0`;
  const configuration = join(root, 'config.yml');
  const security = tls === undefined ? '' : `, tls: { certificate: ${tls.certificate}, key: ${tls.key} }`;
  const authorization: string[] = [];
  if (login !== undefined) {
    const file = join(root, 'htpasswd');
    // Cost 4, the least: every request checks it anew.
    await writeFile(file, execFileSync('htpasswd', ['-Bbn', '-C', '4', login.username, login.password]));
    authorization.push(`auth: { htpasswd: { realm: bunny, path: ${file} } }`);
  }
  await writeFile(
    configuration,
    [
      'version: 0.1',
      'log: { level: info, accesslog: { disabled: false } }',
      `storage: { filesystem: { rootdirectory: ${JSON.stringify(join(root, 'storage'))} }, delete: { enabled: true } }`,
      `http: { addr: "${place}"${security} }`,
      ...authorization,
    ].join('\n'),
  );
  const child = spawn('docker-registry', ['serve', configuration], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' },
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const requests: string[] = [];
  const host = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`docker-registry ended with status ${code}`)));
    const read = (line: string) => {
      const listening = /listening on (127(?:\.\d+){3}:\d+)/.exec(line)?.[1];
      if (listening !== undefined) resolve(listening);
      const request = /"((?:GET|HEAD|POST|PUT|PATCH|DELETE) \/v2\/\S*) HTTP/.exec(line)?.[1];
      if (request !== undefined) requests.push(request);
    };
    createInterface(child.stdout).on('line', read);
    createInterface(child.stderr).on('line', read);
  });
  return {
    host,
    storage: root,
    requests,
    forget: () => {
      requests.length = 0;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A loopback address that nobody else uses: its ports stay free while the registry is stopped. */
function ownAddress(): string {
  return ['127', ...Array.from({ length: 3 }, () => randomInt(1, 255))].join('.');
}
