import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { repositoryFile } from 'bunny-libos-testing/repository.js';

const reference = pathToFileURL(repositoryFile('docs/reference/'));
const generator = repositoryFile('packages/spec/generate-reference.mjs');
const commandsGenerator = repositoryFile('scripts/generate-commands.mjs');
const apiGenerator = repositoryFile('scripts/generate-api.mjs');

describe('docs/reference', () => {
  it('is what the schemas and error codes say', () => {
    const { status, stderr } = spawnSync(process.execPath, [generator, '--check'], { encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });

  it('and docs/api are what the comments of the packages say', () => {
    const { status, stderr } = spawnSync(process.execPath, [apiGenerator, '--check'], { encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });

  it('has the commands as they are declared', () => {
    const words = [commandsGenerator, '--check'];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });

  it('links only to what is there', () => {
    for (const page of readdirSync(reference)) {
      const text = readFileSync(new URL(page, reference), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
        const [file = '', anchor] = target.split('#');
        const url = new URL(file === '' ? page : file, reference);
        assert.ok(existsSync(url), `${page} links to ${target}`);
        if (anchor === undefined) continue;
        const headings = [...readFileSync(url, 'utf8').matchAll(/^#+ `?(.*?)`?$/gm)].map(([, heading = '']) =>
          heading.toLowerCase().replaceAll(' ', '-'),
        );
        assert.ok(headings.includes(anchor), `${page} links to ${target}`);
      }
    }
  });
});
