import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { Judges } from 'bunny-libos-testing/judges/debian.js';
import { type DockerRegistry, startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';

interface Built {
  image?: string;
  manifest: string;
  images: { reference: string; digest: string; written: boolean }[];
}

interface Inspected {
  kind: string;
  images: {
    digest: string;
    arch: string;
    platform: string;
    annotations: Record<string, string>;
    framework?: { name: string };
    components?: { name: string }[];
  }[];
}

describe('OCI images', function () {
  this.timeout(180_000);
  let registry: DockerRegistry;
  let app: string;
  let options: { cwd: string; store: string };

  before(async function () {
    this.timeout(warrenTimeout);
    const published = await warren();
    registry = await startDockerRegistry();
    app = await copyOfApp('hello');
    options = { cwd: app, store: published.store };
    await bunnyDone(['resolve', '--from', published.registry], options);
  });
  after(() => registry.remove());

  const target = ['--arch', 'amd64', '--platform', 'linuxu'];
  const build = (...words: string[]) =>
    bunnyJson<Built>(['build', ...target, '--type', 'oci', ...words], options);
  const reference = (name: string) => `${registry.host}/demo/${name}`;

  it('are built, pushed, pulled, looked at and booted', async () => {
    const name = reference('hello:1.0');
    const built = await build('-t', name, '--push');
    assert.deepEqual(built.images, [{ reference: name, digest: built.manifest, written: true }]);
    assert.equal(built.image, undefined);

    const { kind, images } = await bunnyJson<Inspected>(['inspect', name], options);
    assert.equal(kind, 'image');
    const [image] = images;
    assert.ok(image !== undefined);
    assert.deepEqual([image.digest, image.arch, image.platform], [built.manifest, 'amd64', 'linuxu']);
    assert.equal(image.annotations['com.urunc.unikernel.binary'], '/.boot/kernel');
    const lock = await promisify(execFile)('sha256sum', [join(app, 'bunny.lock')]);
    assert.equal(image.annotations['io.github.bunny-libos.lock'], `sha256:${lock.stdout.split(' ')[0]}`);
    assert.equal(image.framework?.name, 'warren');
    assert.ok(image.components?.some((each) => each.name === 'libc'));
    assert.match((await bunnyDone(['inspect', name], options)).stdout, /^image for amd64\/linuxu, warren /m);

    // Elsewhere, with nothing of the project.
    const cwd = await temporaryDirectory('elsewhere');
    const booted = await bunny(['run', name, '--quiet', '--', '--status=5'], { cwd, store: options.store });
    assert.deepEqual([booted.status, booted.stdout.split('\n')[0]], [5, 'Hello from hello!']);
    const elsewhere = { cwd, store: options.store };
    const pulled = await bunnyJson<{ digest: string; to: string }>(['pull', name], elsewhere);
    assert.deepEqual([pulled.digest, pulled.to], [built.manifest, 'oci:hello:1.0']);
    const other = await bunnyError(['pull', reference('app:1.0')], elsewhere);
    assert.equal(other.code, 'BUNNY_ENOTFOUND');
    await mkdir(join(cwd, 'taken/src'), { recursive: true });
    assert.equal((await bunnyError(['pull', reference('taken:1.0')], elsewhere)).code, 'BUNNY_EEXISTS');
    const local = await bunny(['run', 'oci:hello:1.0', '--quiet', '--', '--status=6'], elsewhere);
    assert.equal(local.status, 6, local.stderr);
    const [again] = (await bunnyJson<Inspected>(['inspect', 'oci:hello:1.0'], elsewhere)).images;
    assert.equal(again?.framework?.name, 'warren');
  });

  it('are pushed later, by the name that they were built under, or all that was built', async () => {
    const name = reference('later:1.0');
    const built = await build('-t', name);
    assert.deepEqual(built.images, [{ reference: name, digest: built.manifest, written: false }]);
    assert.equal((await bunnyError(['inspect', name], options)).code, 'BUNNY_ENOTFOUND');
    assert.equal((await bunnyJson<{ digest: string }>(['push', name], options)).digest, built.manifest);
    await bunnyDone(['inspect', name], options);

    await bunnyDone(['build', '--arch', 'arm64', '--platform', 'qemu', '--type', 'oci'], options);
    const all = reference('all');
    const pushed = await bunnyJson<{ digest: string }>(['push', all], options);
    assert.notEqual(pushed.digest, built.manifest);
    const { images } = await bunnyJson<Inspected>(['inspect', `${all}:latest`], options);
    assert.deepEqual(
      images.map(({ arch, platform }) => `${arch}/${platform}`),
      ['amd64/linuxu', 'arm64/qemu'],
    );
    // Each by itself, and both by their target.
    for (const { digest, arch, platform } of images) {
      assert.equal((await bunnyJson<Inspected>(['inspect', `${all}@${digest}`], options)).images.length, 1);
      const words = ['run', all, '--arch', arch, '--platform', platform, '--quiet', '--', '--status=7'];
      const { status, stderr } = await bunny(words, options);
      assert.equal(status, 7, stderr);
    }
    const only = await bunnyJson<{ digest: string }>(['push', reference('one'), '--arch', 'amd64'], options);
    assert.equal(only.digest, built.manifest);
    const other = await bunnyError(['run', all, '--platform', 'firecracker'], options);
    assert.deepEqual([other.code, other.hint], ['BUNNY_ETARGET', 'it is for amd64/linuxu, arm64/qemu']);
    const none = await bunnyError(['push', reference('none'), '--arch', 'riscv64'], options);
    assert.equal(none.code, 'BUNNY_ENOTFOUND');
  });

  it('of all targets are one index, of which each is what it is by itself', async () => {
    const name = reference('index:1.0');
    const words = ['build', '--all', '--type', 'oci', '-t', name, '--push', '-t', 'oci:out/all:1.0'];
    const { built, images: named } = await bunnyJson<{
      built: { arch: string; platform: string; manifest: string }[];
      images: { digest: string; written: boolean }[];
    }>(words, options);
    assert.ok(built.length > 1);
    const { images } = await bunnyJson<Inspected>(['inspect', name], options);
    assert.deepEqual(
      images.map(({ digest, arch, platform }) => [digest, arch, platform]),
      built.map(({ manifest, arch, platform }) => [manifest, arch, platform]),
    );
    assert.deepEqual(new Set(named.map(({ digest, written }) => `${digest} ${written}`)).size, 1);
    const { manifest } = await build();
    assert.ok(built.some((each) => each.manifest === manifest));
    // An archive holds one: nothing is compiled for another, and the fault is not one of a registry.
    const source = join(app, 'src/main.c');
    const text = await readFile(source);
    await writeFile(source, 'broken');
    for (const archive of [
      [...words.slice(0, 4), '-t', 'docker-archive:out/all.tar'],
      [...words.slice(0, 4), '--dry-run', '-t', 'docker-archive:out/all.tar'],
      ['push', 'docker-archive:out/all.tar'],
    ]) {
      const { status, stdout } = await bunny([...archive, '--json'], options);
      assert.deepEqual([status, JSON.parse(stdout).error.code], [2, 'BUNNY_EUSAGE'], archive.join(' '));
    }
    await writeFile(source, text);
    const only = reference('warren:1.0');
    const { images: pushed } = await bunnyJson<{ images: object[] }>(
      ['push', only, '--framework', 'warren'],
      options,
    );
    assert.equal(pushed.length, built.length);
    for (const other of [
      ['push', only, '--framework', 'linux'],
      ['run', only, '--framework', 'linux'],
    ]) {
      const { hint = '' } = await bunnyError(other, options);
      assert.match(hint, other[0] === 'run' ? /^it is for warren$/ : /what was built is for .*amd64\/linuxu/);
    }
    await rm(join(app, 'out'), { recursive: true });
  });

  it('in a layout are signed and verified by the name that they are pulled under', async () => {
    const cwd = await temporaryDirectory('signed');
    const elsewhere = { cwd, store: options.store, env: { COSIGN_PASSWORD: 'secret' } };
    const name = reference('signed:1.0');
    await build('-t', name, '--push');
    await bunnyDone(['keygen', 'demo'], elsewhere);
    await bunnyDone(['sign', name, '--key', 'demo.key'], elsewhere);
    await bunnyDone(['pull', name], elsewhere);
    const verify = ['verify', 'oci:signed:1.0', '--key', 'demo.pub'];
    await bunnyDone([...verify, '--as', reference('signed')], elsewhere);
    const { code, hint = '' } = await bunnyError(verify, elsewhere);
    assert.equal(code, 'BUNNY_ESIGNATURE');
    assert.match(hint, /--as/);
    await bunnyDone(['sign', 'oci:signed:1.0', '--key', 'demo.key'], elsewhere);
    await bunnyDone(verify, elsewhere);
    const unnamed = await bunnyError(['verify', 'oci:signed', '--key', 'demo.pub'], elsewhere);
    assert.equal(unnamed.hint, 'add a tag or digest: oci:signed:1.0.0');
  });

  it('go to image layouts and archives, and are the same from two directories', async () => {
    const layout = await build(
      '-t',
      'oci:out/images:1.0',
      '-t',
      'docker-archive:out/hello.tar:demo/hello:1.0',
    );
    assert.deepEqual(
      layout.images.map(({ written }) => written),
      [true, true],
    );
    await access(join(app, 'out/images/index.json'));
    const archive = await readFile(join(app, 'out/hello.tar'));
    const other = await copyOfApp('hello');
    const again = { cwd: other, store: options.store };
    await bunnyDone(['resolve', '--from', (await warren()).registry], again);
    const words = ['build', ...target, '--type', 'oci', '-t', 'docker-archive:hello.tar:demo/hello:1.0'];
    assert.equal((await bunnyJson<Built>(words, again)).manifest, layout.manifest);
    assert.ok((await readFile(join(other, 'hello.tar'))).equals(archive));
    await rm(join(app, 'out'), { recursive: true });
  });

  it('are taken by skopeo, umoci and podman, also as an archive', async function () {
    this.timeout(300_000);
    const cwd = await temporaryDirectory('judged');
    const judges = new Judges(cwd, 'sid');
    const name = reference('judged:1.0');
    const archive = join(cwd, 'hello.tar');
    const { manifest } = await build('-t', name, '--push', '-t', `docker-archive:${archive}:demo/hello:1.0`);

    const inspected = JSON.parse(
      await judges.output('skopeo', 'inspect', '--tls-verify=false', `docker://${name}`),
    ) as {
      Digest: string;
      Architecture: string;
      Os: string;
      Labels: Record<string, string>;
      Layers: string[];
    };
    assert.deepEqual(
      [inspected.Digest, inspected.Architecture, inspected.Os, inspected.Layers.length],
      [manifest, 'amd64', 'linux', 2],
    );
    const label = 'com.urunc.unikernel.hypervisor';
    assert.equal(inspected.Labels[label], 'linuxu');
    const copied = ['--src-tls-verify=false', '--preserve-digests', `docker://${name}`, 'oci:copied:1.0'];
    await judges.output('skopeo', 'copy', ...copied);
    const local = await bunnyJson<Inspected>(['inspect', 'oci:copied:1.0'], { cwd });
    assert.equal(local.images[0]?.digest, manifest);
    await judges.output('skopeo', 'copy', 'docker-archive:hello.tar', 'oci:loaded:1.0');
    const loaded = await bunnyJson<Inspected>(['inspect', 'oci:loaded:1.0'], { cwd });
    assert.equal(loaded.images[0]?.arch, 'amd64');

    await judges.output('umoci', 'unpack', '--rootless', '--image', 'copied:1.0', 'bundle');
    const kernel = await readFile(join(cwd, 'bundle/rootfs/.boot/kernel'));
    await bunnyDone(['build', ...target], options);
    assert.ok(kernel.equals(await readFile(join(app, 'build/hello-amd64-linuxu'))));
    const urunc = JSON.parse(await readFile(join(cwd, 'bundle/rootfs/urunc.json'), 'utf8')) as Record<
      string,
      string
    >;
    assert.equal(Buffer.from(urunc[label] ?? '', 'base64').toString(), 'linuxu');

    const index = reference('judged:all');
    await bunnyDone(['build', '--all', '--type', 'oci', '-t', index, '--push'], options);
    for (const arch of ['amd64', 'arm64']) {
      const words = ['--override-arch', arch, 'inspect', '--tls-verify=false', `docker://${index}`];
      assert.equal(
        (JSON.parse(await judges.output('skopeo', ...words)) as typeof inspected).Architecture,
        arch,
      );
    }
    const all = [
      '--all',
      '--src-tls-verify=false',
      '--preserve-digests',
      `docker://${index}`,
      'oci:copied:all',
    ];
    await judges.output('skopeo', 'copy', ...all);
    assert.ok((await bunnyJson<Inspected>(['inspect', 'oci:copied:all'], { cwd })).images.length > 1);

    const podman = async (...words: string[]) => {
      const storage = [
        '--root',
        join(cwd, 'storage'),
        '--runroot',
        join(cwd, 'run'),
        '--storage-driver',
        'vfs',
      ];
      return (await promisify(execFile)('podman', [...storage, ...words], { cwd })).stdout;
    };
    await podman('load', '--input', archive);
    await podman('pull', '--tls-verify=false', '--quiet', name);
    for (const image of ['localhost/demo/hello:1.0', name]) {
      const told = await podman(
        'image',
        'inspect',
        '--format',
        `{{index .Labels "${label}"}} {{.Os}} {{.Architecture}}`,
        image,
      );
      assert.equal(told, 'linuxu linux amd64\n');
    }
    const digests = await podman('image', 'inspect', '--format', '{{.RepoDigests}}', name);
    assert.match(digests, new RegExp(`demo/judged@${manifest}`));
  });

  it('are refused where a name can be none, before anything is built', async () => {
    for (const [words, code] of [
      [['--tag', reference('x')], 'BUNNY_EUSAGE'],
      [['--type', 'oci', '--push'], 'BUNNY_EUSAGE'],
      [['--type', 'oci', '--push', '-t', 'oci:images'], 'BUNNY_EUSAGE'],
      [['--type', 'oci', '--push', '-t', reference('x'), '--offline'], 'BUNNY_EUSAGE'],
      [['--type', 'oci', '-t', 'docker-archive:'], 'BUNNY_EREFERENCE'],
      [['--type', 'oci', '-t', `${reference('x')}@sha256:${'a'.repeat(64)}`], 'BUNNY_EREFERENCE'],
      [['--type', 'iso'], 'BUNNY_EARTIFACT'],
    ] as const) {
      for (const more of [[], ['--dry-run']]) {
        const refused = await bunnyError(['build', ...words, ...more], options);
        assert.equal(refused.code, code, [...words, ...more].join(' '));
      }
    }
  });

  it('are booted as they are: what is about a build is refused beside one, and so is an archive', async () => {
    for (const flag of [['--file', app], ['--from', 'oci:registry'], ['--frozen'], ['--offline']]) {
      const { code, message } = await bunnyError(['run', reference('hello:1.0'), ...flag], options);
      assert.equal(code, 'BUNNY_EUSAGE');
      assert.ok(message.startsWith(`${flag[0]} is about what is built`), message);
    }
    assert.equal((await bunnyError(['run', 'docker-archive:a.tar'], options)).code, 'BUNNY_EMONITOR');
  });
});
