import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** A loopback address that nobody else uses: its ports stay free while nobody listens. */
export function ownAddress(): string {
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
