import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  digestOf,
  isIndex,
  type Manifest,
  Network,
  packManifest,
  parseManifest,
  readBytes,
  type Target,
} from 'bunny-libos-oci';
import { annotations, mediaTypes, readToolingDocument } from 'bunny-libos-spec';
import {
  hello,
  type SmallLibos,
  smallLibos,
  type TestApp,
  testApp,
} from 'bunny-libos-testing/frameworks/small.js';
import { build } from '../src/build.js';
import { ImageStore } from '../src/images/image-store.js';

describe('an OCI image', function () {
  this.timeout(300_000);
  const network = new Network();
  const openLayout = network.open.bind(network);
  let libos: SmallLibos;
  const apps: TestApp[] = [];
  before(async () => {
    libos = await smallLibos();
  });
  after(() => libos.remove());
  afterEach(() => {
    for (const made of apps.splice(0)) made.remove();
  });

  const words = 'entrypoint: [/app]\ncmd: [--port, "80"]\nenvs: [A=b]\n';
  const app = (files: Readonly<Record<string, string>> = {}, text = words): TestApp => {
    const made = testApp({ ...hello, ...files }, text);
    apps.push(made);
    return made;
  };
  const ofType = (made: TestApp, ...types: string[]) =>
    build(made.request(libos, ['plat', 'say'], { types, openLayout, lock: 'sha256:1' }));
  const images = (made: TestApp) => openLayout(`oci:${join(made.directory, 'build/images')}:hello`);
  const manifestOf = async (target: Target, reference = 'amd64-linuxu'): Promise<Manifest> => {
    const found = await target.fetchManifest(reference);
    assert.ok(found !== undefined);
    const manifest = parseManifest(found.bytes, found.descriptor.mediaType, reference);
    assert.ok(!isIndex(manifest));
    return manifest;
  };
  /** Every file of an image by path. */
  const filesOf = async (target: Target, { layers }: Manifest): Promise<Map<string, Buffer>> => {
    const files = new Map<string, Buffer>();
    for (const layer of layers) {
      const input = Buffer.from(await readBytes(target, layer));
      const listed = execFileSync('tar', ['-tzf', '-'], { input, encoding: 'utf8' });
      for (const path of listed.split('\n')) {
        if (path === '' || path.endsWith('/')) continue;
        files.set(path, execFileSync('tar', ['-xzOf', '-', path], { input }));
      }
    }
    return files;
  };

  it('has kernel, root file system and annotations, in the manifest, in labels and in a file', async () => {
    const made = app({ 'www/index.html': '<html>' }, `${words}rootfs: { include: ["www:/"] }\n`);
    const { manifest: digest, image, initrd } = await ofType(made, 'elf', 'oci');
    const target = images(made);
    const manifest = await manifestOf(target);
    assert.equal((await target.resolve('amd64-linuxu'))?.digest, digest);
    const urunc = {
      'com.urunc.unikernel.binary': '/.boot/kernel',
      'com.urunc.unikernel.cmdline': '--port 80',
      'com.urunc.unikernel.hypervisor': 'linuxu',
      'com.urunc.unikernel.initrd': '/.boot/rootfs',
      'com.urunc.unikernel.mountRootfs': 'false',
      'com.urunc.unikernel.unikernelType': 'small',
      'com.urunc.unikernel.unikernelVersion': '1.0.0',
    };
    assert.deepEqual(manifest.annotations, {
      ...urunc,
      [annotations.lock]: 'sha256:1',
      [annotations.platform]: 'linuxu',
    });
    const config = JSON.parse(Buffer.from(await readBytes(target, manifest.config)).toString()) as {
      config: object;
      rootfs: { diff_ids: string[] };
    };
    assert.deepEqual(
      { ...config, rootfs: undefined, history: undefined },
      {
        created: '1970-01-01T00:00:00Z',
        architecture: 'amd64',
        os: 'linux',
        config: { Cmd: ['--port', '80'], Entrypoint: ['/app'], Env: ['A=b'], Labels: urunc },
        rootfs: undefined,
        history: undefined,
      },
    );
    const files = await filesOf(target, manifest);
    assert.deepEqual([...files.keys()].sort(), ['.boot/kernel', '.boot/rootfs', 'urunc.json']);
    assert.ok(files.get('.boot/kernel')?.equals(readFileSync(image)));
    assert.ok(files.get('.boot/rootfs')?.equals(readFileSync(initrd ?? '')));
    const encoded = JSON.parse(files.get('urunc.json')?.toString() ?? '') as Record<string, string>;
    const decoded = Object.entries(encoded).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString(),
    ]);
    assert.deepEqual(Object.fromEntries(decoded), urunc);
    const tars = await Promise.all(
      manifest.layers.map(async (layer) =>
        digestOf(execFileSync('gunzip', { input: Buffer.from(await readBytes(target, layer)) })),
      ),
    );
    assert.deepEqual(config.rootfs.diff_ids, tars);
  });

  it('leads to its build record, and to the rules that say how it boots', async () => {
    const made = app();
    const { record } = await ofType(made, 'oci');
    const target = images(made);
    const subject = await target.resolve('amd64-linuxu');
    assert.ok(subject !== undefined);
    const [referrer, ...more] = await target.referrers(subject, mediaTypes.buildRecord);
    assert.ok(referrer !== undefined && more.length === 0);
    const { layers } = await manifestOf(target, referrer.digest);
    const [written, rules] = await Promise.all(layers.map((layer) => readBytes(target, layer)));
    assert.deepEqual(Buffer.from(written ?? []), readFileSync(record));
    const { outputs } = JSON.parse(readFileSync(record, 'utf8')) as { outputs: object };
    assert.deepEqual(outputs, { 'hello:amd64-linuxu': subject.digest });
    assert.equal(readToolingDocument(rules ?? Buffer.alloc(0), 'rules').rules.framework, 'small');
  });

  it('is the same wherever it is built, and shares what did not change', async () => {
    const text = `${words}rootfs: { include: ["www:/"] }\n`;
    const one = app({ 'www/index.html': '<html>' }, text);
    const other = app({ 'www/index.html': '<html>' }, text);
    const { manifest } = await ofType(one, 'oci');
    assert.equal((await ofType(other, 'oci', 'elf')).manifest, manifest);
    const before = await manifestOf(images(other));
    other.write('src/name.h', '#define NAME "other"\n');
    await ofType(other, 'oci');
    const after = await manifestOf(images(other));
    const same = before.layers.map(({ digest }, index) => digest === after.layers[index]?.digest);
    assert.deepEqual(same, [false, true, true]);
  });

  it('is not made again where nothing has changed, and is where something has that it tells', async () => {
    const made = app();
    const first = await ofType(made, 'oci');
    assert.ok(!existsSync(first.image));
    const blob = join(made.directory, 'build/images/blobs', (first.manifest ?? '').replace(':', '/'));
    const time = readFileSync(join(made.directory, 'build/images/index.json'));
    assert.equal((await ofType(made, 'oci')).manifest, first.manifest);
    assert.deepEqual(readFileSync(join(made.directory, 'build/images/index.json')), time);
    execFileSync('rm', ['-f', blob]);
    assert.equal((await ofType(made, 'oci')).manifest, first.manifest);
    assert.ok(existsSync(blob));
    const told = app({}, words.replace('80', '81'));
    const request = {
      ...made.request(libos, ['plat', 'say'], { types: ['oci'], openLayout, lock: 'sha256:1' }),
    };
    const other = await build({ ...request, bunnyfile: told.bunnyfile });
    assert.notEqual(other.manifest, first.manifest);
    assert.ok(!existsSync(blob), 'nobody needs it any more');
    assert.notEqual((await build({ ...request, lock: 'sha256:2' })).manifest, first.manifest);
    assert.deepEqual(await images(made).tags(), ['amd64-linuxu']);
  });

  it('is whole where several are written at once, and leaves nothing of those that were cut off', async () => {
    const directory = join(app().directory, 'build/images');
    const store = () => new ImageStore(directory, { open: openLayout });
    await store().hold(async () => undefined);
    writeFileSync(join(directory, '.layer.1.partial'), 'cut off');
    const names = ['a', 'b', 'c', 'd', 'e'];
    const write = (name: string) => {
      const images = store();
      return images.hold(async () => {
        const content = [Buffer.from(name)];
        const { layer } = await images.pushEntries([{ path: name, kind: 'file', size: 1, content }]);
        const target = images.repository('several');
        await target.tag(
          await packManifest(target, { artifactType: 'application/x.test', layers: [layer] }),
          name,
        );
        return layer;
      });
    };
    const layers = await Promise.all(names.map(write));
    const target = openLayout(`oci:${directory}:several`);
    assert.deepEqual(await target.tags(), names);
    for (const layer of layers) assert.ok(await target.exists(layer));
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.startsWith('.layer')),
      [],
    );
    const cancel = new AbortController();
    const cancelled = new ImageStore(directory, { open: openLayout, signal: cancel.signal });
    const pieces = async function* () {
      yield Buffer.from('1');
      cancel.abort();
      yield Buffer.from('2');
    };
    const entry = { path: 'x', kind: 'file' as const, size: 2, content: pieces() };
    await assert.rejects(
      cancelled.hold(() => cancelled.pushEntries([entry])),
      { code: 'BUNNY_EABORTED' },
    );
  });
});
