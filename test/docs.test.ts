import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bunny } from 'bunny-libos-testing/command/bunny.js';
import { repositoryFile } from 'bunny-libos-testing/repository.js';

const top = repositoryFile('');
const pages = [
  'README.md',
  ...readdirSync(join(top, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name))
    .sort(),
];
const read = (page: string) => readFileSync(join(top, page), 'utf8');

/** Path and text of what the command is made of. */
function productSources(): [string, string][] {
  const packages = readdirSync(join(top, 'packages')).filter(
    (name) => name !== 'testing' && existsSync(join(top, 'packages', name, 'src')),
  );
  return packages.flatMap((name) => {
    const directory = join('packages', name, 'src');
    return readdirSync(join(top, directory), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file): [string, string] => [join(directory, file), read(join(directory, file))]);
  });
}

/** Commands that hold further commands. */
const groups = new Set(['cache', 'catalog', 'import', 'index']);

/** What a page writes as code: spans, and the lines of shell blocks without their comments. */
function code(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```sh\n(.*?)^ *```/gms)].flatMap(([, block = '']) =>
    block.split('\n'),
  );
  const spans = [...text.replaceAll(/^ *```.*?^ *```/gms, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, span = '']) => span,
  );
  return [...blocks, ...spans].map((line) => line.replace(/(^|\s)#.*/, ''));
}

/** The calls of bunny in a line: its command, and the flags given. */
function calls(line: string): { command: string[]; flags: string[] }[] {
  return line.split(/[|;&]/).flatMap((part) => {
    const [, rest] = /^(?:\s*\w+=\S+)*\s*(?:\.{1,2}\/)?bunny (.*)$/.exec(part) ?? [];
    if (rest === undefined) return [];
    const words = rest.split(' -- ')[0]?.trim().split(/\s+/) ?? [];
    const [name = '', action = ''] = words;
    const command = groups.has(name) && /^[a-z]/.test(action) ? [name, action] : [name];
    const flags = words.flatMap((word) => /^--?[a-z][a-z-]*/.exec(word)?.[0] ?? []);
    return [{ command: name.startsWith('-') ? [] : command, flags }];
  });
}

/** What GitHub makes of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

describe('the documentation', function () {
  this.timeout(60_000);
  const helps = new Map<string, Promise<string>>();
  const help = (command: readonly string[]) => {
    const key = command.join(' ');
    const told =
      helps.get(key) ??
      bunny([...command, '--help']).then(({ status, stdout }) => (status === 0 ? stdout : ''));
    helps.set(key, told);
    return told;
  };

  for (const page of pages) {
    it(`${page} links to what is there`, () => {
      for (const [, target = ''] of read(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        assert.ok(existsSync(join(top, file)), target);
        if (anchor === undefined) continue;
        const anchors = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
        assert.ok(anchors.includes(anchor), target);
      }
    });

    it(`${page} names files of this repository that are there`, () => {
      const paths = code(read(page)).flatMap((span) =>
        span
          .split(/\s+/)
          .filter((word) => /^(docs|fixtures|packages|registry-schemas|scripts)\/[\w./-]+$/.test(word)),
      );
      assert.deepEqual(
        paths.filter((path) => !existsSync(join(top, path))),
        [],
      );
    });

    it(`${page} uses commands and flags that there are`, async () => {
      for (const { command, flags } of code(read(page)).flatMap(calls)) {
        const told = await help(command);
        assert.ok(told.startsWith(`Usage: ${['bunny', ...command].join(' ')}`), `bunny ${command.join(' ')}`);
        for (const flag of flags) {
          assert.match(
            told,
            new RegExp(`^ .*(^|[ ,])${flag}(?![\\w-])`, 'm'),
            `bunny ${command.join(' ')} ${flag}`,
          );
        }
      }
    });
  }

  it('bunny --help lists every variable that is read', async () => {
    const [, listed = ''] = /^Environment:\n(.*?)\n\n/ms.exec(await help([])) ?? [];
    // Those of every program, and of the tests; and the other half of one that is listed.
    const known = [
      'HOME',
      'PATH',
      'PWD',
      'TERM',
      'XDG_RUNTIME_DIR',
      'BUNNY_TEST_COMMAND',
      'REQUEST_METHOD',
      'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
    ];
    const read = new Map<string, string>();
    for (const [path, text] of productSources()) {
      for (const [, name = ''] of text.matchAll(/\b(?:process\.env|environment)\??\.([A-Z][A-Z_]+)/g)) {
        read.set(name, path);
      }
      for (const [, names = ''] of text.matchAll(
        /\{([^{}]*)\} = (?:process\.env|(?:this\.#)?environment)\b/g,
      )) {
        for (const name of names.match(/\b[A-Z][A-Z_]+\b/g) ?? []) read.set(name, path);
      }
    }
    assert.ok(read.has('BUNNY_CACHE') && read.has('BUNNY_REGISTRY'));
    const missing = [...read].filter(
      ([name]) => !known.includes(name) && !new RegExp(`\\b${name}\\b`).test(listed),
    );
    assert.deepEqual(missing, []);
  });

  it('README.md lists every command', async () => {
    const listed = [...read('README.md').matchAll(/^\| (`.*`) \|/gm)].flatMap(
      ([, cell = '']) => cell.match(/[\w-]+/g) ?? [],
    );
    const [, commands = ''] = /^Commands:\n(.*?)\n\n/ms.exec(await help([])) ?? [];
    const known = [...commands.matchAll(/^ {2}([\w-]+)/gm)].map(([, name = '']) => name);
    assert.ok(known.length > 20);
    assert.deepEqual(listed.sort(), known.filter((name) => name !== 'help').sort());
  });
});
