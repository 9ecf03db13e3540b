import assert from 'node:assert/strict';
import { proxyAuthorization, proxyFor } from './proxy.js';

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
    assert.equal(
      find('https://ghcr.io/', { HTTPS_PROXY: 'http://p', NO_PROXY: '', no_proxy: '*' }),
      undefined,
    );
  });

  it('are not used for networks and IPv6 addresses that NO_PROXY lists', () => {
    const environment = { HTTPS_PROXY: 'http://p', NO_PROXY: '10.0.0.0/8,fd00::/64,fe00::7,1.2.3.4/33,a/8' };
    for (const host of ['10.9.8.7', '[fd00::5]:5000', '[fe00::7]', '[fe00:0::7]:443'])
      assert.equal(find(`https://${host}/`, environment), undefined, host);
    for (const host of ['11.0.0.1', '[fd00:0:0:1::5]', '[fe00::8]', '1.2.3.4', 'ten.example', 'a'])
      assert.equal(find(`https://${host}/`, environment), 'http://p/', host);
  });

  it('are shown the name and password of their URL, whatever signs are in it', () => {
    const shown = (url: string): string | undefined => {
      const header = proxyAuthorization(new URL(url))['proxy-authorization'];
      return header && Buffer.from(header.replace('Basic ', ''), 'base64').toString();
    };
    assert.equal(shown('http://me:p%40ss@p'), 'me:p@ss');
    assert.equal(shown('http://me:100%@p'), 'me:100%');
    assert.equal(shown('http://p'), undefined);
  });
});
