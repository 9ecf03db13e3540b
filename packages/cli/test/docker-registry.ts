import { execFileSync, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { temporaryDirectory } from './temporary.js';

/** A running registry. */
export interface DockerRegistry {
  /** `127.0.0.1:port`, the beginning of a REF. */
  host: string;
  /** What was asked of it since `forget`: `GET /v2/…`, in order. */
  requests: readonly string[];
  forget(): void;
  stop(): Promise<void>;
}

export interface DockerRegistryOptions {
  /** Asks for this login. */
  login?: { username: string; password: string };
  /** Speaks TLS with this certificate and key (PEM files). */
  tls?: { certificate: string; key: string };
}

/**
 * Starts Debian's docker-registry (distribution) with empty storage on a free loopback port, or on the storage
 * and port of one that was stopped.
 */
export async function startDockerRegistry(
  port = 0,
  storage?: string,
  { login, tls }: DockerRegistryOptions = {},
): Promise<DockerRegistry & { storage: string }> {
  const root = storage ?? (await temporaryDirectory('docker-registry'));
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
      `http: { addr: "127.0.0.1:${port}"${security} }`,
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
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
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
