import assert from 'node:assert/strict';
import { appFiles } from './app-template.js';

const rules = (template: Record<string, string>) => ({ framework: 'toy', version: '1.0.0', template });

describe('the files of a first app', () => {
  const template = { Bunnyfile: 'name: $name\n', 'src/main.c': '/* $name */\n' };

  it('have its name, and the registries that are given', () => {
    assert.deepEqual(
      [...appFiles(rules(template), { name: 'x', registries: [] })],
      [
        ['Bunnyfile', 'name: x\n'],
        ['src/main.c', '/* x */\n'],
      ],
    );
    const files = appFiles(rules(template), { name: 'x', registries: ['oci:../r', 'host/libos'] });
    assert.equal(files.get('Bunnyfile'), 'name: x\nregistries:\n  - "oci:../r"\n  - "host/libos"\n');
  });

  it('keep the registries that the template names', () => {
    const named = rules({ Bunnyfile: 'name: $name\nregistries: [host/libos]\n' });
    assert.equal(
      appFiles(named, { name: 'x', registries: ['oci:r'] }).get('Bunnyfile'),
      'name: x\nregistries: [host/libos]\n',
    );
  });

  it('stay in the directory, and have a Bunnyfile', () => {
    for (const path of ['../x', '/etc/x', 'a/../../x']) {
      const hostile = rules({ ...template, [path]: '' });
      assert.throws(() => appFiles(hostile, { name: 'x', registries: [] }), { code: 'BUNNY_EPATH' });
    }
    assert.throws(() => appFiles(rules({}), { name: 'x', registries: [] }), { code: 'BUNNY_ENOTFOUND' });
  });
});
