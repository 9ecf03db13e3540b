import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { type Descriptor, MemoryTarget, Network, packManifest, pushBytes } from 'bunny-libos-oci';
import { SigstoreServices } from 'bunny-libos-testing/sigstore/services.js';
import fc from 'fast-check';
import {
  checkSignatures,
  evaluate,
  type Found,
  findIdentityToken,
  identityLike,
  type KeylessSigner,
  keylessSigner,
  openPolicy,
  readTrustedRoot,
  type Subject,
  signManifest,
} from '../src/index.js';
import { certify } from '../src/keyless/certify.js';
import { issueCertificate } from '../src/keyless/fulcio.js';
import { logEntry, statementEntry } from '../src/keyless/rekor.js';
import { attestTime } from '../src/keyless/timestamp.js';
import { pemText } from '../src/keys/pem.js';
import { bundleText, bundleType, envelopeOf, preAuthentication } from '../src/signatures/bundle.js';
import { findSignatures } from '../src/signatures/find.js';
import { writeStatement } from '../src/signatures/statement.js';

const layerHash = `sha256:${'ab'.repeat(32)}`;
const repository = 'host/libos/warren/libc';
const hour = 3_600_000;

/** A bundle as JSON, with what the tests change. */
interface BundleDocument {
  verificationMaterial: {
    certificate: { rawBytes: string };
    tlogEntries: {
      logIndex: string;
      integratedTime: string;
      canonicalizedBody: string;
      inclusionPromise: { signedEntryTimestamp: string };
      inclusionProof: {
        logIndex: string;
        treeSize: string;
        rootHash: string;
        hashes: string[];
        checkpoint: { envelope: string };
      };
    }[];
    timestampVerificationData: { rfc3161Timestamps: { signedTimestamp: string }[] };
  };
  dsseEnvelope: { payload: string; signatures: { sig: string }[] };
}

describe('keyless signatures', () => {
  let services: SigstoreServices;
  let others: SigstoreServices;
  let network: Network;

  before(async () => {
    [services, others] = await Promise.all([SigstoreServices.start(), SigstoreServices.start()]);
    network = new Network();
  });
  afterEach(() => {
    services.ago = 0;
    services.between.clear();
    services.signedIn = undefined;
  });
  after(() => Promise.all([services.stop(), others.stop()]));

  const rootOf = (of: SigstoreServices, changes: object = {}) =>
    readTrustedRoot(JSON.stringify({ ...of.trustedRoot, ...changes }), 'trusted_root.json');
  const tokenOf = (of: SigstoreServices, claims: Record<string, unknown> = {}) =>
    findIdentityToken(network, { given: of.token(claims), environment: {} }, { onPrompt: () => undefined });

  function signer(of = services, claims: Record<string, unknown> = {}, root = rootOf(of)): KeylessSigner {
    return keylessSigner({ hosts: network, root, identityToken: () => tokenOf(of, claims) });
  }

  async function pushed(): Promise<{ target: MemoryTarget; descriptor: Descriptor; subject: Subject }> {
    const target = new MemoryTarget('memory');
    const layer = await pushBytes(target, 'text/plain', randomBytes(20));
    const descriptor = await packManifest(target, { artifactType: 'x/y', layers: [layer] });
    return { target, descriptor, subject: { digest: descriptor.digest, repository, layerHash } };
  }

  /** What is found of an artifact that was signed, in both forms. */
  async function signed(by = signer()) {
    const { target, descriptor, subject } = await pushed();
    const written = await signManifest(target, descriptor, subject, by);
    return { target, descriptor, subject, written, found: await findSignatures(target, descriptor) };
  }

  /** What is found of an artifact with a bundle that was changed. */
  async function changed(change: (bundle: BundleDocument) => void, by = signer()) {
    const { target, descriptor, subject } = await pushed();
    const bundle = JSON.parse((await by.bundle(writeStatement(subject))).toString());
    change(bundle);
    return { subject, found: await attached(target, descriptor, Buffer.from(JSON.stringify(bundle))) };
  }

  async function attached(target: MemoryTarget, descriptor: Descriptor, bundle: Uint8Array): Promise<Found> {
    const layers = [await pushBytes(target, bundleType, bundle)];
    await packManifest(target, { artifactType: bundleType, layers, subject: descriptor });
    return findSignatures(target, descriptor);
  }

  const alice = (of = services, issuer = of.issuer, identity = 'alice@example.org') =>
    identityLike({ identity, issuer }, rootOf(of));

  async function judge(found: Found, subject: Subject, author = alice(), root = rootOf(services)) {
    return checkSignatures(await certify(found, [root]), [author], subject, 'layer');
  }

  /** Requires that nothing counts, and that it is said why. */
  async function refused(
    what: { found: Found; subject: Subject },
    reason: RegExp,
    author = alice(),
    root = rootOf(services),
  ) {
    const { signers, reasons } = await judge(what.found, what.subject, author, root);
    assert.deepEqual(signers, []);
    assert.ok(reasons.length > 0);
    for (const each of reasons) assert.match(each, reason);
  }

  it('are made in both forms, found by whom they are, and left alone the next time', async () => {
    const by = signer();
    const { target, descriptor, subject, written, found } = await signed(by);
    assert.deepEqual(written, ['bundle', 'tag']);
    assert.deepEqual(await by.names(), { identity: 'alice@example.org', issuer: services.issuer });
    for (const form of ['bundle', 'tag']) {
      const one = { signatures: found.signatures.filter((each) => each.form === form), unusable: [] };
      const { signers, reasons } = await judge(one, subject);
      assert.deepEqual(
        signers.map((each) => [each.form, each.binds]),
        [[form, 'layer']],
        reasons.join(),
      );
    }
    assert.deepEqual(await signManifest(target, descriptor, subject, by), []);
    const bob = signer(services, { email: 'bob@example.org' });
    assert.deepEqual(await signManifest(target, descriptor, subject, bob), ['bundle', 'tag']);
  });

  it('count for the names and issuers of a pattern, and no others', async () => {
    const identity = 'https://ci.example.org/libos/warren/release.yml@refs/tags/v1';
    const one = await signed(signer(services, { email: undefined, sub: identity }));
    for (const [pattern, issuer, counts] of [
      [identity, services.issuer, true],
      ['https://ci.example.org/libos/*/release.yml@refs/tags/*', '**', true],
      ['https://ci.example.org/libos/**', services.issuer, true],
      ['https://ci.example.org/libos/*', services.issuer, false],
      ['https://ci.example.org/libos/warren/release.yml@refs/heads/*', services.issuer, false],
      [identity.toUpperCase(), services.issuer, false],
      [identity, `${services.issuer}/`, false],
      [identity, others.issuer, false],
    ] as const) {
      const { signers } = await judge(one.found, one.subject, alice(services, issuer, pattern));
      assert.equal(signers.length, counts ? 1 : 0, `${pattern} ${issuer}`);
    }
    await refused(one, /it is by https:\/\/ci\.example\.org\/.*who is not asked for/);
  });

  it('by certificates of another authority, and under another root, do not count', async () => {
    const theirs = await signed(signer(others));
    await refused(theirs, /does not count/, alice(services, '**'));
    // Neither where just one part is theirs.
    for (const part of ['certificateAuthorities', 'tlogs', 'ctlogs', 'timestampAuthorities']) {
      const root = rootOf(services, { [part]: others.trustedRoot[part] });
      await refused(
        await signed(),
        /does not count/,
        identityLike({ identity: '**', issuer: '**' }, root),
        root,
      );
    }
  });

  it('count as long as the authority was in force when they were made', async () => {
    const [authority] = services.trustedRoot.certificateAuthorities as object[];
    const until = (end: Date) =>
      rootOf(services, {
        certificateAuthorities: [{ ...authority, validFor: { start: '2020-01-01T00:00:00Z', end } }],
      });
    const one = await signed();
    const later = until(new Date(Date.now() + hour));
    assert.equal(
      (await judge(one.found, one.subject, { ...alice(), root: later.id }, later)).signers.length,
      1,
    );
    const before = until(new Date(Date.now() - hour));
    await refused(one, /does not count/, { ...alice(), root: before.id }, before);
  });

  /** A bundle whose certificate was given at another time than the signature was seen. */
  async function seenLater(certificateAgo: number, seenAgo: number) {
    const { target, descriptor, subject } = await pushed();
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    services.ago = certificateAgo;
    const { certificate } = await issueCertificate(network, services.url, await tokenOf(services), pair);
    services.ago = seenAgo;
    const statement = writeStatement(subject);
    const signature = sign('sha256', preAuthentication(statement), pair.privateKey);
    const envelope = envelopeOf(statement, signature);
    const entry = await logEntry(
      network,
      services.url,
      statementEntry(envelope, pemText('CERTIFICATE', certificate)),
    );
    const time = await attestTime(network, services.url, signature);
    const material = {
      certificate: { rawBytes: certificate.toString('base64') },
      tlogEntries: [entry],
      timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: time.toString('base64') }] },
    };
    return { subject, found: await attached(target, descriptor, bundleText(material, envelope)) };
  }

  it('with a certificate that had expired, or was not valid yet, do not count', async () => {
    // The same steps make a good one: it is the time that is wrong.
    const good = await seenLater(0, 0);
    assert.equal((await judge(good.found, good.subject)).signers.length, 1);
    await refused(await seenLater(0, -hour), /expired/);
    await refused(await seenLater(-hour, 0), /expired/);
  });

  it('with a broken proof of the log do not count', async () => {
    const flip = (base64: string) => {
      const bytes = Buffer.from(base64, 'base64');
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      return bytes.toString('base64');
    };
    const entryOf = ({ verificationMaterial }: BundleDocument) =>
      verificationMaterial.tlogEntries[0] as BundleDocument['verificationMaterial']['tlogEntries'][0];
    const changes: Record<string, (bundle: BundleDocument) => void> = {
      'the promise': (bundle) => {
        const { inclusionPromise } = entryOf(bundle);
        inclusionPromise.signedEntryTimestamp = flip(inclusionPromise.signedEntryTimestamp);
      },
      'the time': (bundle) => {
        entryOf(bundle).integratedTime = String(Number(entryOf(bundle).integratedTime) - 1);
      },
      'the index': (bundle) => {
        entryOf(bundle).logIndex = '7';
      },
      'a hash too many': (bundle) => {
        entryOf(bundle).inclusionProof.hashes = [Buffer.alloc(32).toString('base64')];
      },
      'the size of the tree': (bundle) => {
        const { checkpoint } = entryOf(bundle).inclusionProof;
        checkpoint.envelope = checkpoint.envelope.replace('\n1\n', '\n2\n');
      },
      'the root of the tree': (bundle) => {
        const { checkpoint } = entryOf(bundle).inclusionProof;
        const lines = checkpoint.envelope.split('\n');
        lines[2] = createHash('sha256').update('other').digest('base64');
        checkpoint.envelope = lines.join('\n');
      },
      'no proof': (bundle) => {
        Reflect.deleteProperty(entryOf(bundle), 'inclusionProof');
      },
      'no entry': (bundle) => {
        bundle.verificationMaterial.tlogEntries = [];
      },
      'no time': (bundle) => {
        Reflect.deleteProperty(entryOf(bundle), 'inclusionPromise');
        bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps = [];
      },
      'the timestamp': (bundle) => {
        const [time] = bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps;
        if (time !== undefined) time.signedTimestamp = flip(time.signedTimestamp);
      },
      'the signature': (bundle) => {
        const [signature] = bundle.dsseEnvelope.signatures;
        if (signature !== undefined) signature.sig = flip(signature.sig);
      },
    };
    for (const [name, change] of Object.entries(changes)) {
      const one = await changed(change);
      const { signers, reasons } = await judge(one.found, one.subject);
      assert.deepEqual(signers, [], name);
      assert.equal(reasons.length, 1, name);
    }
  });

  it('whose log entry, timestamp or certificate is that of something else do not count', async () => {
    const { subject: elsewhere } = await pushed();
    const by = signer();
    const other: BundleDocument = JSON.parse((await by.bundle(writeStatement(elsewhere))).toString());
    const material = (name: keyof BundleDocument['verificationMaterial'], from = other) =>
      changed(
        (bundle) => Object.assign(bundle.verificationMaterial, { [name]: from.verificationMaterial[name] }),
        by,
      );
    await refused(await material('tlogEntries'), /mismatch/);
    await refused(await material('timestampVerificationData'), /timestamp/);
    const bob: BundleDocument = JSON.parse(
      (await signer(services, { email: 'bob@example.org' }).bundle(writeStatement(elsewhere))).toString(),
    );
    await refused(await material('certificate', bob), /another certificate/);
    // The same signature, of another statement.
    await refused(
      await changed((bundle) => {
        bundle.dsseEnvelope.payload = other.dsseEnvelope.payload;
      }),
      /about another digest/,
    );
  });

  it('whose bundle is about another signature or message than what is read do not count', async () => {
    const [one, other] = [await signed(), await signed()];
    for (const [index, each] of one.found.signatures.entries()) {
      const { bundle = '', message, signature } = other.found.signatures[index] ?? each;
      assert.notEqual(bundle, each.bundle);
      for (const mixed of [{ bundle }, { bundle, signature }, { message }, { signature }]) {
        const found = { signatures: [{ ...each, ...mixed }], unusable: [] };
        await refused({ found, subject: one.subject }, /about (?:something else|another signature)/);
      }
    }
  });

  it('whose log entry names another certificate for the same signature do not count', async () => {
    const { target, descriptor, subject } = await pushed();
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { certificate } = await issueCertificate(network, services.url, await tokenOf(services), pair);
    const statement = writeStatement(subject);
    const signature = sign('sha256', preAuthentication(statement), pair.privateKey);
    const envelope = envelopeOf(statement, signature);
    const mallory = await issueCertificate(
      network,
      services.url,
      await tokenOf(services, { email: 'mallory@example.org' }),
      generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    );
    const entry = await logEntry(
      network,
      services.url,
      statementEntry(envelope, pemText('CERTIFICATE', mallory.certificate)),
    );
    const material = { certificate: { rawBytes: certificate.toString('base64') }, tlogEntries: [entry] };
    const found = await attached(target, descriptor, bundleText(material, envelope));
    await refused({ found, subject }, /another certificate/);
  });

  it('that are large, or made to keep a processor busy, are refused at once', async () => {
    const { target, descriptor, subject } = await pushed();
    const huge = Buffer.alloc(100 * 1024 * 1024, 0x20);
    huge.write('{"mediaType":"x"}');
    const found = await attached(target, descriptor, huge);
    await refused({ found, subject }, /bytes|large|long/);

    const started = performance.now();
    const busy = await changed(({ verificationMaterial: { tlogEntries } }) => {
      const { checkpoint } = tlogEntries[0]?.inclusionProof ?? { checkpoint: { envelope: '' } };
      // The name in a signature of a checkpoint is a regular expression to the library.
      checkpoint.envelope = checkpoint.envelope.replace(/\u2014 \S+ /, '\u2014 ((((.+)+)+)+)+! ');
    });
    await refused(busy, /no name of a log/);
    assert.ok(performance.now() - started < 2000);
  });

  it('are refused, and nothing is thrown, whatever stands in a bundle', async function () {
    this.timeout(20_000);
    const { target, descriptor, subject } = await pushed();
    const text = (await signer().bundle(writeStatement(subject))).toString();
    const found = await attached(target, descriptor, Buffer.from(text));
    const [signature] = found.signatures;
    assert.ok(signature !== undefined);
    const root = rootOf(services);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.string({ maxLength: 3 }),
        fc.nat(8),
        async (at, put, drop) => {
          const bundle = text.slice(0, at) + put + text.slice(at + drop);
          if (bundle === text) return;
          const { signatures } = await certify({ signatures: [{ ...signature, bundle }], unusable: [] }, [
            root,
          ]);
          const certified = signatures[0]?.certified?.get(root.id);
          assert.ok(certified !== undefined);
          // What is not looked at may be changed; who signed cannot.
          if ('identity' in certified) assert.equal(certified.identity, 'alice@example.org');
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of names that only look alike do not count', async () => {
    for (const email of [
      'аlice@example.org',
      'alice@example.org\u0000.evil',
      '\u00e1lice@example.org',
      'alice@example.org, URI:x',
    ]) {
      const one = await signed(signer(services, { email })).catch(({ code }) => code);
      // What no certificate is given for, or none that would ever count, is not signed at all.
      if (typeof one === 'string') assert.match(one, /^BUNNY_E(?:TRUSTEDROOT|SERVICE|IDENTITY)$/);
      else await refused(one, /./);
    }
  });

  describe('in policies', () => {
    const policy = (rule: object, of = services) =>
      openPolicy(
        JSON.stringify({
          identities: { ci: { issuer: of.issuer, identity: '*@example.org' } },
          trustedRoot: of.trustedRoot,
          rules: [{ match: '**', signers: ['ci'], ...rule }],
        }),
        'policy.yaml',
      );
    const outcome = async (
      rule: object,
      { found, subject }: { found: Found; subject: Subject },
      now = new Date(),
    ) => {
      const one = policy(rule);
      const all = await certify(found, one.root === undefined ? [] : [one.root]);
      return evaluate([one], subject, all, now).opinions[0];
    };

    it('count by their names, with an age that the log and the timestamp tell', async () => {
      const one = await signed();
      assert.deepEqual((await outcome({}, one))?.signers, ['ci']);
      const later = new Date(Date.now() + 10 * 24 * hour);
      for (const [rule, expected] of [
        [{ maxAge: '11d' }, 'signed'],
        [{ maxAge: '9d' }, 'refused'],
        [{ minAge: '9d' }, 'signed'],
        [{ minAge: '11d' }, 'refused'],
      ] as const) {
        assert.equal((await outcome(rule, one, later))?.outcome, expected, JSON.stringify(rule));
      }
    });

    it('bind what they say, and no more', async () => {
      const one = await signed();
      const elsewhere = { ...one.subject, repository: 'host/evil/warren/libc' };
      assert.equal((await outcome({}, { ...one, subject: elsewhere }))?.outcome, 'refused');
      assert.equal((await outcome({ binds: 'digest' }, { ...one, subject: elsewhere }))?.outcome, 'signed');
    });

    it('are refused where nobody looked at the certificate', async () => {
      const { found, subject } = await signed();
      assert.equal(evaluate([policy({})], subject, found).opinions[0]?.outcome, 'refused');
    });

    it('need a trusted root, and names that are no key’s', () => {
      const rules = [{ match: '**', signers: ['ci'] }];
      const identities = { ci: { issuer: 'https://issuer', identity: 'alice' } };
      const open = (document: object) => () => openPolicy(JSON.stringify(document), 'policy.yaml');
      assert.throws(open({ identities, rules }), { code: 'BUNNY_ETRUSTEDROOT' });
      assert.throws(
        open({ identities, rules, trustedRoot: { mediaType: 'x', certificateAuthorities: [{}] } }),
        {
          code: 'BUNNY_ETYPE',
        },
      );
      const { trustedRoot } = services;
      assert.throws(open({ identities: { ci: { ...identities.ci, identity: 'a**' } }, trustedRoot, rules }), {
        code: 'BUNNY_ETYPE',
      });
      assert.throws(open({ identities, trustedRoot, rules: [{ match: '**', signers: ['x'] }] }), {
        code: 'BUNNY_EKEY',
      });
    });
  });

  describe('are not made', () => {
    it('where what the services give would not count', async () => {
      await assert.rejects(
        signed(
          signer(
            services,
            {},
            rootOf(others, {
              certificateAuthorities: [
                { ...(others.trustedRoot.certificateAuthorities as object[])[0], uri: services.url },
              ],
            }),
          ),
        ),
        {
          code: 'BUNNY_ETRUSTEDROOT',
        },
      );
    });

    it('where a service refuses, or answers with something else', async () => {
      for (const [path, response] of [
        ['/api/v2/signingCert', '{}'],
        ['/api/v2/signingCert', 'x'],
        ['/api/v1/log/entries', '{}'],
        ['/api/v1/log/entries', '{"a":{"body":"x"}}'],
      ] as const) {
        services.between.clear();
        services.between.set(path, async () => ({ statusCode: 201, response }));
        await assert.rejects(signed(), { code: 'BUNNY_ESERVICE' }, `${path} ${response}`);
      }
      services.between.clear();
      services.between.set('/api/v1/timestamp', async () => ({ statusCode: 200, response: 'x' }));
      await assert.rejects(signed(), { code: 'BUNNY_ETRUSTEDROOT' });
      services.between.set('/api/v1/timestamp', async () => ({
        statusCode: 403,
        response: 'no \u001b[31mway',
      }));
      await assert.rejects(signed(), ({ code, message }) => {
        assert.equal(code, 'BUNNY_ESERVICE');
        assert.match(message, /403: no +\[31mway/);
        return true;
      });
    });

    it('with a certificate for another key', async () => {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      let first: Buffer | undefined;
      services.between.set('/api/v2/signingCert', async (body, answer) => {
        first ??= body;
        return answer(first);
      });
      const ask = async (keys: typeof pair) =>
        issueCertificate(network, services.url, await tokenOf(services), keys);
      await ask(pair);
      await assert.rejects(ask(generateKeyPairSync('ec', { namedCurve: 'P-256' })), {
        code: 'BUNNY_ESERVICE',
        message: /another key/,
      });
    });

    it('with a token that is none, expired, not verified or from elsewhere', async () => {
      const find = (given: string, issuer?: string) =>
        findIdentityToken(network, { given, issuer, environment: {} }, { onPrompt: () => undefined });
      for (const given of [
        'eyJ.x.y',
        services.token({ exp: 1 }),
        services.token({ email_verified: false }),
        services.token({ email: undefined, sub: undefined }),
      ]) {
        await assert.rejects(find(given), ({ code, message }) => {
          assert.equal(code, 'BUNNY_EIDENTITY');
          assert.ok(!message.includes(given));
          return true;
        });
      }
      await assert.rejects(find(services.token(), others.issuer), {
        code: 'BUNNY_EIDENTITY',
        message: /not from/,
      });
      await assert.rejects(findIdentityToken(network, { environment: {} }, { onPrompt: () => undefined }), {
        code: 'BUNNY_EIDENTITY',
      });
    });

    it('over plain HTTP to another machine', async () => {
      const by = keylessSigner({
        hosts: network,
        root: rootOf(services),
        services: { fulcio: 'http://fulcio.example.org' },
        identityToken: () => tokenOf(services),
      });
      await assert.rejects(signed(by), { code: 'BUNNY_EUSAGE' });
    });
  });

  it('are made with a token of the CI job, or of whoever signs in', async () => {
    const environment = {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${services.url}/actions?x=1`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret',
    };
    services.between.set('/actions?x=1&audience=sigstore', async () => ({
      statusCode: 200,
      response: JSON.stringify({ value: services.token() }),
    }));
    const prompts: string[] = [];
    const onPrompt = (address: string, code: string) => {
      prompts.push(`${address} ${code}`);
      services.signedIn = { email: 'carol@example.org' };
    };
    assert.equal(
      (await findIdentityToken(network, { environment }, { onPrompt })).subject,
      'alice@example.org',
    );
    assert.deepEqual(prompts, []);
    const own = { issuer: services.issuer, environment: {} };
    assert.equal((await findIdentityToken(network, own, { onPrompt })).subject, 'carol@example.org');
    assert.deepEqual(prompts, [`${services.url}/device WDJB`]);
  });

  it('are found again where the log has them, and its answer was lost', async () => {
    services.between.set('/api/v1/log/entries', async (body, answer) => {
      const { headers = {} } = await answer(body);
      return { statusCode: 409, response: 'an equivalent entry exists', headers };
    });
    const { found, subject } = await signed();
    assert.equal((await judge(found, subject)).signers.length, 1);
  });
});
