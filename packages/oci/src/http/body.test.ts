import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ResponseBody } from './body.js';
import { PhaseClock } from './phase-clock.js';

describe('the body of a response', () => {
  let server: http.Server;
  let answer: (response: http.ServerResponse) => void;
  const agent = new http.Agent({ keepAlive: true });

  before((done) => {
    server = http.createServer((_, response) => answer(response));
    server.listen(0, '127.0.0.1', done);
  });

  after(() => {
    agent.destroy();
    server.close();
  });

  function get(idle = 10_000): Promise<{ message: http.IncomingMessage; body: ResponseBody }> {
    const { port } = server.address() as AddressInfo;
    return new Promise((resolve, reject) => {
      const request = http.get({ host: '127.0.0.1', port, agent }, (message) => {
        const clock = new PhaseClock((phase) => message.destroy(new Error(`${phase} too long`)));
        const body = new ResponseBody(message, clock, idle, (error) => error as Error);
        resolve({ message, body });
      });
      request.on('error', reject);
    });
  }

  async function gather(body: ResponseBody, into: Uint8Array[]): Promise<void> {
    for await (const piece of body) into.push(piece);
  }

  it('is all that was sent, and leaves the connection for the next request', async () => {
    const sent = Buffer.alloc(3_000_000, 'abc');
    answer = (response) => response.end(sent);
    const ports = [];
    for (let i = 0; i < 2; i++) {
      const { message, body } = await get();
      ports.push(message.socket.localPort);
      const pieces: Uint8Array[] = [];
      await gather(body, pieces);
      assert.ok(Buffer.concat(pieces).equals(sent));
      assert.deepEqual(await body.next(), { done: true, value: undefined });
      await sleep(1);
    }
    assert.equal(ports[0], ports[1]);
  });

  it('brings the pieces that came before the connection broke, then says so', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('before', () => response.destroy());
    };
    const { message, body } = await get();
    await new Promise((resolve) => message.once('readable', resolve));
    const pieces: Uint8Array[] = [];
    await assert.rejects(gather(body, pieces), { code: 'ECONNRESET' });
    assert.equal(Buffer.concat(pieces).toString(), 'before');
    await assert.rejects(body.next(), { code: 'ECONNRESET' });
  });

  it('slows the peer down where nobody takes the pieces', async () => {
    let written = 0;
    answer = (response) => {
      const piece = Buffer.alloc(1 << 16);
      const more = (): void => {
        while (written < 1 << 26) {
          written += piece.length;
          if (!response.write(piece)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    };
    const { body } = await get();
    await body.next();
    let before: number;
    do {
      before = written;
      await sleep(50);
    } while (written > before);
    // What the kernel keeps on both sides, and half a MiB here.
    assert.ok(written < 1 << 25, `${written} bytes were taken`);
    let rest = 0;
    for await (const piece of body) rest += piece.length;
    assert.ok(rest > 1 << 25);
    assert.equal(written, 1 << 26);
  });

  it('closes the connection where the rest is not wanted', async () => {
    let closed: Promise<unknown> | undefined;
    answer = (response) => {
      closed = new Promise((resolve) => response.once('close', resolve));
      response.writeHead(200, { 'content-length': '1000' });
      response.write('some');
    };
    const { body } = await get();
    for await (const piece of body) {
      assert.equal(piece.length, 4);
      break;
    }
    await closed;
  });

  it('ends with an error where the next piece takes too long', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('some');
    };
    const { body } = await get(30);
    const pieces: Uint8Array[] = [];
    await assert.rejects(gather(body, pieces), /idle too long/);
    assert.equal(Buffer.concat(pieces).toString(), 'some');
  });

  /** Sends pieces of so many bytes, one after each pause, and then the end. */
  const drip = (length: number, pause: number, count: number) => {
    answer = (response) => {
      let left = count;
      const timer = setInterval(() => {
        response.write(Buffer.alloc(length));
        if (--left === 0) response.end();
      }, pause);
      response.once('close', () => clearInterval(timer));
    };
  };

  it('ends with an error where it comes by single bytes, without end', async () => {
    drip(1, 20, Infinity);
    const { body } = await get(400);
    const pieces: Uint8Array[] = [];
    await assert.rejects(gather(body, pieces), /idle too long/);
    assert.ok(Buffer.concat(pieces).length < 100, 'given up at once');
  });

  it('is waited for where it comes slowly, and the time of who takes it does not count', async () => {
    drip(50, 100, 12);
    const slow: Uint8Array[] = [];
    await gather((await get(400)).body, slow);
    assert.equal(Buffer.concat(slow).length, 600);
    drip(1, 1, 12);
    let taken = 0;
    for await (const piece of (await get(400)).body) {
      taken += piece.length;
      await sleep(60);
    }
    assert.equal(taken, 12);
  });
});
