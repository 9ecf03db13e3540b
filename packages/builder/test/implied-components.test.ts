import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBunnyfile, type ToolingRules } from 'bunny-libos-spec';
import { impliedComponents } from '../src/plan/implied-components.js';

const rules = {
  framework: 'toy',
  languages: {
    c: { files: ['*.c'], implies: {} },
    'c++': { files: ['*.cc'], implies: { 'cxx-runtime': '^1.0', libc: '>=1.2' } },
    zig: { files: ['*.zig'], implies: { libc: '^1.0' } },
  },
} as unknown as ToolingRules;

describe('impliedComponents', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bunny-implied-'));
    for (const file of ['a.c', 'b.cc', 'c.zig']) await writeFile(join(directory, file), '');
  });
  after(() => rm(directory, { recursive: true }));

  const implied = (sources: string, of = rules) => {
    const text = `version: v0.1\nplatforms: { framework: toy }\napp: { sources: ${sources} }\n`;
    const { value, at } = readBunnyfile(text, 'Bunnyfile', 'app');
    assert.ok(value.app);
    return impliedComponents(value.app, of, directory, at);
  };

  it('follows the languages that are used', async () => {
    assert.deepEqual(await implied('[a.c]'), {});
    assert.deepEqual(await implied('[a.c, b.cc]'), { 'cxx-runtime': '^1.0', libc: '>=1.2' });
  });

  it('asks for what satisfies all of them', async () => {
    assert.deepEqual(await implied('["*"]'), { 'cxx-runtime': '^1.0', libc: '>=1.2.0 >=1.0.0 <2.0.0-0' });
  });

  it('takes alternatives of one language together with the range of another', async () => {
    const { c, zig } = rules.languages;
    const either = { ...rules, languages: { c: { ...c, implies: { libc: '^1.0 || ^2.0' } }, zig } };
    const { libc = '' } = await implied('[a.c, c.zig]', either as unknown as ToolingRules);
    assert.equal(libc, '>=1.0.0 <2.0.0-0 || >=2.0.0 <3.0.0-0 >=1.0.0 <2.0.0-0');
  });

  it('takes a component by any name', async () => {
    const { c } = rules.languages;
    const odd = { ...rules, languages: { c: { ...c, implies: { constructor: '^1.0' } } } };
    assert.deepEqual(await implied('[a.c]', odd as unknown as ToolingRules), { constructor: '^1.0' });
  });

  it('does not look for sources where no language implies anything', async () => {
    const plain = { ...rules, languages: { c: rules.languages.c } } as ToolingRules;
    assert.deepEqual(await implied('[missing.c]', plain), {});
  });
});
