import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import { Network } from '../src/registry/network.js';

const anonymous = async (): Promise<undefined> => undefined;

describe('a network', () => {
  let registry: SpecRegistry;
  let server: http.Server;
  let origin: URL;
  let answer: http.RequestListener;

  before(async () => {
    registry = await new SpecRegistry().start();
    server = http.createServer((request, response) => answer(request, response));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    origin = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await registry.stop();
  });

  it('ends each request at its signal, beside the signal that a request has of its own', async () => {
    const own = new AbortController().signal;
    const asks = [
      (network: Network) => network.open(`${origin.host}/a`).tags(),
      (network: Network) => network.open(`${origin.host}/a`).tags({ signal: own }),
      (network: Network) => network.repositories(origin.host),
      (network: Network) => network.checkLogin(origin.host, { username: 'a', password: 'b' }),
      (network: Network) =>
        network.host(origin).request({ method: 'GET', url: origin }, { repeatable: true }),
    ];
    for (const ask of asks) {
      const stop = new AbortController();
      answer = () => stop.abort();
      await assert.rejects(ask(new Network({ signal: stop.signal, credentials: anonymous })), {
        code: 'BUNNY_EABORTED',
      });
    }
    const stop = new AbortController();
    answer = () => stop.abort();
    const network = new Network({ signal: own, credentials: anonymous });
    await assert.rejects(network.open(`${origin.host}/a`).tags({ signal: stop.signal }), {
      code: 'BUNNY_EABORTED',
    });
  });

  it('pauses no longer than its signal lets it', async () => {
    const stop = new AbortController();
    answer = (_, response) => {
      response.writeHead(503).end();
      setTimeout(() => stop.abort(), 20);
    };
    const retry = { attempts: 2, base: 3_600_000, longest: 3_600_000 };
    const network = new Network({ signal: stop.signal, retry, credentials: anonymous });
    await assert.rejects(network.open(`${origin.host}/a`).tags(), { code: 'BUNNY_EABORTED' });
  });

  it('talks TLS to the hosts that it need not check, and to no others', async () => {
    const network = new Network({
      plainHttp: true,
      insecureHosts: [origin.host.toUpperCase()],
      retry: { attempts: 1 },
      credentials: anonymous,
    });
    await pushArtifact(network.open(`${registry.host}/a`), { tag: 'v1' });
    answer = (_, response) => void response.end('{}');
    await assert.rejects(network.open(`${origin.host}/a`).tags(), {
      code: 'BUNNY_ENETWORK',
      message: /does not speak TLS/,
    });
  });

  it('judges where a registry leads to anew, though there is a connection to it', async () => {
    const leading = http.createServer((_, response) => {
      response.writeHead(307, { location: `${origin.href}v2/a/tags/list` }).end();
    });
    await new Promise<void>((done) => leading.listen(0, '127.0.0.1', done));
    const sockets = new Set<unknown>();
    answer = (request, response) => {
      sockets.add(request.socket);
      response.end('{"name":"a","tags":["v1"]}');
    };
    try {
      const network = new Network({ credentials: anonymous });
      for (let i = 0; i < 2; i++) {
        await network.open(`${origin.host}/a`).tags();
        // Only then the connection is free again.
        await setImmediate();
      }
      assert.equal(sockets.size, 1);
      await network.open(`127.0.0.1:${(leading.address() as AddressInfo).port}/a`).tags();
      assert.equal(sockets.size, 2);
    } finally {
      leading.closeAllConnections();
      leading.close();
    }
  });

  it('asks hosts that are no registries, again and where they lead to', async () => {
    const seen: (string | undefined)[] = [];
    answer = (request, response) => {
      seen.push(request.url);
      if (seen.length === 1) response.writeHead(503).end();
      else if (request.url === '/log') response.writeHead(307, { location: '/log/entry' }).end();
      else response.end('found');
    };
    const host = new Network({ retry: { base: 1 } }).host(origin);
    const found = await host.request(
      { method: 'POST', url: new URL('/log', origin), body: Buffer.from('{}') },
      { repeatable: true, gather: 100 },
    );
    assert.equal(String(await found.bytes(100)), 'found');
    assert.deepEqual(seen, ['/log', '/log', '/log/entry']);
    answer = (_, response) =>
      void response.writeHead(302, { location: 'http://169.254.169.254/metadata' }).end();
    await assert.rejects(host.request({ method: 'GET', url: origin }, { repeatable: true }), {
      code: 'BUNNY_EREDIRECT',
    });
  });
});
