import assert from 'node:assert/strict';
import { checkLeadsTo, guardedLookup, reachOf } from './addresses.js';

const may = (from: string, to: string): boolean => {
  try {
    checkLeadsTo(new URL(from), new URL(to));
    return true;
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'BUNNY_EREDIRECT');
    return false;
  }
};

describe('addresses', () => {
  it('are judged by who can reach them, in every spelling', () => {
    const reaches = {
      loopback: [
        '127.0.0.1',
        '127.9.9.9',
        'localhost',
        'a.localhost',
        '[::1]',
        '::ffff:127.0.0.1',
        '[::ffff:7f00:1]',
      ],
      private: [
        '10.1.2.3',
        '172.16.0.1',
        '172.31.255.255',
        '192.168.1.1',
        '100.64.0.1',
        'fd00::1',
        '[::ffff:a00:1]',
      ],
      'link-local': [
        '169.254.169.254',
        'fe80::1',
        '0.0.0.0',
        '[::]',
        '::ffff:169.254.169.254',
        '224.0.0.1',
        '[64:ff9b::a9fe:a9fe]',
      ],
      public: ['1.1.1.1', '172.32.0.1', '128.0.0.1', '2606:4700::1111'],
    };
    for (const [reach, hosts] of Object.entries(reaches))
      for (const host of hosts) assert.equal(reachOf(host), reach, host);
    assert.equal(reachOf('example.com'), undefined);
    // What URL makes of other spellings of numbers.
    assert.equal(reachOf(new URL('http://2852039166/').hostname), 'link-local');
    assert.equal(reachOf(new URL('http://0x7f.1/').hostname), 'loopback');
  });

  it('that a registry may not lead to are refused', () => {
    assert.ok(may('https://ghcr.io/', 'https://storage.example.com/x'));
    assert.ok(may('http://127.0.0.1:5000/', 'http://127.0.0.2:6000/x'));
    assert.ok(may('https://10.0.0.1/', 'https://10.0.0.2/x'));
    assert.ok(may('http://registry.lan/', 'https://storage.example.com/'));
    assert.ok(!may('https://ghcr.io/', 'http://storage.example.com/x'));
    assert.ok(!may('https://ghcr.io/', 'https://169.254.169.254/latest/meta-data'));
    assert.ok(!may('http://127.0.0.1:5000/', 'http://169.254.169.254/'));
    assert.ok(!may('http://127.0.0.1:5000/', 'http://192.168.0.1/'));
    assert.ok(!may('https://ghcr.io/', 'https://127.0.0.1/'));
    assert.ok(!may('https://ghcr.io/', 'https://localhost/'));
    assert.ok(!may('https://ghcr.io/', 'https://user:password@storage.example.com/'));
    assert.ok(!may('http://127.0.0.1:5000/', 'file:///etc/passwd'));
    assert.ok(!may('http://127.0.0.1:5000/', 'ftp://127.0.0.1/'));
  });

  it('are allowed as far as the address reaches that a name of the registry stands for', (done) => {
    const [registry, tokens] = [new URL('https://registry.corp/'), new URL('https://auth.corp/')];
    const storage = new URL('https://10.0.0.7:9000/x');
    checkLeadsTo(registry, storage, '10.0.0.5');
    checkLeadsTo(registry, storage, '::ffff:10.0.0.5');
    for (const peer of [undefined, '127.0.0.1', '140.82.121.34', '169.254.0.1'])
      assert.throws(() => checkLeadsTo(registry, storage, peer), { code: 'BUNNY_EREDIRECT' });
    const metadata = new URL('http://169.254.169.254/');
    assert.throws(() => checkLeadsTo(new URL('http://registry.corp/'), metadata, '169.254.0.1'), {
      code: 'BUNNY_EREDIRECT',
    });
    // A literal address is what it is, whoever answers.
    assert.throws(() => checkLeadsTo(new URL('https://1.1.1.1/'), storage, '10.0.0.5'), {
      code: 'BUNNY_EREDIRECT',
    });
    const lookup = guardedLookup(registry, tokens, '127.0.0.9');
    assert.ok(lookup !== undefined);
    lookup('localhost', {}, (error) => done(error ?? undefined));
  });

  it('behind a name are judged before a connection is made', (done) => {
    const lookup = guardedLookup(new URL('https://ghcr.io/'), new URL('https://rebound.example/'));
    assert.ok(lookup !== undefined);
    // The resolver of this machine knows localhost, and nothing leaves it.
    lookup('localhost', {}, (error) => {
      assert.equal((error as { code?: string } | null)?.code, 'BUNNY_EREDIRECT');
      done();
    });
  });
});
