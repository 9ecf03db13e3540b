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

  const refused = (paths: Record<string, string>) => {
    const hostile = rules({ ...template, ...paths });
    assert.throws(
      () => appFiles(hostile, { name: 'x', registries: [] }),
      { code: 'BUNNY_EPATH' },
      Object.keys(paths).join(),
    );
  };

  it('stay in the directory, and have a Bunnyfile', () => {
    for (const path of ['../x', '/etc/x', 'a/../../x', 'a//x', './x', 'a/./x', 'x/', '', 'a\\b', 'a\0b'])
      refused({ [path]: '' });
    assert.throws(() => appFiles(rules({}), { name: 'x', registries: [] }), { code: 'BUNNY_ENOTFOUND' });
  });

  it('have no names that other tools obey, on whatever file system', () => {
    const obeyed = [
      [
        '.git/hooks/post-checkout',
        '.GIT/config',
        'src/.git/config',
        './.git/config',
        '.github/workflows/x.yml',
      ],
      [
        '.envrc',
        '.npmrc',
        '.bashrc',
        '.vscode/settings.json',
        'a/b/.gitattributes',
        '.gitignore/x',
        '.Gitignore',
      ],
      [
        'git~1/config',
        'GIT~1/config',
        '\u200c.git/config',
        '.g\u200cit/config',
        ' .git/config',
        'a\u202e.git',
      ],
      ['x./y', 'x /y', 'x:y', '.git::$INDEX_ALLOCATION/x', 'HEAD', 'sub/head', '..', '...', 'a/.'],
    ];
    for (const path of obeyed.flat()) refused({ [path]: '' });
    const fine = rules({
      ...template,
      '.gitignore': 'x\n',
      'src/.gitignore': '',
      'größe/Ünï 2.c': '',
      'a-b/c++/x.S': '',
    });
    assert.equal(appFiles(fine, { name: 'x', registries: [] }).size, 6);
  });

  it('are as many on every file system', () => {
    refused({ 'src/Main.c': '' });
    refused({ 'Src/other.c': '' });
    refused({ src: '' });
    refused({ 'src/main.c/x': '' });
    refused({ 'a/\u00e9.c': '', 'a/e\u0301.c': '' });
    refused({ bunnyfile: '' });
  });
});
