import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bunny, bunnyDone, mainFile } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

const run = promisify(execFile);

/** What bash offers: the words of the line as its own readline gives them to the function. SCRIPT WORD... */
const bashOffers = `source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_bunny
printf '%s\\n' "\${COMPREPLY[@]}"`;

/** What zsh's own completion system offers for a line, on a terminal. SCRIPT LINE */
const zshOffers = `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; autoload -Uz compinit && compinit -D -u && source \${(q)1}"
zpty -w shell 'offer() {
  compadd() {
    local -a found
    builtin compadd -O found "$@"
    (( $#found )) && printf "<%s>\\n" \${(Q)found}
    builtin compadd "$@"
  }
  printf "BEGIN\\n"; _main_complete; printf "END\\n"; unfunction compadd
}; zle -C offer complete-word offer; bindkey "^I" offer; print -r -- RE""ADY'
zpty -r shell line '*READY*'
zpty -n -w shell "$2"$'\\t'
zpty -r shell line '*END*'
print -r -- \${line##*BEGIN}
zpty -d shell`;

describe('completion', function () {
  this.timeout(60_000);
  let place: string;
  let app: string;
  let environment: Record<string, string>;

  before(async function () {
    this.timeout(warrenTimeout);
    const { registry, store } = await warren();
    place = await temporaryDirectory('completion');
    await writeFile(join(place, 'bunny'), `#!/bin/sh\nexec '${process.execPath}' '${mainFile}' "$@"\n`);
    await chmod(join(place, 'bunny'), 0o755);
    for (const shell of ['bash', 'zsh', 'fish']) {
      await writeFile(join(place, shell), (await bunnyDone(['completion', shell])).stdout);
    }
    await writeFile(join(place, 'offers.zsh'), zshOffers);
    app = await copyOfApp('hello');
    await bunnyDone(['resolve', '--from', registry], { cwd: app, store });
    await cp(join(app, 'src'), join(app, 'an app'), { recursive: true });
    environment = {
      PATH: `${place}:${process.env.PATH}`,
      HOME: join(place, 'home'),
      BUNNY_CACHE: store,
      LANG: 'C.UTF-8',
    };
  });

  /** What a shell offers at the end of a line, sorted: the last word is what is being written. */
  type Offers = (line: string, cwd?: string) => Promise<string[]>;
  const words = async (program: string, args: string[], cwd = app) => {
    const { stdout } = await run(program, args, { cwd, env: environment });
    return stdout.replaceAll('\r', '').split('\n');
  };
  const sorted = (found: string[]) => [...new Set(found.filter((each) => each !== ''))].sort();
  const shells: Record<string, Offers> = {
    bash: async (line, cwd) => {
      // An equals sign breaks words.
      const given = line.split(/ |(=)/).filter((each) => each !== undefined);
      return sorted(
        await words('bash', ['--norc', '-c', bashOffers, 'bash', join(place, 'bash'), ...given], cwd),
      );
    },
    zsh: async (line, cwd) =>
      sorted(
        (await words('zsh', ['-f', join(place, 'offers.zsh'), join(place, 'zsh'), line], cwd)).flatMap(
          (each) => /^<(.*)>$/.exec(each)?.[1] ?? [],
        ),
      ),
    fish: async (line, cwd) => {
      const script = 'source $argv[1]; complete -C $argv[2]';
      const found = await words('fish', ['--no-config', '-c', script, join(place, 'fish'), line], cwd);
      return sorted(found.map((each) => (each.split('\t')[0] ?? '').replace(/^--\w+=/, '')));
    },
  };

  const commandNames = ['add', 'build', 'cache', 'catalog', 'completion', 'index', 'init', 'run', 'yank'];
  for (const [shell, offers] of Object.entries(shells)) {
    describe(`in ${shell}`, () => {
      it('offers commands, also after help, and flags', async () => {
        for (const line of ['bunny ', 'bunny help ']) {
          const found = await offers(line);
          for (const name of commandNames) assert.ok(found.includes(name), `${line}: ${found}`);
          assert.ok(!found.includes('completion-values'));
        }
        assert.deepEqual(await offers('bunny pub'), ['publish']);
        assert.deepEqual(await offers('bunny help index '), ['rebuild']);
        assert.deepEqual(await offers('bunny index '), ['rebuild']);
        assert.deepEqual(await offers('bunny build --fr'), ['--framework', '--from', '--frozen']);
        assert.deepEqual(await offers('bunny cache prune --o'), ['--older-than']);
      });

      it('offers values', async () => {
        assert.deepEqual(await offers('bunny build --arch '), ['amd64', 'arm64', 'riscv64']);
        assert.deepEqual(await offers('bunny resolve --arch=amd64,ar'), ['amd64,arm64']);
        assert.deepEqual(await offers('bunny run --platform '), ['linuxu', 'qemu']);
        assert.ok((await offers('bunny init --framework ')).includes('warren'));
        assert.deepEqual(await offers('bunny graph --format '), ['dot', 'json', 'mermaid']);
        assert.deepEqual(await offers('bunny completion '), ['bash', 'fish', 'zsh']);
        assert.deepEqual(await offers('bunny build --jobs '), []);
      });

      it('offers components: of the Bunnyfile, of the lock, of what was published', async () => {
        assert.deepEqual(await offers('bunny rm '), ['libc']);
        assert.deepEqual(await offers('bunny why plat-l'), ['plat-linuxu']);
        assert.ok((await offers('bunny update ')).includes('console'));
        assert.ok((await offers('bunny add ')).includes('sched-coop'));
      });

      it('offers files', async () => {
        const files = ['Bunnyfile', 'an app', 'bunny.lock', 'src'];
        const found = (await offers('bunny build -f ')).map((each) => each.replace(/\/$/, ''));
        assert.deepEqual(found, files);
      });

      it('offers nothing after --', async () => {
        for (const line of [
          'bunny run -- ',
          'bunny run -- --ar',
          'bunny run --platform qemu -- --platform ',
        ]) {
          assert.deepEqual(await offers(line), [], line);
        }
      });

      it('runs nothing of what a project has in it, and tells nothing of one that cannot be read', async () => {
        const cwd = await temporaryDirectory('hostile');
        const platform = '"$(touch made)`touch made`;touch made"';
        const lines = ['version: v0.1', 'name: app', 'platforms: { framework: warren }', 'dependencies: {}'];
        await writeFiles(cwd, {
          Bunnyfile: [...lines, `targets: [{ arch: amd64, platform: ${platform} }, amd64/fine]`, ''].join(
            '\n',
          ),
        });
        assert.deepEqual(await offers('bunny build --platform ', cwd), []);
        await writeFiles(cwd, { Bunnyfile: '[', 'bunny.lock': '[' });
        assert.deepEqual(await offers('bunny remove ', cwd), []);
        assert.deepEqual((await readdir(cwd)).sort(), ['Bunnyfile', 'bunny.lock']);
      });
    });
  }

  it('is there for no other shell', async () => {
    for (const shell of ['tcsh', '__proto__', 'constructor']) {
      const { status, stderr } = await bunny(['completion', shell]);
      assert.equal(status, 2);
      assert.match(stderr, /^error\[BUNNY_EUSAGE\]: .* Allowed choices are bash, zsh, fish$/m);
    }
  });

  it('makes no store, and is no command that help lists', async () => {
    const store = join(await temporaryDirectory('store'), 'store');
    const { stdout, stderr } = await bunnyDone(['completion-values', 'published'], { store });
    assert.deepEqual([stdout, stderr], ['', '']);
    await assert.rejects(readdir(store));
    assert.doesNotMatch((await bunnyDone(['--help'])).stdout, /completion-values/);
  });
});
