import assert from 'node:assert/strict';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { pushBytes } from '../src/content/content.js';
import { digestOf } from '../src/content/digest.js';
import { openTarget } from '../src/registry/open-target.js';

const type = 'application/octet-stream';

describe('a registry that takes an upload slowly', () => {
  const servers: http.Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** A registry where nothing is yet, and that takes the content of a blob as `take` does. */
  async function registry(
    take: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  ): Promise<string> {
    const server = http.createServer((request, response) => {
      if (request.method === 'PUT') void take(request, response);
      else if (request.method === 'POST')
        response.writeHead(202, { location: '/v2/a/blobs/uploads/1' }).end();
      else response.writeHead(404).end();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `127.0.0.1:${address.port}`;
  }

  const open = (host: string, idle: number) =>
    openTarget(`${host}/a`, {
      credentials: async () => undefined,
      retry: { attempts: 1 },
      timeouts: { idle },
    });

  it('is waited for as long as it takes any', async () => {
    const bytes = Buffer.alloc(24 << 20, 7);
    const taken: Buffer[] = [];
    const host = await registry(async (request, response) => {
      let rest = 0;
      for await (const chunk of request) {
        taken.push(chunk as Buffer);
        rest += (chunk as Buffer).length;
        if (rest < 4 << 20) continue;
        rest = 0;
        await sleep(300);
      }
      response.writeHead(201).end();
    });
    // All of it takes longer than any part may.
    await pushBytes(open(host, 1500), type, bytes);
    assert.equal(digestOf(Buffer.concat(taken)), digestOf(bytes));
  });

  it('is given up where it takes nothing more', async () => {
    const host = await registry(async () => undefined);
    await assert.rejects(pushBytes(open(host, 100), type, Buffer.alloc(24 << 20)), {
      code: 'BUNNY_ETIMEOUT',
      message: `no further data from ${host} in time`,
    });
  });
});

describe('a registry that says when to come back', () => {
  it('is not asked before, by reads nor by uploads', async () => {
    let notBefore: number | undefined;
    let early = 0;
    const server = http.createServer((request, response) => {
      request.resume();
      if (request.method === 'HEAD') response.writeHead(404).end();
      else if (notBefore === undefined) {
        // HTTP dates are of whole seconds: this one is up to a second away.
        const date = new Date(Date.now() + 1000).toUTCString();
        notBefore = Date.parse(date);
        response.writeHead(request.method === 'GET' ? 429 : 503, { 'retry-after': date }).end();
      } else {
        // Timers may fire a moment before their time.
        if (Date.now() < notBefore - 20) early++;
        if (request.method === 'GET') response.end('{"tags":["v1"]}');
        else response.writeHead(201).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    try {
      const retry = { attempts: 2, base: 1, longest: 5000 };
      const target = openTarget(`127.0.0.1:${address.port}/a`, { credentials: async () => undefined, retry });
      assert.deepEqual(await target.tags(), ['v1']);
      assert.ok(notBefore !== undefined);
      notBefore = undefined;
      await pushBytes(target, type, Buffer.from('hello'));
      assert.ok(notBefore !== undefined);
      assert.equal(early, 0);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
