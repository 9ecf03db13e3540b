import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import { freeHost } from 'bunny-libos-testing/registries/loopback.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import { reachOf } from '../src/http/addresses.js';
import { proxyFor } from '../src/http/proxy.js';
import { openTarget, type TargetOptions } from '../src/registry/open-target.js';

describe('connections', () => {
  let directory: string;
  let registry: SpecRegistry;
  let secure: https.Server;
  let host: string;

  before(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'bunny-tls-'));
    const [key, certificate] = [path.join(directory, 'key.pem'), path.join(directory, 'ca.pem')];
    const subject = [
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-days',
      '2',
    ];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, '-keyout', key, '-out', certificate],
      { stdio: 'ignore' },
    );
    registry = await new SpecRegistry().start();
    // TLS before the registry: what comes in goes on to it as it is.
    secure = https.createServer(
      { key: readFileSync(key), cert: readFileSync(certificate) },
      (request, response) => {
        const { method, url, headers } = request;
        const sent = http.request(`http://${registry.host}${url}`, { method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        });
        request.pipe(sent);
      },
    );
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const address = secure.address();
    assert.ok(address !== null && typeof address === 'object');
    host = `127.0.0.1:${address.port}`;
  });
  after(async () => {
    secure.closeAllConnections();
    secure.close();
    await registry.stop();
    await rm(directory, { recursive: true });
  });

  it('by TLS trust who is named, and nobody else', async () => {
    const tls = { plainHttp: false, retry: { attempts: 1 }, credentials: async () => undefined };
    await assert.rejects(openTarget(`${host}/a`, { ...tls }).tags(), {
      code: 'BUNNY_ENETWORK',
      message: /signed by nobody that is trusted/,
    });
    const trusted = openTarget(`${host}/a`, { ...tls, caFiles: [path.join(directory, 'ca.pem')] });
    await pushArtifact(trusted, { tag: 'v1' });
    const byEnvironment = { ...tls, environment: { SSL_CERT_FILE: path.join(directory, 'ca.pem') } };
    assert.deepEqual(await openTarget(`${host}/a`, byEnvironment).tags(), ['v1']);
    assert.deepEqual(await openTarget(`${host}/a`, { ...tls, insecure: true }).tags(), ['v1']);
    assert.throws(() => openTarget(`${host}/a`, { ...tls, caFiles: ['/nonexistent.pem'] }), {
      code: 'BUNNY_ENOFILE',
    });
    assert.throws(() => openTarget(`${host}/a`, { ...tls, caFiles: [path.join(directory, 'key.pem')] }), {
      code: 'BUNNY_ENOFILE',
      message: 'the file of authorities holds no certificate',
    });
  });

  it('are kept alive and few', async () => {
    let connections = 0;
    const count = (): void => {
      connections++;
    };
    secure.on('secureConnection', count);
    const options = { plainHttp: false, insecure: true, connections: 3, credentials: async () => undefined };
    const target = openTarget(`${host}/a`, options);
    for (let round = 0; round < 3; round++)
      await Promise.all(Array.from({ length: 20 }, () => target.tags()));
    secure.off('secureConnection', count);
    assert.ok(connections <= 3, `${connections} connections`);
  });

  it('do not count the wait for others as a slow connection', async () => {
    const server = http.createServer((_, response) => {
      setTimeout(() => response.end('{"tags":[]}'), 120);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    try {
      const timeouts = { connect: 1000 };
      const options = {
        connections: 1,
        timeouts,
        retry: { attempts: 1 },
        credentials: async () => undefined,
      };
      const target = openTarget(`127.0.0.1:${address.port}/a`, options);
      // The last one waits for the nine before it, longer than any connection may take.
      await Promise.all(Array.from({ length: 10 }, () => target.tags()));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('go by way of a proxy, to plain hosts and through a tunnel to TLS', async () => {
    const passed: string[] = [];
    const proxy = http.createServer((request, response) => {
      passed.push(`${request.method} ${request.url} ${request.headers['proxy-authorization']}`);
      const { pathname, search } = new URL(request.url ?? '');
      http.get(`http://${registry.host}${pathname}${search}`, { headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
    });
    proxy.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
      passed.push(`CONNECT ${request.url} ${request.headers['proxy-authorization']}`);
      const [name = '', port = ''] = host.split(':');
      const upstream = net.connect(Number(port), name, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket);
        socket.pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    assert.ok(address !== null && typeof address === 'object');
    const url = `http://user:p%40ss@127.0.0.1:${address.port}`;
    const authorization = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    const environment = { HTTP_PROXY: undefined, http_proxy: url, HTTPS_PROXY: url };
    try {
      await pushArtifact(openTarget(`${registry.host}/proxied`), { tag: 'v1' });
      // Names that no resolver knows: only the proxy can reach them.
      const common = { environment, credentials: async () => undefined, retry: { attempts: 1 } };
      assert.deepEqual(await openTarget('registry.invalid/proxied', { ...common, plainHttp: true }).tags(), [
        'v1',
      ]);
      assert.deepEqual(await openTarget('registry.invalid/proxied', { ...common, insecure: true }).tags(), [
        'v1',
      ]);
      assert.equal(passed[0], `GET http://registry.invalid/v2/proxied/tags/list?n=1000 ${authorization}`);
      assert.equal(passed[1], `CONNECT registry.invalid:443 ${authorization}`);
      assert.equal(proxyFor(new URL(`http://${registry.host}`), environment), undefined);

      const dead = await freeHost();
      const wrong = { HTTP_PROXY: `http://me:secret@${dead}`, HTTPS_PROXY: `http://me:secret@${dead}` };
      for (const plainHttp of [true, false]) {
        const target = openTarget('registry.invalid/a', { ...common, plainHttp, environment: wrong });
        await assert.rejects(target.tags(), {
          code: 'BUNNY_ENETWORK',
          message: `cannot talk to registry.invalid by way of the proxy ${dead}: nothing listens there`,
        });
      }
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  it('go by way of a proxy that is itself reached by TLS, or at an IPv6 address', async () => {
    const passed: string[] = [];
    const forward = (request: http.IncomingMessage, response: http.ServerResponse): void => {
      passed.push(`${request.method} ${request.url}`);
      const { pathname, search } = new URL(request.url ?? '');
      http.get(`http://${registry.host}${pathname}${search}`, { headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
    };
    const tunnel = (request: http.IncomingMessage, socket: net.Socket): void => {
      passed.push(`CONNECT ${request.url}`);
      const upstream = net.connect(Number(host.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket);
        socket.pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    };
    const [key, ca] = ['key.pem', 'ca.pem'].map((name) => path.join(directory, name)) as [string, string];
    const tls = https.createServer({ key: readFileSync(key), cert: readFileSync(ca) }, forward);
    const plain = http.createServer(forward);
    const ports = [];
    for (const [server, address] of [
      [tls, '127.0.0.1'],
      [plain, '::1'],
    ] as const) {
      server.on('connect', tunnel);
      await new Promise<void>((resolve) => server.listen(0, address, resolve));
      const bound = server.address();
      assert.ok(bound !== null && typeof bound === 'object');
      ports.push(bound.port);
    }
    try {
      await pushArtifact(openTarget(`${registry.host}/proxied`), { tag: 'v1' });
      const common = { credentials: async () => undefined, retry: { attempts: 1 }, caFiles: [ca] };
      for (const url of [`https://127.0.0.1:${ports[0]}`, `http://[::1]:${ports[1]}`]) {
        const environment = { HTTP_PROXY: url, HTTPS_PROXY: url };
        const open = (name: string, more: TargetOptions) =>
          openTarget(`${name}/proxied`, { ...common, ...more, environment });
        assert.deepEqual(await open('registry.invalid', { plainHttp: true }).tags(), ['v1']);
        // No packet goes to this address: the proxy leads to the registry of the test.
        assert.deepEqual(await open('[2001:db8::1]:5000', { insecure: true }).tags(), ['v1']);
      }
      assert.deepEqual(passed, [
        'GET http://registry.invalid/v2/proxied/tags/list?n=1000',
        'CONNECT [2001:db8::1]:5000',
        'GET http://registry.invalid/v2/proxied/tags/list?n=1000',
        'CONNECT [2001:db8::1]:5000',
      ]);
    } finally {
      for (const server of [tls, plain]) {
        server.closeAllConnections();
        server.close();
      }
    }
  });

  it('to a registry that a local name stands for go on to another local host, and no further', async function () {
    const name = hostname();
    const { address } = await lookup(name).catch(() => ({ address: '' }));
    if (reachOf(name) !== undefined || reachOf(address) !== 'loopback') this.skip();
    const redirecting = http.createServer((request, response) => {
      const location = request.url?.includes('/near/')
        ? `http://${registry.host}/v2/proxied/tags/list`
        : 'http://10.0.0.1/v2/proxied/tags/list';
      response.writeHead(307, { location }).end();
    });
    await new Promise<void>((resolve) => redirecting.listen(0, address, resolve));
    const bound = redirecting.address();
    assert.ok(bound !== null && typeof bound === 'object');
    try {
      await pushArtifact(openTarget(`${registry.host}/proxied`), { tag: 'v1' });
      const options = { plainHttp: true, credentials: async () => undefined };
      assert.deepEqual(await openTarget(`${name}:${bound.port}/near`, options).tags(), ['v1']);
      await assert.rejects(openTarget(`${name}:${bound.port}/far`, options).tags(), {
        code: 'BUNNY_EREDIRECT',
      });
    } finally {
      redirecting.closeAllConnections();
      redirecting.close();
    }
  });

  it('that are waited for are given up when the caller gives up, or takes too long', async () => {
    const held: net.Socket[] = [];
    const silent = net.createServer((socket) => void held.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    assert.ok(address !== null && typeof address === 'object');
    const place = `127.0.0.1:${address.port}`;
    const hour = 3_600_000;
    const patient = {
      credentials: async () => undefined,
      connections: 1,
      retry: { attempts: 1 },
      timeouts: { connect: hour, headers: hour, idle: hour },
    };
    try {
      const direct = openTarget(`${place}/a`, { ...patient });
      const tunnelled = openTarget('registry.invalid/a', {
        ...patient,
        environment: { HTTPS_PROXY: `http://${place}` },
      });
      const abort = new AbortController();
      const options = { signal: abort.signal };
      // The second of each waits for the first.
      const waiting = [direct, direct, tunnelled, tunnelled].map((target) => target.tags(options));
      const ends = waiting.map((each) => assert.rejects(each, { code: 'BUNNY_EABORTED' }));
      while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      abort.abort();
      await Promise.all(ends);
      await Promise.all(held.map((socket) => once(socket.resume(), 'close')));

      const timeouts = { connect: 50, headers: hour, idle: hour };
      const tls = openTarget(`${place}/a`, { ...patient, plainHttp: false, timeouts });
      await assert.rejects(tls.tags(), {
        code: 'BUNNY_ETIMEOUT',
        message: `no connection from ${place} in time`,
      });
    } finally {
      for (const socket of held) socket.destroy();
      silent.close();
    }
  });
});
