import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos } from 'bunny-libos-testing/frameworks/tiny.js';
import { type TinyUniverse, tinyUniverse } from 'bunny-libos-testing/frameworks/tiny-universe.js';

describe('what a lock has, and why nothing newer', function () {
  this.timeout(60_000);
  let tiny: TinyUniverse;
  let app: string;

  before(async () => {
    tiny = await tinyUniverse({
      'j 1.0.0': {},
      'j 2.0.0': {},
      'j 3.0.0': {},
      'a 1.0.0': { j: '*' },
      'a 2.0.0': { j: '^2' },
      'z 1.0.0': { j: '*' },
      'z 2.0.0': { j: '^3' },
      'm 1.0.0': {},
      'm 2.0.0': {},
      'b 1.0.0': {},
      'b 2.0.0': { m: '^2' },
      'y 1.0.0': {},
      'y 2.0.0': { m: '^2' },
      'alpha 1.0.0': {},
      'alpha 1.1.0': { zeta: '~0.1' },
      'zeta 0.1.0': {},
      'zeta 5.0.0': {},
      'p 1.0.0': {},
      'p 1.1.0': {},
      'q 1.0.0': { p: '*' },
      'time 1.0.0': {},
      'time 2.0.0': {},
    });
  });

  beforeEach(async () => {
    app = await temporaryDirectory('app');
  });

  const options = () => ({ cwd: app, store: tiny.store, env: { BUNNY_REGISTRY: tiny.registry } });
  const run = (...words: string[]) => bunnyDone(words, options());
  const read = (name: string) => readFile(join(app, name), 'utf8');

  /** All that people see of it, without the time that it took. */
  async function said(...words: string[]): Promise<string[]> {
    const { stdout, stderr } = await run(...words);
    return `${stdout}${stderr}`
      .replace(/ in \d[\d.]* s\b/g, '')
      .trimEnd()
      .split('\n');
  }

  /** A Bunnyfile that asks for any version of these, and a lock that has just these versions. */
  async function lock(...versions: string[]): Promise<void> {
    const bunnyfile = (dependencies: Record<string, string>) =>
      writeFile(
        join(app, 'Bunnyfile'),
        `version: v0.1\nname: app\nplatforms: { framework: tiny }\ntargets: [amd64/linuxu]\n` +
          `dependencies: ${JSON.stringify(dependencies)}\n`,
      );
    const pairs = versions.map((each) => each.split(' ') as [string, string]);
    await bunnyfile(Object.fromEntries(pairs.map(([name, version]) => [name, `=${version}`])));
    await run('resolve');
    await bunnyfile(
      Object.fromEntries(pairs.flatMap(([name]) => (['j', 'p'].includes(name) ? [] : [[name, '*']]))),
    );
    await run('resolve');
  }

  it('bunny update says who needs what where nothing moves, and what --allow-downgrade would do', async () => {
    await lock('a 1.0.0', 'j 3.0.0', 'z 2.0.0');
    const before = await read('bunny.lock');
    const reason = 'a 2.0.0 needs j ^2, and z 2.0.0 needs j ^3';
    assert.deepEqual(await said('update', 'a'), [
      `note: a is 1.0.0, not 2.0.0: ${reason}`,
      'note: with --allow-downgrade: a 1.0.0 -> 2.0.0, j 3.0.0 -> 2.0.0, z 2.0.0 -> 1.0.0',
      '   Updated nothing in bunny.lock',
    ]);
    assert.equal(await read('bunny.lock'), before);
    assert.deepEqual(await said('update', 'a', '--allow-downgrade'), [
      '  CHANGE     COMPONENT  FROM   TO     TARGETS',
      '  update     a          1.0.0  2.0.0  amd64/linuxu',
      '  downgrade  j          3.0.0  2.0.0  amd64/linuxu',
      '  downgrade  z          2.0.0  1.0.0  amd64/linuxu',
      'note: j is lowered from 3.0.0 to 2.0.0: a 2.0.0 needs j ^2',
      `note: z is lowered from 2.0.0 to 1.0.0: ${reason}`,
      '   Updated 3 components in bunny.lock',
    ]);
    assert.deepEqual(await said('update', 'z'), [
      `note: z is 1.0.0, not 2.0.0: ${reason}`,
      'note: with --allow-downgrade: a 2.0.0 -> 1.0.0, j 2.0.0 -> 3.0.0, z 1.0.0 -> 2.0.0',
      '   Updated nothing in bunny.lock',
    ]);
    await run('update', 'z', '--allow-downgrade');
    assert.equal(await read('bunny.lock'), before);
    const { held, withAllowDowngrade } = await bunnyJson<{
      held: { name: string; because: string[] }[];
      withAllowDowngrade: unknown[];
    }>(['update', 'a', '--dry-run'], options());
    assert.deepEqual(
      held.map(({ name, because }) => [name, because]),
      [['a', reason.split(', and ')]],
    );
    assert.equal(withAllowDowngrade.length, 3);
  });

  for (const name of ['b', 'y']) {
    it(`bunny add ${name} takes the newest with which every pin stays, and says what keeps a newer one out`, async () => {
      await lock('m 1.0.0');
      assert.deepEqual(await said('add', name), [
        '  CHANGE  COMPONENT  FROM  TO     TARGETS',
        `  add     ${name}                1.0.0  amd64/linuxu`,
        `note: ${name} is 1.0.0, not 2.0.0: ${name} 2.0.0 needs m ^2, and m is 1.0.0; ` +
          `\`bunny add '${name}@^2.0.0'\` asks for it`,
        `     Added ${name} ^1.0.0 to Bunnyfile`,
      ]);
      assert.deepEqual(await said('add', `${name}@^2.0.0`), [
        '  CHANGE  COMPONENT  FROM   TO     TARGETS',
        ...[name, 'm'].sort().map((each) => `  update  ${each}          1.0.0  2.0.0  amd64/linuxu`),
        `     Added ${name} ^2.0.0 to Bunnyfile`,
      ]);
    });
  }

  it('bunny add says where the lock has an older version already, because of others', async () => {
    await lock('a 1.0.0', 'j 1.0.0', 'q 1.0.0', 'p 1.0.0');
    assert.deepEqual(await said('add', 'j', 'p'), [
      "note: j is 1.0.0, which bunny.lock has already, not 3.0.0; `bunny add 'j@^3.0.0'` asks for it",
      'note: p is 1.0.0, which bunny.lock has already, not 1.1.0; `bunny update p` asks for it',
      '     Added j ^1.0.0 to Bunnyfile',
      '     Added p ^1.0.0 to Bunnyfile',
    ]);
    await run('update', 'p');
    assert.match(await read('bunny.lock'), /"name": "p",\n +"version": "1\.1\.0"/);
    await lock('a 1.0.0', 'j 3.0.0', 'q 1.0.0', 'p 1.1.0');
    assert.deepEqual(
      (await said('add', 'j', 'p')).filter((line) => line.startsWith('note')),
      [],
    );
  });

  it('bunny add names the providers of a capability that has no default', async () => {
    const directory = await temporaryDirectory('capability');
    const [registry, store] = [`oci:${join(directory, 'registry')}`, join(directory, 'store')];
    await writeTinyLibos(directory);
    await appendFile(
      join(directory, 'tooling/tooling.yaml'),
      'capabilities: { clock: { providers: [sun, moon] } }\n',
    );
    for (const name of ['sun', 'moon']) {
      await writeFiles(join(directory, name), {
        'component.yaml':
          `framework: tiny\nname: ${name}\nversion: 1.0.0\nprovides: { clock: 1.0.0 }\n` +
          'affectedBy: [arch]\nsources: []\nmatrix: { arch: [amd64] }\n',
      });
    }
    const places = ['tooling', 'sun', 'moon'].map((name) => join(directory, name));
    await bunnyDone(['publish', ...places, '--to', registry], { store });
    await writeFile(
      join(app, 'Bunnyfile'),
      'version: v0.1\nname: app\nplatforms: { framework: tiny }\ntargets: [amd64/linuxu]\ndependencies: {}\n',
    );
    const error = (...names: string[]) =>
      bunnyError(['add', ...names, '--from', registry], { cwd: app, store });
    const { hint, details } = await error('clock');
    assert.match(details.join('\n'), /moon.*sun|sun.*moon/);
    assert.match(hint ?? '', /clock: moon/);
    assert.match(hint ?? '', /clock: sun/);
    assert.match((await error('clock', 'sum')).hint ?? '', /did you mean "sun"\?/);
  });

  it('bunny resolve, outdated and why say who holds a name far back, and how to prefer it', async () => {
    await lock();
    const text = await read('Bunnyfile');
    await writeFile(join(app, 'Bunnyfile'), text.replace('{}', '{ alpha: "*", zeta: "*" }'));
    const held = "alpha 1.1.0 needs zeta ~0.1; `bunny add 'zeta@^5.0.0'` asks for it";
    const note = `note: zeta is 0.1.0, not 5.0.0: ${held}`;
    assert.deepEqual((await said('resolve', '-q')).filter(Boolean), []);
    await run('resolve');
    assert.ok((await said('outdated')).includes(note));
    assert.deepEqual(await said('why', 'zeta'), [
      'zeta in app amd64/linuxu',
      '  Bunnyfile -> zeta 0.1.0',
      '  Bunnyfile -> alpha 1.1.0 -> zeta 0.1.0',
      `  not 5.0.0: ${held}`,
    ]);
    const { components } = await bunnyJson<{ components: { because: string[] }[] }>(['outdated'], options());
    assert.deepEqual(components[0]?.because, ['alpha 1.1.0 needs zeta ~0.1']);
    const preferred = await said('add', 'zeta@^5.0.0');
    assert.ok(preferred.includes('  downgrade  alpha      1.1.0  1.0.0  amd64/linuxu'), preferred.join('\n'));
    assert.deepEqual(await said('why', 'zeta'), ['zeta in app amd64/linuxu', '  Bunnyfile -> zeta 5.0.0']);
  });

  it('bunny resolve says so once, where it chooses', async () => {
    await lock();
    const text = await read('Bunnyfile');
    await writeFile(join(app, 'Bunnyfile'), text.replace('{}', '{ alpha: "*", zeta: "*" }'));
    const note =
      "note: zeta is 0.1.0, not 5.0.0: alpha 1.1.0 needs zeta ~0.1; `bunny add 'zeta@^5.0.0'` asks for it";
    assert.ok((await said('resolve')).includes(note));
    assert.ok(!(await said('resolve')).includes(note));
  });

  it('bunny update says what goes down, and why: yanked, not listed any more, out of range', async () => {
    await lock('time 2.0.0');
    const before = await read('bunny.lock');
    const goesDown = (reason: string) => [
      '  CHANGE     COMPONENT  FROM   TO     TARGETS',
      '  downgrade  time       2.0.0  1.0.0  amd64/linuxu',
      `note: time is lowered from 2.0.0 to 1.0.0: ${reason}`,
      '   Updated 1 component in bunny.lock',
    ];
    await run('yank', `${tiny.registry}:tiny/time`, '2.0.0');
    for (const words of [['update'], ['update', 'time']]) {
      await writeFile(join(app, 'bunny.lock'), before);
      assert.deepEqual(await said(...words), goesDown('2.0.0 is yanked'));
    }
    await run('yank', `${tiny.registry}:tiny/time`, '2.0.0', '--undo');
    await writeFile(join(app, 'bunny.lock'), before);
    // A registry that goes back to an earlier state.
    const index = join(tiny.registry.slice('oci:'.length), 'index.json');
    const whole = await readFile(index, 'utf8');
    const { manifests, ...rest } = JSON.parse(whole) as {
      manifests: { annotations?: Record<string, string> }[];
    };
    const kept = manifests.filter(
      ({ annotations }) => !annotations?.['org.opencontainers.image.ref.name']?.startsWith('tiny/time:2.0.0'),
    );
    await writeFile(index, JSON.stringify({ ...rest, manifests: kept }));
    try {
      assert.deepEqual(await said('update'), goesDown(`${tiny.registry} does not list 2.0.0 any more`));
    } finally {
      await writeFile(index, whole);
    }
    await writeFile(join(app, 'bunny.lock'), before);
    const text = await read('Bunnyfile');
    await writeFile(join(app, 'Bunnyfile'), text.replace('"time":"*"', '"time":"^1"'));
    const resolved = await said('resolve');
    assert.ok(
      resolved.includes('note: time is lowered from 2.0.0 to 1.0.0: Bunnyfile asks for time ^1'),
      resolved.join('\n'),
    );
  });
});
