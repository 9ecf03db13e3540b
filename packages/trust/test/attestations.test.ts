import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type Descriptor, manifestType, openTarget, packManifest, type Target } from 'bunny-libos-oci';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  attest,
  attestedBy,
  findAttestations,
  readSigningKey,
  type SigningKey,
  type Subject,
} from '../src/index.js';

async function newKey(): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  return readSigningKey(pem, 'test', async () => '');
}

describe('attestations', () => {
  const repository = 'host/libos/warren/libc';
  const layerHash = `sha256:${'2'.repeat(64)}`;
  const said = { predicateType: 'https://example.org/review/v1', predicate: { good: true } };
  let target: Target;
  let descriptor: Descriptor;
  let other: Descriptor;
  let key: SigningKey;

  before(async () => {
    target = openTarget(`oci:${await temporaryDirectory('attestations')}:warren/libc`);
    const artifact = (name: string) => packManifest(target, { artifactType: 'a/b', annotations: { name } });
    descriptor = { ...(await artifact('one')), mediaType: manifestType };
    other = { ...(await artifact('two')), mediaType: manifestType };
    key = await newKey();
  });

  const about = (changes: Partial<Subject> = {}): Subject => ({
    digest: descriptor.digest,
    repository,
    layerHash,
    ...changes,
  });
  /** Who attested a manifest, after somebody has attached what these words say to it. */
  const attested = async (to: Descriptor, subject: Subject, by = key) => {
    await attest(target, to, subject, said, by);
    const { attestations, unusable } = await findAttestations(target, to);
    return { by: attestedBy(attestations, [key.publicKey], about({ digest: to.digest })), unusable };
  };

  it('count for the digest, repository and layer hash that they are about, by a key that is asked for', async () => {
    for (const changes of [
      { repository: 'host/libos/warren/net' },
      { layerHash: `sha256:${'3'.repeat(64)}` },
    ]) {
      assert.deepEqual((await attested(descriptor, about(changes))).by, []);
    }
    assert.deepEqual((await attested(descriptor, about(), await newKey())).by, []);
    const [one, more] = (await attested(descriptor, about())).by;
    assert.deepEqual(
      [one?.attestation.predicateType, one?.attestation.predicate],
      [said.predicateType, said.predicate],
    );
    assert.equal(more, undefined);
  });

  it('that are attached to another manifest than they are about are of no use', async () => {
    const { by, unusable } = await attested(other, about());
    assert.deepEqual(by, []);
    assert.deepEqual(
      unusable.map(({ reason }) => reason),
      ['it is about another digest'],
    );
  });
});
