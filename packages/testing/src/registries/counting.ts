import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isManifestType, Layout } from 'bunny-libos-oci';

/** A registry to read from, on a loopback port, that serves an image layout and notes what it is asked. */
export interface CountingRegistry {
  /** `127.0.0.1:port` */
  host: string;
  /** `tags burrow/libc`, `manifest burrow/libc 1.0.0`, `blob burrow/libc sha256:…`, in order. */
  requests: string[];
  /** Leaves one request without an answer until another one is made. */
  hold(request: string, until: string): void;
  close(): Promise<void>;
}

const path = /^\/v2\/(.+)\/(tags|manifests|blobs)\/([^/?]+)/;

/** Serves the layout in a directory (distribution-spec 1.1, "Pull"). */
export async function startCountingRegistry(directory: string): Promise<CountingRegistry> {
  const requests: string[] = [];
  let held: { request: string; until: string; made: Promise<void>; release: () => void } | undefined;
  /** Notes a request. Comes back when it may be answered. */
  const note = async (request: string): Promise<void> => {
    requests.push(request);
    if (request === held?.until) held.release();
    if (request === held?.request) await held.made;
  };
  const answer = async (url: string, response: ServerResponse): Promise<void> => {
    const [, repository = '', kind = '', reference = ''] = path.exec(url) ?? [];
    const target = new Layout(directory, repository);
    if (kind === 'tags') {
      await note(`tags ${repository}`);
      const tags = await target.tags();
      response.writeHead(tags.length === 0 ? 404 : 200, { 'content-type': 'application/json' });
      response.end(tags.length === 0 ? '{"errors":[]}' : JSON.stringify({ name: repository, tags }));
    } else if (kind === 'manifests') {
      await note(`manifest ${repository} ${reference}`);
      const found = await target.fetchManifest(reference);
      const type = found?.descriptor.mediaType ?? '';
      response.writeHead(found !== undefined && isManifestType(type) ? 200 : 404, {
        'content-type': type === '' ? 'application/json' : type,
        ...(found === undefined ? {} : { 'docker-content-digest': found.descriptor.digest }),
      });
      response.end(found?.bytes ?? '{"errors":[]}');
    } else {
      await note(`blob ${repository} ${reference}`);
      const bytes = await readBlob(directory, reference);
      response.writeHead(bytes === undefined ? 404 : 200, { 'content-length': bytes?.length ?? 0 });
      response.end(bytes);
    }
  };
  const server = createServer((request, response) => {
    answer(request.url ?? '', response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    requests,
    hold: (request, until) => {
      let release = () => {};
      const made = new Promise<void>((done) => {
        release = done;
      });
      held = { request, until, made, release };
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function readBlob(directory: string, digest: string): Promise<Buffer | undefined> {
  return readFile(join(directory, 'blobs', ...digest.split(':'))).catch(() => undefined);
}
