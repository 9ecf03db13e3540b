import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { openTarget } from '../src/registry/open-target.js';

describe('a list of a registry that does not end', () => {
  const tagsOf = async (next: (page: number) => { last: number; filler?: string }): Promise<string[]> => {
    let pages = 0;
    const server = http.createServer((_, response) => {
      const { last, filler } = next(pages++);
      response.setHeader('link', `</v2/a/tags/list?last=${last}>; rel="next"`);
      response.end(JSON.stringify({ tags: [`t${pages}`], filler }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      return await openTarget(`127.0.0.1:${(server.address() as AddressInfo).port}/a`).tags();
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };

  it('is refused where a page leads to one that was there before', async () => {
    await assert.rejects(
      tagsOf((page) => ({ last: page % 3 })),
      { code: 'BUNNY_EREGISTRY' },
    );
  });

  it('is refused before it fills the memory', async () => {
    const filler = 'x'.repeat(24 * 1024 * 1024);
    await assert.rejects(
      tagsOf((page) => {
        if (page > 9) throw new Error('it was asked for ever more');
        return { last: page, filler };
      }),
      { code: 'BUNNY_ELIMIT' },
    );
  });
});
