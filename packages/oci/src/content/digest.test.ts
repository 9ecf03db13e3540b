import assert from 'node:assert/strict';
import { digestOf, tryParseDigest, verified, verifyBytes } from './digest.js';

const bytes = Buffer.from('hello');
const digest = 'sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

async function drain(
  chunks: Uint8Array[],
  size: number,
): Promise<{ seen: number; code: string | undefined }> {
  let seen = 0;
  try {
    for await (const chunk of verified(chunks, { digest, size })) seen += chunk.length;
  } catch (error) {
    return { seen, code: (error as { code?: string }).code };
  }
  return { seen, code: undefined };
}

describe('digests', () => {
  it('are sha256 in lower-case hexadecimal', () => {
    assert.equal(digestOf(bytes), digest);
    assert.deepEqual(tryParseDigest(digest), { algorithm: 'sha256', hex: digest.slice(7) });
    for (const bad of [
      '',
      'sha256:',
      digest.toUpperCase(),
      `${digest}0`,
      'md5:00',
      `sha512:${digest.slice(7)}`,
      `${digest}\n`,
    ]) {
      assert.equal(tryParseDigest(bad), undefined, bad);
    }
  });

  it('of sha512 are verified too', () => {
    const sha512 =
      'sha512:9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043';
    verifyBytes(bytes, { digest: sha512, size: 5 });
    assert.throws(() => verifyBytes(Buffer.from('hellO'), { digest: sha512, size: 5 }), {
      code: 'BUNNY_EDIGEST',
    });
  });

  it('let the right stream pass, however it is cut', async () => {
    assert.deepEqual(await drain([bytes], 5), { seen: 5, code: undefined });
    assert.deepEqual(
      await drain(
        [...bytes].map((byte) => Buffer.of(byte)),
        5,
      ),
      { seen: 5, code: undefined },
    );
  });

  it('never let all of a wrong stream pass', async () => {
    assert.deepEqual(await drain([Buffer.from('hel'), Buffer.from('lO')], 5), {
      seen: 3,
      code: 'BUNNY_EDIGEST',
    });
    assert.equal((await drain([bytes, Buffer.from('!')], 5)).code, 'BUNNY_ESIZE');
    assert.deepEqual(await drain([Buffer.from('hell')], 5), { seen: 0, code: 'BUNNY_ESIZE' });
    assert.equal((await drain([], 5)).code, 'BUNNY_ESIZE');
  });
});
