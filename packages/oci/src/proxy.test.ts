import assert from 'node:assert/strict';
import { proxyFor } from './proxy.js';

const find = (url: string, environment: NodeJS.ProcessEnv): string | undefined =>
  proxyFor(new URL(url), environment)?.href;

describe('proxies', () => {
  it('are taken from the environment by scheme', () => {
    const environment = { HTTPS_PROXY: 'http://secure:1', http_proxy: 'plain:2' };
    assert.equal(find('https://ghcr.io/v2/', environment), 'http://secure:1/');
    assert.equal(find('http://registry.example/v2/', environment), 'http://plain:2/');
    assert.equal(find('http://registry.example/v2/', {}), undefined);
    assert.equal(
      find('http://registry.example/', { HTTP_PROXY: 'http://x', REQUEST_METHOD: 'GET' }),
      undefined,
    );
    assert.throws(() => find('https://ghcr.io/', { HTTPS_PROXY: 'socks5://x' }), {
      code: 'BUNNY_EREFERENCE',
    });
  });

  it('are not used for loopback, nor for what NO_PROXY lists', () => {
    const environment = {
      HTTPS_PROXY: 'http://p',
      NO_PROXY: 'ghcr.io, .corp.example,10.0.0.1,[fd00::1]:443,other.io:8443',
    };
    for (const url of [
      'https://127.0.0.1:5000/',
      'https://localhost/',
      'https://[::1]/',
      'https://ghcr.io/',
      'https://a.ghcr.io/',
      'https://corp.example/',
      'https://x.corp.example/',
      'https://10.0.0.1/',
      'https://[fd00::1]/',
      'https://other.io:8443/',
    ]) {
      assert.equal(find(url, environment), undefined, url);
    }
    for (const url of ['https://notghcr.io/', 'https://ghcr.io.example/', 'https://other.io/']) {
      assert.equal(find(url, environment), 'http://p/', url);
    }
    assert.equal(find('https://ghcr.io/', { HTTPS_PROXY: 'http://p', no_proxy: '*' }), undefined);
  });
});
