import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Descriptor,
  imageConfigType,
  imageLayerGzipType,
  isIndex,
  Network,
  packArchive,
  packIndex,
  packManifest,
  parseManifest,
  pushBytes,
  readBytes,
  Store,
  type Target,
} from 'bunny-libos-oci';
import { readBunnyfile } from 'bunny-libos-spec';
import { packageKernel } from '../src/kernel/package.js';

interface Config {
  architecture: string;
  os: string;
  config: { Env?: string[]; Cmd?: string[]; Entrypoint?: string[]; Labels: Record<string, string> };
  rootfs: { diff_ids: string[] };
  history?: object[];
}

/** What a build has made of a Bunnyfile of nubificus/bunny. */
interface Packaged {
  /** By path, in the order of the layers. */
  files: Record<string, string>;
  /** urunc's annotations, without their prefix. */
  notes: Record<string, string>;
  config: Config;
  layers: Descriptor[];
  warnings: readonly string[];
}

describe('an OCI image of a prebuilt kernel', () => {
  const network = new Network();
  let directory: string;
  let store: Store;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'bunny-kernel-'));
    store = await Store.open(join(directory, 'store'));
    const base = network.open(`oci:${join(directory, 'images')}:web`);
    const site = { 'unikraft/bin/kernel': 'kernel in an image', 'unikraft/bin/initrd': 'initrd in an image' };
    await base.tag(await push(base, { ...site, 'site/index.html': '<html>' }), '1');
    const root = network.open(`oci:${join(directory, 'images')}:root`);
    await root.tag(await push(root, { 'bin/app': 'app', 'disk.img': 'disk in an image' }), '1');
    const several = network.open(`oci:${join(directory, 'images')}:several`);
    const manifests = [];
    for (const os of ['linux', 'qemu', 'fc']) {
      const manifest = await push(several, { kernel: `kernel for ${os}` });
      manifests.push({ ...manifest, platform: { os, architecture: 'amd64' } });
    }
    await several.tag(await packIndex(several, { manifests }), '1');
  });
  after(() => rmSync(directory, { recursive: true }));

  const push = async (target: Target, files: Record<string, string>): Promise<Descriptor> => {
    const entries = Object.entries(files).map(([path, content]) => ({ path, content }));
    const { bytes, diffId } = await packArchive(entries);
    const config = {
      architecture: 'amd64',
      os: 'linux',
      author: 'somebody',
      config: { Env: ['PATH=/bin'], Cmd: ['theirs'], Entrypoint: ['/theirs'], Labels: { their: 'label' } },
      rootfs: { type: 'layers', diff_ids: [diffId] },
      history: [{ created_by: 'somebody' }],
    };
    return await packManifest(target, {
      config: await pushBytes(target, imageConfigType, Buffer.from(JSON.stringify(config))),
      layers: [await pushBytes(target, imageLayerGzipType, bytes)],
    });
  };

  let count = 0;
  const project = (platforms: string, lines: readonly string[]) => {
    const place = join(directory, `app${count++}`);
    mkdirSync(join(place, 'www'), { recursive: true });
    for (const name of ['kernel', 'initrd', 'disk', 'www/page'])
      writeFileSync(join(place, name), `local ${name}`);
    const text = ['version: v0.1', `platforms: { ${platforms} }`, ...lines, ''].join('\n');
    return { directory: place, bunnyfile: readBunnyfile(text, join(place, 'bunnyfile'), 'web') };
  };
  const packaged = async (platforms: string, ...lines: string[]): Promise<Packaged> => {
    const asked = project(platforms, lines);
    const openLayout = network.open.bind(network);
    const access = { network, store: async () => store };
    const request = { ...asked, arch: 'amd64', types: ['oci'], openLayout, access };
    const { manifest: digest = '', warnings } = await packageKernel(request);
    const target = network.open(`oci:${join(asked.directory, 'build/images')}:web`);
    const found = await target.fetchManifest(digest);
    assert.ok(found !== undefined);
    const manifest = parseManifest(found.bytes, found.descriptor.mediaType, digest);
    assert.ok(!isIndex(manifest));
    const config = JSON.parse(Buffer.from(await readBytes(target, manifest.config)).toString()) as Config;
    assert.equal(config.rootfs.diff_ids.length, manifest.layers.length);
    assert.equal(config.history?.length, manifest.layers.length);
    const files: Record<string, string> = {};
    for (const layer of manifest.layers) {
      const input = Buffer.from(await readBytes(target, layer));
      const listed = execFileSync('tar', ['-tzf', '-'], { input, encoding: 'utf8' }).split('\n');
      for (const path of listed.filter((each) => each !== '' && !each.endsWith('/'))) {
        files[path] = execFileSync('tar', ['-xzOf', '-', path], { input, encoding: 'utf8' });
      }
    }
    const notes: Record<string, string> = {};
    for (const [key, value] of Object.entries(manifest.annotations ?? {})) {
      const prefix = 'com.urunc.unikernel.';
      if (!key.startsWith(prefix)) continue;
      notes[key.slice(prefix.length)] = value;
      assert.equal(config.config.Labels[key], value);
      const urunc = JSON.parse(files['urunc.json'] ?? '') as Record<string, string>;
      assert.equal(Buffer.from(urunc[key] ?? '', 'base64').toString(), value);
    }
    assert.deepEqual([config.os, config.architecture], ['linux', 'amd64']);
    return { files, notes, config, layers: manifest.layers, warnings };
  };
  const images = (name: string) => `oci:${join(directory, 'images')}:${name}:1`;
  const unikraft = 'framework: unikraft, version: v0.15.0, monitor: qemu';
  const rumprun = 'framework: rumprun, monitor: hvt';
  const local = 'kernel: { from: local, path: kernel }';

  it('has kernel and initrd from local files, and what the Bunnyfile says of how it starts', async () => {
    const { files, notes, config, warnings } = await packaged(
      unikraft,
      local,
      'rootfs: { from: local, path: initrd }',
      'cmd: [nginx, -c, /nginx.conf]',
      'entrypoint: [/app]',
      'envs: [A=b]',
      'unknown: 1',
    );
    assert.equal(files['.boot/kernel'], 'local kernel');
    assert.equal(files['.boot/rootfs'], 'local initrd');
    assert.deepEqual(notes, {
      binary: '/.boot/kernel',
      cmdline: 'nginx -c /nginx.conf',
      hypervisor: 'qemu',
      initrd: '/.boot/rootfs',
      mountRootfs: 'false',
      unikernelType: 'unikraft',
      unikernelVersion: '0.15.0',
    });
    const { Env, Cmd, Entrypoint } = config.config;
    assert.deepEqual([Env, Cmd, Entrypoint], [['A=b'], ['nginx', '-c', '/nginx.conf'], ['/app']]);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /unknown/);
  });

  it('is based on the image of its kernel, which stays where it is, with what that one says', async () => {
    const from = `kernel: { from: "${images('web')}", path: /unikraft/bin/kernel }`;
    const { files, notes, config, layers } = await packaged(unikraft, from, 'envs: [A=b]', 'cmdline: a b');
    assert.deepEqual(Object.keys(files).sort(), [
      ...['site/index.html', 'unikraft/bin/initrd', 'unikraft/bin/kernel', 'urunc.json'],
    ]);
    assert.equal(notes.binary, '/unikraft/bin/kernel');
    assert.ok(!('initrd' in notes));
    assert.deepEqual(config.config.Env, ['PATH=/bin', 'A=b']);
    assert.deepEqual(config.config.Cmd, ['a', 'b']);
    assert.deepEqual(config.config.Entrypoint, ['/theirs']);
    assert.equal(config.config.Labels.their, 'label');
    assert.equal(layers.length, 2);
    const withRoot = await packaged(unikraft, from, 'rootfs: { from: local, path: initrd }');
    assert.equal(withRoot.notes.binary, '/unikraft/bin/kernel');
    assert.equal(withRoot.files['.boot/rootfs'], 'local initrd');
    assert.equal(withRoot.layers[0]?.digest, layers[0]?.digest);
  });

  it('is based on the image of its root file system, with the kernel copied', async () => {
    const from = `rootfs: { from: "${images('web')}", path: /unikraft/bin/initrd }`;
    const initrd = await packaged(unikraft, local, from);
    assert.equal(initrd.files['.boot/kernel'], 'local kernel');
    assert.deepEqual([initrd.notes.binary, initrd.notes.initrd], ['/.boot/kernel', '/unikraft/bin/initrd']);
    const kernel = `kernel: { from: "${images('web')}", path: unikraft/bin/kernel }`;
    const raw = await packaged(
      rumprun,
      kernel,
      `rootfs: { from: "${images('root')}", type: raw, include: ["www:/srv"] }`,
    );
    assert.equal(raw.files['bin/app'], 'app');
    assert.equal(raw.files['.boot/kernel'], 'kernel in an image');
    assert.equal(raw.files['srv/page'], 'local www/page');
    assert.deepEqual([raw.notes.mountRootfs, raw.notes.initrd], ['true', undefined]);
    // Raw is what others than unikraft take where nothing is said.
    const plain = await packaged(rumprun, local, `rootfs: { from: "${images('root')}" }`);
    assert.equal(plain.notes.mountRootfs, 'true');
    const block = await packaged(
      rumprun,
      local,
      `rootfs: { from: "${images('root')}", type: block, path: disk.img }`,
    );
    assert.deepEqual(
      [block.notes.block, block.notes.blkMntPoint, block.notes.mountRootfs],
      ['/disk.img', '/data', 'false'],
    );
  });

  it('has a root file system made from scratch, of files from here and from images', async () => {
    const include = `include: ["www:/srv", { from: "${images('web')}", source: /site, destination: /site }]`;
    const { files, notes } = await packaged(
      rumprun,
      local,
      `rootfs: { from: scratch, type: raw, ${include} }`,
    );
    assert.deepEqual(Object.keys(files).sort(), [
      '.boot/kernel',
      'site/index.html',
      'srv/page',
      'urunc.json',
    ]);
    assert.equal(notes.mountRootfs, 'true');
    const packed = await packaged(unikraft, local, `rootfs: { ${include} }`);
    const input = packed.files['.boot/rootfs'] ?? '';
    const listed = execFileSync('cpio', ['-it', '--quiet'], { input, encoding: 'utf8' });
    assert.equal(listed, 'site\nsite/index.html\nsrv\nsrv/page\n');
    const disk = await packaged(
      'framework: mewz, monitor: qemu',
      local,
      'rootfs: { from: local, path: disk, type: block }',
    );
    assert.equal(disk.files['.boot/rootfs'], 'local disk');
    assert.deepEqual([disk.notes.block, disk.notes.blkMntPoint], ['/.boot/rootfs', '/']);
  });

  it('takes of an image of unikraft.org the one for its monitor, and of others that for linux', async () => {
    const kernel = (reference: string) => `kernel: { from: "${reference}", path: kernel }`;
    const other = await packaged(unikraft, kernel(images('several')));
    assert.equal(other.files.kernel, 'kernel for linux');
    const asked: string[] = [];
    // What stands for unikraft.org, which is not on this machine.
    const elsewhere = {
      open: (reference: unknown) => {
        asked.push(JSON.stringify(reference));
        return network.open(`oci:${join(directory, 'images')}:several`);
      },
    };
    for (const [monitor, expected] of [
      ['qemu', 'kernel for qemu'],
      ['firecracker', 'kernel for fc'],
    ] as const) {
      const platforms = `framework: unikraft, monitor: ${monitor}`;
      const made = project(platforms, [kernel('unikraft.org/nginx:1')]);
      const access = { network: elsewhere, store: async () => store };
      const openLayout = network.open.bind(network);
      const { image } = await packageKernel({ ...made, arch: 'amd64', openLayout, access });
      assert.equal(execFileSync('cat', [image], { encoding: 'utf8' }), expected);
    }
    assert.match(asked[0] ?? '', /"unikraft\.org"/);
  });

  it('is refused where an image lacks what is named, or nothing may be fetched', async () => {
    const none = `kernel: { from: "${images('web')}", path: /none }`;
    await assert.rejects(packaged(unikraft, none), { code: 'BUNNY_EKERNEL', hint: /looked for in oci:/ });
    const missing = `kernel: { from: "${images('nothing')}", path: /none }`;
    await assert.rejects(packaged(unikraft, missing), { code: 'BUNNY_EROOTFS' });
    const source = `rootfs: { include: [{ from: "${images('web')}", source: /none }] }`;
    await assert.rejects(packaged(unikraft, local, source), { code: 'BUNNY_EROOTFS' });
    await assert.rejects(packageKernel(project(unikraft, [none])), { code: 'BUNNY_EOFFLINE' });
    const raw = project(rumprun, [local, 'rootfs: { include: [www] }']);
    await assert.rejects(packageKernel(raw), { code: 'BUNNY_EROOTFS', hint: /--type oci/ });
  });
});
