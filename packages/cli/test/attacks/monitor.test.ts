import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryFile } from 'bunny-libos-testing/repository.js';
import { attack, type Place } from './attack.js';

const tooling = repositoryFile('fixtures/warren/tooling');

/**
 * Publishes a tooling layer whose monitor for amd64/linuxu is this shell script, newer than warren's, and an app in the
 * project. Gives the words that run it.
 */
async function hostileMonitor(
  { home, project, own, app, registry, bunnyDone }: Place,
  script: string,
): Promise<string[]> {
  const sources = join(home, 'libos/tooling');
  await cp(tooling, sources, { recursive: true });
  const file = join(sources, 'tooling.yaml');
  // The command is a list of words without line breaks, in which a dollar sign is written twice.
  const encoded = Buffer.from(script).toString('base64');
  const words = ['sh', '-c', `eval "$$(echo ${encoded} | base64 -d)"`, 'monitor', '$image'];
  const text = (await readFile(file, 'utf8'))
    .replace('version: 1.0.0', 'version: 1.9.0')
    .replace('command: $image --mem=$memory', () => `command: ${JSON.stringify(words)}`)
    .replace('arguments: --append=$arguments', '');
  await writeFile(file, text);
  await own(home);
  await bunnyDone(['publish', sources, '--allow-commands', '--to', 'oci:../hostile'], { cwd: project });
  await app('hello');
  return ['run', '--from', 'oci:../hostile', '--from', registry, '--platform', 'linuxu', '--quiet'];
}

/** A service of the host, and what asks it. */
async function listening(address: object, started: Server[]): Promise<Server> {
  const server = createServer((socket) => socket.end('REACHED a service\n'));
  started.push(server);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(address, resolve));
  return server;
}

describe('a monitor that a registry chose', () => {
  attack('reads nothing of the user, and nothing of the machine but programs', async (place) => {
    const { home, write, bunny } = place;
    await write({ '.ssh/id_ed25519': 'REACHED a key\n', '.docker/config.json': 'REACHED a login\n' }, home);
    const run = await hostileMonitor(
      place,
      [
        `cat ${home}/.ssh/id_ed25519 ${home}/.docker/config.json ${home}/project/Bunnyfile`,
        'for file in /etc/passwd /etc/shadow /etc/hostname /etc/hosts /sys/class/net /root /home /var /run /srv /mnt; do',
        '  test ! -e $file || echo REACHED $file; done',
        'for file in /proc/[0-9]*/environ; do tr "\\0" "\\n" < $file | grep SECRET; done',
        'cat ~/.ssh/id_ed25519; ls -a ~ | sed "s/^/REACHED /"',
        'test -z "$SECRET" || echo REACHED the environment',
        'echo done',
      ].join('\n'),
    );
    const { status, stdout } = await bunny(run, { env: { HOME: home, SECRET: 'REACHED' } });
    assert.deepEqual([status, stdout], [0, 'done\n']);
  });

  attack('writes nothing that stays', async (place) => {
    const { home, project, bunny, store } = place;
    const run = await hostileMonitor(
      place,
      [
        'before=$(cat "$1" | cksum)',
        `for place in / /usr /usr/local/bin /etc ${home} ${project} ${store} "$1" /tmp/bunny/image /dev/kvm; do`,
        '  echo attack > $place/attack; echo attack >> $place; rm -f $place; done 2> /dev/null',
        'test "$before" = "$(cat "$1" | cksum)" && echo done',
      ].join('\n'),
    );
    const before = await readdir(home);
    const { status, stdout } = await bunny(run);
    assert.deepEqual([status, stdout], [0, 'done\n']);
    assert.deepEqual((await readdir(home)).sort(), [...new Set([...before])].sort());
    for (const directory of ['/', '/usr', '/usr/local/bin', '/etc', home, project, store]) {
      assert.equal(existsSync(join(directory, 'attack')), false, directory);
    }
  });

  attack('has no rights, and no way to more', async (place) => {
    const run = await hostileMonitor(
      place,
      [
        'test "$(id -u)" != 0 || echo REACHED root',
        'unshare --user true && echo REACHED a namespace of users',
        'unshare --mount true && echo REACHED a namespace of mounts',
        'grep -E "^Cap(Prm|Eff|Bnd):" /proc/self/status | grep -v -E "\\b0+$" && echo REACHED capabilities',
        'grep -q "^NoNewPrivs:.*1" /proc/self/status || echo REACHED programs with set-user-id',
        'chmod u+s /proc/1/exe && echo REACHED the sandbox',
        // One is the directory itself.
        'ls /proc/self/fd > /tmp/descriptors; grep -v "^[0-3]$" /tmp/descriptors && echo REACHED a descriptor',
        'echo done',
      ].join('\n'),
    );
    const { status, stdout } = await place.bunny(run);
    assert.deepEqual([status, stdout], [0, 'done\n']);
  });

  attack('talks to nobody, and ends nobody', async (place) => {
    const { home, project, own, bunny } = place;
    const servers: Server[] = [];
    try {
      const abstract = `bunny-attack-${process.pid}-${place.account.uid}`;
      const path = join(home, 'service');
      await listening({ path }, servers);
      await listening({ path: `\0${abstract}` }, servers);
      const tcp = await listening({ port: 0, host: '127.0.0.1' }, servers);
      await own(path);
      const address = tcp.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      const ask = (family: string, ...addresses: string[]) =>
        `perl -MSocket -e 'for (${addresses.join(', ')}) { socket(S, ${family}, SOCK_STREAM, 0); connect(S, $_) and print <S> }'`;
      const questions = [
        ask('PF_UNIX', `pack_sockaddr_un("${path}")`),
        // Some versions of Node fill the name up.
        ask('PF_UNIX', `pack("S a108", AF_UNIX, "\\0${abstract}")`, `pack_sockaddr_un("\\0${abstract}")`),
        ask('PF_INET', `pack_sockaddr_in(${port}, inet_aton("127.0.0.1"))`),
      ];
      // Outside, each is answered.
      for (const question of questions) {
        const { stdout } = await promisify(execFile)('sh', ['-c', question]);
        assert.equal(stdout, 'REACHED a service\n');
      }
      const run = await hostileMonitor(
        place,
        [
          ...questions,
          // Each of its own it may end, and nothing is known of others.
          `kill -9 ${process.pid} && echo REACHED a process`,
          'ls -d /proc/[0-9]* | wc -l | { read count; test $count -lt 10 || echo REACHED processes; }',
          'echo done',
        ].join('\n'),
      );
      const { status, stdout } = await bunny(run);
      assert.deepEqual([status, stdout], [0, 'done\n']);
      assert.ok((await readFile(join(project, 'Bunnyfile'), 'utf8')).length > 0);
    } finally {
      for (const server of servers) server.close();
    }
  });

  attack('is not run where no sandbox can be made', async (place) => {
    const { home, bunnyError, bunnyDone } = place;
    const run = await hostileMonitor(place, `echo > ${home}/ran; echo REACHED`);
    await bunnyDone(['build', ...run.slice(1)]);
    // The compilers have nothing to do any more.
    for (const BUNNY_SANDBOX of ['', 'podman']) {
      const error = await bunnyError([...run, '--offline'], {
        through: ['env', 'PATH=/nonexistent'],
        env: { HOME: home, BUNNY_SANDBOX },
      });
      assert.deepEqual([error.status, error.code], [1, 'BUNNY_ESANDBOX']);
    }
    assert.equal(existsSync(join(home, 'ran')), false);
  });
});
