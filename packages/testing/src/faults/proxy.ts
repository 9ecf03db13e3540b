import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Random } from './random.js';

/** What can go wrong between a client and a registry. */
export const faults = [
  'reset before',
  'reset after request',
  'reset within body',
  'truncation',
  'wrong bytes',
  'stall before',
  'stall within body',
  'too many requests',
  'unavailable',
  'missing headers',
  'double headers',
  'other digest',
  'other length',
  'infinite body',
  'not HTTP',
  'redirect loop',
  'redirect to another host',
  'redirect to a link-local address',
  'redirect to a private address',
  'redirect to a file',
] as const;

export type Fault = (typeof faults)[number];

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface FaultProxyOptions {
  /** `host:port` of the registry behind it. */
  upstream: string;
  /** `host:port` where a redirect to another host goes. */
  elsewhere: string;
  /** The fault to inject into the next exchange, if any. */
  choose: (request: IncomingMessage) => Fault | undefined;
  random: Random;
}

const headersThatMatter = [
  'docker-content-digest',
  'location',
  'content-type',
  'content-length',
  'range',
  'oci-subject',
];

/** Stands before a registry and spoils some of what passes. */
export class FaultProxy {
  host = '';
  /** Faults that were injected, in order. */
  readonly injected: Fault[] = [];
  readonly #options: FaultProxyOptions;
  readonly #server: http.Server;

  constructor(options: FaultProxyOptions) {
    this.#options = options;
    this.#server = http.createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.host = `127.0.0.1:${address.port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.#options.choose(request);
    if (fault !== undefined) this.injected.push(fault);
    if (fault === 'reset before') {
      request.socket.destroy();
      return;
    }
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    if (fault !== undefined && this.#refuses(fault, request, response)) return;
    const answer = await this.#forward(request, Buffer.concat(body));
    this.#send(fault, answer, response, request);
  }

  /** Faults in which the registry is never asked. */
  #refuses(fault: Fault, request: IncomingMessage, response: ServerResponse): boolean {
    const redirect = (location: string): boolean => {
      response.writeHead(307, { location }).end();
      return true;
    };
    switch (fault) {
      case 'stall before':
        return true;
      case 'too many requests':
        response.writeHead(429, { 'retry-after': '0' }).end();
        return true;
      case 'unavailable':
        response.writeHead(503).end('<html>');
        return true;
      case 'not HTTP':
        request.socket.end('220 mail.example ESMTP\r\n\r\n');
        return true;
      case 'redirect loop':
        return redirect(request.url ?? '/');
      case 'redirect to another host':
        return redirect(`http://${this.#options.elsewhere}/stolen`);
      case 'redirect to a link-local address':
        return redirect('http://169.254.169.254/latest/meta-data/');
      case 'redirect to a private address':
        return redirect('http://10.11.12.13/v2/');
      case 'redirect to a file':
        return redirect('file:///etc/passwd');
      default:
        return false;
    }
  }

  #forward(request: IncomingMessage, body: Buffer): Promise<Answer> {
    const headers = { ...request.headers, host: this.#options.upstream };
    return new Promise((resolve, reject) => {
      const { method, url } = request;
      const sent = http.request(
        `http://${this.#options.upstream}${url}`,
        { method, headers },
        async (message) => {
          const chunks: Buffer[] = [];
          for await (const chunk of message) chunks.push(chunk as Buffer);
          resolve({
            status: message.statusCode ?? 502,
            headers: message.headers,
            body: Buffer.concat(chunks),
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  #send(fault: Fault | undefined, answer: Answer, response: ServerResponse, request: IncomingMessage): void {
    const { random } = this.#options;
    const { body } = answer;
    const headers = { ...answer.headers };
    const half = random.below(body.length + 1);
    // HEAD announces a body that does not come.
    const isHead = request.method === 'HEAD';
    if (fault === 'reset after request') {
      request.socket.destroy();
      return;
    }
    if (fault === 'missing headers') delete headers[random.pick(headersThatMatter)];
    if (fault === 'other digest') headers['docker-content-digest'] = `sha256:${'5'.repeat(64)}`;
    if (fault === 'other length' && !isHead)
      headers['content-length'] = String(body.length + 1 + random.below(9));
    if (fault === 'truncation' && !isHead) headers['content-length'] = String(half);
    if (fault === 'infinite body') delete headers['content-length'];
    for (const [name, value] of Object.entries(headers)) {
      if (value === undefined || name === 'connection' || name === 'transfer-encoding') continue;
      const twice = fault === 'double headers' && name === 'docker-content-digest';
      response.setHeader(name, twice ? [String(value), `sha256:${'6'.repeat(64)}`] : value);
    }
    response.writeHead(answer.status);
    if (isHead) response.end();
    else this.#sendBody(fault, body, half, response, request);
  }

  #sendBody(
    fault: Fault | undefined,
    body: Buffer,
    half: number,
    response: ServerResponse,
    request: IncomingMessage,
  ): void {
    switch (fault) {
      case 'reset within body':
        response.write(body.subarray(0, half), () => request.socket.destroy());
        return;
      case 'stall within body':
        response.write(body.subarray(0, half));
        return;
      case 'other length':
        response.write(body, () => request.socket.destroy());
        return;
      case 'truncation':
        response.end(body.subarray(0, half));
        return;
      case 'wrong bytes': {
        const wrong = Buffer.from(body);
        if (wrong.length > 0)
          wrong[Math.min(half, wrong.length - 1)] = 0x5a ^ (wrong[Math.min(half, wrong.length - 1)] ?? 0);
        response.end(wrong);
        return;
      }
      case 'infinite body':
        response.write(body);
        pour(response);
        return;
      default:
        response.end(body);
    }
  }
}

const filler = Buffer.alloc(64 * 1024, 0x42);

/** Writes until the client has enough. */
function pour(response: ServerResponse): void {
  while (!response.destroyed) {
    if (response.write(filler)) continue;
    response.once('drain', () => pour(response));
    return;
  }
}
