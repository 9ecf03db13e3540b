import assert from 'node:assert/strict';
import { join } from 'node:path';
import { bunny } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { bunny as program } from '../src/commands/bunny.js';
import { isGroup } from '../src/options/command.js';
import { outputDefinitions, outputProblems } from './output-schema.js';

/** Commands that print a document of somebody else's form, or none. */
const foreign = new Set(['sbom', 'completion-values']);

describe('registry-schemas/output.schema.json', function () {
  this.timeout(120_000);
  let cwd: string;
  let empty: string;
  let store: string;
  let registry: string;

  before(async function () {
    this.timeout(warrenTimeout);
    ({ registry, store } = await warren());
    cwd = await copyOfApp('hello');
    empty = await temporaryDirectory('empty');
  });

  it('has a definition for every command', () => {
    const names = program.commands.flatMap((each) =>
      isGroup(each) ? each.commands.map(({ name }) => `${each.name}-${name}`) : [each.name],
    );
    const defined = outputDefinitions();
    assert.deepEqual(
      names.filter((name) => !defined.includes(name) && !foreign.has(name)),
      [],
    );
  });

  /** What a command prints with `--json` is what the definition says, to the last key. */
  const prints = async (definition: string, words: string[], where = cwd) => {
    const at = words.includes('--') ? words.indexOf('--') : words.length;
    const { stdout } = await bunny([...words.slice(0, at), '--json', ...words.slice(at)], {
      cwd: where,
      store,
    });
    const problems = outputProblems(definition, JSON.parse(stdout));
    assert.deepEqual(problems, [], `${words.join(' ')}\n${stdout.slice(0, 2000)}`);
  };

  it('says what the commands about an app print', async () => {
    const from = ['--from', registry];
    const here = [...from, '--platform', 'linuxu'];
    await prints('init', ['init', 'made', '--framework', 'warren', ...from], empty);
    for (const words of [from, from, ['--frozen', ...from]]) await prints('resolve', ['resolve', ...words]);
    await prints('fetch', ['fetch', ...from]);
    await prints('check', ['check', ...here]);
    for (const more of [['--dry-run'], [], ['--sbom', 'spdx'], ['--type', 'oci']]) {
      await prints('build', ['build', ...here, ...more]);
    }
    for (const more of [['--dry-run'], []]) await prints('build', ['build', '--all', ...from, ...more]);
    await prints('run', ['run', ...here, '--', '--status=3']);
    const other = await copyOfApp('hello');
    for (const names of [['libc'], ['libc', 'console']])
      await prints('add', ['add', ...names, ...from], other);
    await prints('add', ['add', '--auto', '--dry-run', ...from], other);
    await prints('remove', ['remove', 'libc', ...from], other);
    for (const flags of [[], ['--dry-run']]) await prints('update', ['update', ...flags, ...from]);
    await prints('outdated', ['outdated', ...from]);
    for (const name of ['licenses', 'audit']) await prints(name, [name, ...from]);
    await prints('tree', ['tree', ...from]);
    await prints('why', ['why', 'libc', ...from]);
    await prints('graph', ['graph', ...from]);
    await prints('clean', ['clean']);
    await prints('doctor', ['doctor', ...from]);
  });

  it('says what the commands about registries and the store print', async () => {
    const to = `oci:${await temporaryDirectory('mirror')}`;
    await prints('inspect', ['inspect', `${registry}:warren/libc`]);
    await prints('search', ['search', 'alloc', '--framework', 'warren', '--from', registry], empty);
    await prints(
      'search',
      ['search', '--symbol', 'malloc', '--framework', 'warren', '--from', registry],
      empty,
    );
    for (const more of [['--dry-run'], []]) await prints('mirror', ['mirror', '--to', to, ...more]);
    await prints('index-rebuild', ['index', 'rebuild', `${to}:warren/libc`]);
    await prints('catalog-rebuild', ['catalog', 'rebuild', `${to}:warren`]);
    const version = ['1.0.0', '--undo'];
    await prints('yank', ['yank', `${to}:warren/libc`, ...version]);
    await prints('check-abi', [
      'check-abi',
      `${registry}:warren/libc:1.0.0`,
      `${registry}:warren/libc:1.0.0`,
    ]);
    await prints('keygen', ['keygen', join(empty, 'key')].concat(['--password-stdin']), empty);
    await prints('logout', ['logout', '127.0.0.1:1']);
    await prints('cache-dir', ['cache', 'dir']);
    await prints('cache-ls', ['cache', 'ls']);
    await prints('cache-prune', ['cache', 'prune', '--older-than', '9000d', '--dry-run']);
    await prints('explain', ['explain', 'eusage']);
    await prints('completion', ['completion', 'fish']);
  });

  it('says what is printed where a command fails', async () => {
    await prints('error', ['build', '--nonsense']);
    await prints('error', ['inspect', '127.0.0.1:1/warren/libc']);
    await prints('error', ['resolve'], empty);
  });
});
