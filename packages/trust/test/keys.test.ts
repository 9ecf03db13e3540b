import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newKeyPair, readKeyText, readSigningKey, readVerificationKey, writeKeyPair } from '../src/index.js';

/** What cosign 3.1 wrote; its passphrase is `secret`. It has signed nothing. */
const fromCosign = {
  privateKey: `-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6
OCwicCI6MX0sInNhbHQiOiJkdXVLb1hsUEcxYzlQYkYycmE0ZXd1WVJSRWttNzB6
WVlLRTZwRC9VaEdBPSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
Iiwibm9uY2UiOiIzWE0yZnkxYzIya0d4Z0l5TWxTMzBnQnhWb3VacFBIWCJ9LCJj
aXBoZXJ0ZXh0Ijoid0JrQTkwQlQrVUZVaXVlZUxHM3l3RlNTSzhhZkRCZ2pnYjRH
cWxpa2F1RjBDcUpyMUVqbnBQK3cvNDM2eXhOU3V0aEtFa1J5dEdtdkxxR000RGI1
aEJ0Q3BZcE1aL0o2MlZUUnFzNWR4NmI5TnNNQnN6eE9YdlV2T1gyNGtxa09TeEtX
YytUS0lyeEJCUmtLcDdRaXRSUXZSSnl2dWcrWWs1aUlWR2hrejJBTjhHNElRdTUx
cElDK3VubkxKbGM4aWxSemRpeEhqY3YyTFE9PSJ9
-----END ENCRYPTED SIGSTORE PRIVATE KEY-----
`,
  publicKey: `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEbDcddJ9DSaW3Jzp/2FWc4AZkuGV
gSDrnQVSpNqBJfyy3y0VlcGSCE8i8zDuO9ZPZS3Dokl3YoF9alJ2Z1k9Yg==
-----END PUBLIC KEY-----
`,
};

const message = Buffer.from('what is signed');
const secret = () => Promise.resolve('secret');
const notAsked = () => Promise.reject(new Error('a passphrase was asked for'));
const openssl = (words: readonly string[], input: string) =>
  execFileSync('openssl', words, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });

/** The text of a block of JSON under a label, as cosign wraps its keys. */
function envelope(value: unknown, label = 'ENCRYPTED SIGSTORE PRIVATE KEY'): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `-----BEGIN ${label}-----\n${Buffer.from(text).toString('base64')}\n-----END ${label}-----\n`;
}

describe('keys', function () {
  // Each passphrase costs scrypt a fifth of a second.
  this.timeout(20_000);

  it('of cosign are read, under their older name too', async () => {
    const publicKey = readVerificationKey(fromCosign.publicKey, 'k.pub');
    for (const text of [fromCosign.privateKey, fromCosign.privateKey.replaceAll('SIGSTORE', 'COSIGN')]) {
      const key = await readSigningKey(text, 'k.key', secret);
      assert.equal(key.publicKey.id, publicKey.id);
      assert.ok(publicKey.verifies(message, key.sign(message)));
    }
  });

  it('that are made sign what their public key verifies, and nothing else', async () => {
    for (const passphrase of ['correct horse', '', 'schlüssel']) {
      const pair = await newKeyPair(passphrase);
      const key = await readSigningKey(pair.privateKey, 'k.key', () => Promise.resolve(passphrase));
      const publicKey = readVerificationKey(pair.publicKey, 'k.pub');
      const signature = key.sign(message);
      assert.ok(publicKey.verifies(message, signature));
      assert.ok(!publicKey.verifies(Buffer.from('something else'), signature));
      assert.ok(!readVerificationKey(fromCosign.publicKey, 'k.pub').verifies(message, signature));
      for (const junk of [Buffer.alloc(0), Buffer.alloc(70), signature.subarray(1), message]) {
        assert.equal(publicKey.verifies(message, junk), false);
      }
    }
  });

  it('do not open with another passphrase, or where they were altered', async () => {
    const refused = { code: 'BUNNY_EKEY', exitStatus: 2, message: /passphrase does not open/ };
    const other = () => Promise.resolve('secret ');
    await assert.rejects(readSigningKey(fromCosign.privateKey, 'k.key', other), refused);
    const { content } = {
      content: JSON.parse(Buffer.from(fromCosign.privateKey.split('-----')[2] ?? '', 'base64').toString()),
    };
    const box = Buffer.from(content.ciphertext, 'base64');
    box[40] = (box[40] ?? 0) ^ 1;
    for (const ciphertext of [box.toString('base64'), '', 'AAAA']) {
      await assert.rejects(readSigningKey(envelope({ ...content, ciphertext }), 'k.key', secret), refused);
    }
  });

  it('are refused where their encryption is another one, or costs without bound', async () => {
    const good = JSON.parse(Buffer.from(fromCosign.privateKey.split('-----')[2] ?? '', 'base64').toString());
    const { kdf, cipher } = good;
    const bad: unknown[] = [
      'no JSON',
      'null',
      '[]',
      {},
      { ...good, kdf: null },
      { ...good, ciphertext: 7 },
      { ...good, kdf: { ...kdf, name: 'argon2' } },
      { ...good, kdf: { ...kdf, salt: undefined } },
      ...[2 ** 30, 2 ** 16 + 1, 0, -1, '65536', undefined].map((N) => ({
        ...good,
        kdf: { ...kdf, params: { ...kdf.params, N } },
      })),
      { ...good, kdf: { ...kdf, params: { ...kdf.params, p: 1_000_000 } } },
      { ...good, cipher: { ...cipher, name: 'nacl/box' } },
      { ...good, cipher: { ...cipher, nonce: 'AAAA' } },
    ];
    for (const each of bad) {
      await assert.rejects(
        readSigningKey(envelope(each), 'k.key', secret),
        { code: 'BUNNY_EKEY', where: 'k.key' },
        JSON.stringify(each),
      );
    }
  });

  it('of every kind and form that cosign takes are read as PEM', async () => {
    const kinds = [
      ['ec', { namedCurve: 'P-256' }, 'ECDSA P-256'],
      ['ec', { namedCurve: 'P-384' }, 'ECDSA P-384'],
      ['ec', { namedCurve: 'P-521' }, 'ECDSA P-521'],
      ['rsa', { modulusLength: 2048 }, 'RSA 2048'],
      ['ed25519', {}, 'Ed25519'],
    ] as const;
    for (const [type, options, name] of kinds) {
      const { privateKey, publicKey } = generateKeyPairSync(
        type as 'rsa',
        options as { modulusLength: number },
      );
      const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
      const older = { ec: 'sec1', rsa: 'pkcs1', ed25519: 'pkcs8' } as const;
      const texts: [string, () => Promise<string>][] = [
        [pem, notAsked],
        [`a comment\n${privateKey.export({ type: older[type] as 'pkcs8', format: 'pem' })}`, notAsked],
        [openssl(['pkcs8', '-topk8', '-passout', 'pass:secret'], pem), secret],
      ];
      for (const [text, passphrase] of texts) {
        const key = await readSigningKey(text, 'k.pem', passphrase);
        assert.equal(key.publicKey.kind, name);
        const spki = readVerificationKey(
          publicKey.export({ type: 'spki', format: 'pem' }) as string,
          'k.pub',
        );
        assert.equal(spki.id, key.publicKey.id);
        assert.ok(spki.verifies(message, key.sign(message)), name);
      }
    }
    // As `openssl ecparam -genkey` and `openssl rsa -aes128 -traditional` write them.
    await readSigningKey(openssl(['ecparam', '-genkey', '-name', 'prime256v1'], ''), 'k.pem', notAsked);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const traditional = openssl(
      ['rsa', '-aes128', '-traditional', '-passout', 'pass:secret'],
      rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    );
    assert.match(traditional, /Proc-Type/);
    await readSigningKey(traditional, 'k.pem', secret);
    await assert.rejects(
      readSigningKey(traditional, 'k.pem', () => Promise.resolve('other')),
      { code: 'BUNNY_EKEY', message: /passphrase/ },
    );
    const pkcs1 = rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }) as string;
    assert.equal(readVerificationKey(pkcs1, 'k.pub').kind, 'RSA 2048');
  });

  it('verify over the hash of their curve too, which cosign 3 signs', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const key = readVerificationKey(publicKey.export({ type: 'spki', format: 'pem' }) as string, 'k.pub');
    assert.ok(key.verifies(message, sign('sha384', message, privateKey)));
    assert.ok(!key.verifies(message, sign('sha1', message, privateKey)));
  });

  it('that are weak or of other kinds are refused', () => {
    const others = [
      generateKeyPairSync('rsa', { modulusLength: 1024 }),
      generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }),
      generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
      generateKeyPairSync('x25519'),
      generateKeyPairSync('ed448'),
    ];
    for (const { publicKey } of others) {
      const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
      assert.throws(() => readVerificationKey(pem, 'k.pub'), { code: 'BUNNY_EKEY', message: /of this kind/ });
    }
  });

  it('that are none say what they are', async () => {
    const { privateKey, publicKey } = fromCosign;
    const verifying: [string, RegExp][] = [
      ['', /not a key in PEM form/],
      [privateKey, /a private key/],
      [publicKey.replace('MFkw', 'AAAA'), /damaged/],
      [publicKey.replaceAll('PUBLIC KEY', 'CERTIFICATE'), /not a public key but CERTIFICATE/],
    ];
    for (const [text, message] of verifying)
      assert.throws(() => readVerificationKey(text, 'x'), { code: 'BUNNY_EKEY', where: 'x', message });
    await assert.rejects(readSigningKey(publicKey, 'x', notAsked), {
      code: 'BUNNY_EKEY',
      message: /a public key/,
    });
    await assert.rejects(readSigningKey('', 'x', notAsked), {
      code: 'BUNNY_EKEY',
      message: /not a key in PEM/,
    });
    await assert.rejects(readSigningKey(envelope('{}', 'PRIVATE KEY'), 'x', notAsked), {
      code: 'BUNNY_EKEY',
      message: /damaged/,
    });
  });
});

describe('the place of a key', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bunny-keys-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('is a file, or a variable of the environment', async () => {
    const file = join(directory, 'a.pub');
    await writeFile(file, fromCosign.publicKey);
    assert.equal(await readKeyText(file), fromCosign.publicKey);
    assert.equal(await readKeyText('env://KEY', { KEY: 'text' }), 'text');
    await assert.rejects(readKeyText('env://KEY', {}), { code: 'BUNNY_EKEY', message: /KEY is not set/ });
    await assert.rejects(readKeyText('env://KEY', { KEY: '' }), { code: 'BUNNY_EKEY' });
    await assert.rejects(readKeyText('awskms://x', {}), { code: 'BUNNY_EKEY', message: /awskms/ });
    await assert.rejects(readKeyText(join(directory, 'none')), {
      code: 'BUNNY_EKEY',
      message: /no such file/,
    });
    await assert.rejects(readKeyText(directory), { code: 'BUNNY_EKEY' });
  });

  it('is not read beyond what a key can be', async () => {
    await assert.rejects(readKeyText('/dev/zero'), { code: 'BUNNY_EKEY', message: /too large/ });
  });

  it('that is written is new, and the private one only its owner can read', async () => {
    const prefix = join(directory, 'new');
    const files = await writeKeyPair(prefix, fromCosign);
    assert.equal((await stat(files.privateKey)).mode & 0o777, 0o600);
    assert.equal(await readKeyText(files.publicKey), fromCosign.publicKey);
    await assert.rejects(writeKeyPair(prefix, fromCosign), { code: 'BUNNY_EEXISTS' });
    // Where one of the two is there, the other is not written.
    await rm(files.publicKey);
    await assert.rejects(writeKeyPair(prefix, fromCosign), { code: 'BUNNY_EEXISTS' });
    await assert.rejects(stat(files.publicKey), { code: 'ENOENT' });
    await rm(files.privateKey);
    await symlink(join(directory, 'elsewhere'), files.privateKey);
    await assert.rejects(writeKeyPair(prefix, fromCosign), { code: 'BUNNY_EEXISTS' });
    await assert.rejects(stat(join(directory, 'elsewhere')), { code: 'ENOENT' });
  });
});
