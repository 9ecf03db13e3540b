import assert from 'node:assert/strict';
import { readBunnyfile } from 'bunny-libos-spec';
import fc from 'fast-check';
import { removeDependency, setDependency, writeDependencies } from './edit.js';

const head = 'version: v0.1\nplatforms: { framework: warren }\n';

/** Sets and requires that the rest of the text stays and that the result says so. */
function set(body: string, name: string, range: string): string {
  const text = `${head}${body}`;
  const edited = setDependency(text, name, range, 'Bunnyfile');
  const { value } = readBunnyfile(edited, 'Bunnyfile');
  assert.equal(value.dependencies[name]?.version, range);
  assert.ok(edited.startsWith(head));
  return edited.slice(head.length);
}

function remove(body: string, name: string): string {
  const edited = removeDependency(`${head}${body}`, name, 'Bunnyfile');
  assert.ok(!Object.hasOwn(readBunnyfile(edited, 'Bunnyfile').value.dependencies, name));
  return edited.slice(head.length);
}

describe('setDependency', () => {
  it('adds a line to a block, in order, and keeps comments, indentation and odd spacing', () => {
    const body =
      'dependencies:   # what we use\n    libc:  ^1.0   # for printf\n    # the network\n    net: { version: ^1.2, options: { ipv6: true } }\n\n# end\ncmd: [x]\n';
    assert.equal(
      set(body, 'main', '^2.0.0'),
      body.replace('    # the network', '    main: ^2.0.0\n    # the network'),
    );
    assert.equal(set(body, 'zlib', '^1.3.0'), body.replace('true } }\n', 'true } }\n    zlib: ^1.3.0\n'));
    assert.equal(set(body, 'args', '*'), body.replace('    libc:', '    args: "*"\n    libc:'));
  });

  it('adds to braces', () => {
    assert.equal(
      set('dependencies: { libc: ^1.0 } # c\n', 'net', '^1.2.0'),
      'dependencies: { libc: ^1.0, net: ^1.2.0 } # c\n',
    );
    assert.equal(
      set('dependencies: {libc: ^1.0}\n', 'args', '>=1 <3'),
      'dependencies: {args: ">=1 <3", libc: ^1.0}\n',
    );
    assert.equal(set('dependencies: {}\n', 'net', '^1.2.0'), 'dependencies: { net: ^1.2.0 }\n');
  });

  it('adds the section where there is none, or nothing in it', () => {
    assert.equal(set('cmd: [x]', 'net', '^1.2.0'), 'cmd: [x]\ndependencies:\n  net: ^1.2.0\n');
    assert.equal(
      set('dependencies: # none yet\ncmd: [x]\n', 'net', '^1.2.0'),
      'dependencies: # none yet\n  net: ^1.2.0\ncmd: [x]\n',
    );
    assert.equal(set('cmd: [x]\n...\n', 'net', '^1.2.0'), 'cmd: [x]\ndependencies:\n  net: ^1.2.0\n...\n');
  });

  it('adds in the place of a null that is written out', () => {
    assert.equal(set('dependencies: ~ # none\n', 'net', '^1.2.0'), 'dependencies: { net: ^1.2.0 } # none\n');
    assert.equal(
      set('dependencies: null\ncmd: [x]\n', 'net', '^1.2.0'),
      'dependencies: { net: ^1.2.0 }\ncmd: [x]\n',
    );
    assert.equal(set('dependencies:\n  net: ~ # any\n', 'net', '^1'), 'dependencies:\n  net: ^1 # any\n');
    assert.equal(set('dependencies:\n  net: # any\n', 'net', '^1'), 'dependencies:\n  net: ^1 # any\n');
  });

  it('refuses to change what another dependency repeats, or what cannot be read afterwards', () => {
    const refused = (edit: () => string) =>
      assert.throws(edit, {
        code: 'BUNNY_EEDIT',
        message: /libc is written so that it does not change alone$/,
      });
    const repeated = `${head}dependencies:\n  libc: &range ^1.0\n  net: *range\n`;
    refused(() => setDependency(repeated, 'libc', '^2.0', 'Bunnyfile'));
    refused(() => removeDependency(repeated, 'libc', 'Bunnyfile'));
    refused(() => setDependency('{ version: v0.1, platforms: { framework: w } }', 'libc', '^1', 'Bunnyfile'));
    assert.equal(
      removeDependency(repeated, 'net', 'Bunnyfile'),
      `${head}dependencies:\n  libc: &range ^1.0\n`,
    );
  });

  it('changes a range and nothing else, with the quotes that it has', () => {
    assert.equal(
      set('dependencies:\n  net: "^1.0"  # pinned\n', 'net', '^2.0.0'),
      'dependencies:\n  net: "^2.0.0"  # pinned\n',
    );
    assert.equal(set("dependencies: { net: '1.x' }\n", 'net', '^2.0.0'), "dependencies: { net: '^2.0.0' }\n");
    assert.equal(
      set('dependencies:\n  net: { version: ^1.0, options: { ipv6: true } }\n', 'net', '>=1 <3'),
      'dependencies:\n  net: { version: ">=1 <3", options: { ipv6: true } }\n',
    );
    assert.equal(
      set('dependencies:\n  net:\n    options: { ipv6: true }\n  x: "*"\n', 'net', '^2.0.0'),
      'dependencies:\n  net:\n    version: ^2.0.0\n    options: { ipv6: true }\n  x: "*"\n',
    );
  });

  it('keeps the line ends of the file', () => {
    const body = 'dependencies:\r\n  libc: ^1.0\r\n';
    assert.equal(set(body, 'net', '^1.0.0'), 'dependencies:\r\n  libc: ^1.0\r\n  net: ^1.0.0\r\n');
  });

  it('refuses what it cannot edit', () => {
    const aliased = `${head.replace('version', 'x-a: &a { libc: ^1.0 }\nversion')}dependencies: *a\n`;
    assert.throws(() => setDependency(aliased, 'net', '*', 'Bunnyfile'), { code: 'BUNNY_EEDIT' });
    assert.throws(() => setDependency(`${head}dependencies: auto\n`, 'net', '*', 'Bunnyfile'), {
      code: 'BUNNY_EEDIT',
      hint: 'write them out first: `bunny add --auto`',
    });
  });
});

describe('removeDependency', () => {
  it('takes out the lines of one dependency', () => {
    const body =
      'dependencies:\n  # the C library\n  libc: ^1.0\n  net:\n    version: ^1.2\n    options: { ipv6: true } # six\n  zlib: "*"\ncmd: [x]\n';
    assert.equal(
      remove(body, 'net'),
      'dependencies:\n  # the C library\n  libc: ^1.0\n  zlib: "*"\ncmd: [x]\n',
    );
    assert.equal(remove(body, 'zlib'), body.replace('  zlib: "*"\n', ''));
  });

  it('takes one out of braces', () => {
    const body = 'dependencies: { a: ^1.0, b: { version: ^1.0 }, c: "*" }\n';
    assert.equal(remove(body, 'a'), 'dependencies: { b: { version: ^1.0 }, c: "*" }\n');
    assert.equal(remove(body, 'b'), 'dependencies: { a: ^1.0, c: "*" }\n');
    assert.equal(remove(body, 'c'), 'dependencies: { a: ^1.0, b: { version: ^1.0 } }\n');
  });

  it('takes out the section with its last entry, unless comments stand in it', () => {
    assert.equal(
      remove('cmd: [x]\ndependencies:\n  net: ^1.0\nenvs: [A=1]\n', 'net'),
      'cmd: [x]\nenvs: [A=1]\n',
    );
    assert.equal(remove('dependencies: { net: ^1.0 }\ncmd: [x]\n', 'net'), 'cmd: [x]\n');
    assert.equal(
      remove('dependencies:\n  # keep me\n  net: ^1.0\ncmd: [x]\n', 'net'),
      'dependencies:\n  # keep me\ncmd: [x]\n',
    );
  });

  it('tells what a merge key brings, and removes none of it', () => {
    const merged = `${head}dependencies:\n  <<: { libc: ^1.0 }\n  net: ^1.0\n`;
    assert.equal(
      removeDependency(merged, 'net', 'Bunnyfile'),
      `${head}dependencies:\n  <<: { libc: ^1.0 }\n`,
    );
    const both = setDependency(merged, 'libc', '^1.1', 'Bunnyfile');
    for (const text of [merged, both]) {
      assert.throws(() => removeDependency(text, 'libc', 'Bunnyfile'), {
        code: 'BUNNY_EEDIT',
        message: /libc comes from a merge key/,
      });
    }
    assert.throws(() => removeDependency(merged, 'nt', 'Bunnyfile'), { hint: 'it has libc, net' });
  });

  it('names what is there where the name is not', () => {
    assert.throws(() => removeDependency(`${head}dependencies: { a: "*" }\n`, 'b', 'Bunnyfile'), {
      code: 'BUNNY_ENOTFOUND',
      hint: 'it has a',
    });
  });
});

describe('writeDependencies', () => {
  const ranges = { time: '^2.0.0', libc: '^1.0.0' };
  const written = (text: string, what: Record<string, string> = ranges) =>
    writeDependencies(text, what, 'Bunnyfile');

  it('puts ranges in the place of auto', () => {
    assert.equal(
      written(`${head}dependencies: auto # found out\ncmd: [x]\n`),
      `${head}dependencies: # found out\n  libc: ^1.0.0\n  time: ^2.0.0\ncmd: [x]\n`,
    );
    assert.equal(
      written('{ version: v0.1, dependencies: auto }'),
      '{ version: v0.1, dependencies: { libc: ^1.0.0, time: ^2.0.0 } }',
    );
  });

  it('puts none there where there are none', () => {
    assert.equal(written(`${head}dependencies: auto\n`, {}), `${head}dependencies: {}\n`);
  });

  it('adds to what is there already, or where nothing is', () => {
    assert.equal(
      written(`${head}dependencies:\n  net: ^1.0 # mine\n`),
      `${head}dependencies:\n  libc: ^1.0.0\n  net: ^1.0 # mine\n  time: ^2.0.0\n`,
    );
    assert.equal(written(head), `${head}dependencies:\n  libc: ^1.0.0\n  time: ^2.0.0\n`);
    assert.equal(written(head, {}), head);
  });
});

describe('editing a Bunnyfile', () => {
  const name = fc.constantFrom('args', 'libc', 'main', 'net', 'zlib', 'x-y');
  const range = fc.constantFrom('^1.0.0', '*', '>=1 <3', '~1.2', '1 || 2', '1.x', '>=1.0.0');
  const space = fc.constantFrom('', ' ', '  # note');
  const block = fc
    .uniqueArray(fc.tuple(name, range, space), { selector: ([name]) => name, maxLength: 4 })
    .map((lines) => lines.map(([name, range, space]) => `  ${name}: '${range}'${space}\n`).join(''))
    .map((lines) => (lines === '' ? '' : `dependencies:\n${lines}`));
  const flow = fc
    .uniqueArray(fc.tuple(name, range), { selector: ([name]) => name, maxLength: 4 })
    .map((pairs) => `dependencies: { ${pairs.map(([name, range]) => `${name}: "${range}"`).join(', ')} }\n`);
  const tail = fc.constantFrom('', 'cmd: [x]\n', '# the end\n', '\n\nenvs: [A=1]\n', 'cmd: [x]');

  it('undoes itself, byte for byte', () => {
    fc.assert(
      fc.property(fc.oneof(block, flow), tail, name, range, (body, tail, name, range) => {
        const text = `${head}${body}${tail}`;
        const before = readBunnyfile(text, 'Bunnyfile').value.dependencies;
        const edited = setDependency(text, name, range, 'Bunnyfile');
        const after = readBunnyfile(edited, 'Bunnyfile').value.dependencies;
        assert.deepEqual(after, { ...before, [name]: { version: range } });
        if (Object.hasOwn(before, name) || Object.keys(before).length === 0) return;
        assert.equal(removeDependency(edited, name, 'Bunnyfile'), text);
      }),
      { numRuns: 500 },
    );
  });
});
