import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { repositoryFile } from 'bunny-libos-testing/repository.js';

const run = promisify(execFile);

describe('scripts/release', () => {
  let checkout: string;
  const git = (...words: string[]) =>
    run('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.org', ...words], { cwd: checkout });
  const release = async (version: string) => {
    const { stderr } = await run('scripts/release', [version], { cwd: checkout }).then(
      () => assert.fail('it was released'),
      (error: { stderr: string }) => error,
    );
    return stderr;
  };

  beforeEach(async () => {
    checkout = await temporaryDirectory('release');
    await mkdir(join(checkout, 'scripts'));
    await cp(repositoryFile('scripts/release'), join(checkout, 'scripts', 'release'));
    await writeFiles(checkout, { 'CHANGELOG.md': '## [Unreleased]\n\n- News.\n\n## [0.1.0] - 2026-11-28\n' });
    await git('init', '--quiet');
    await git('add', '.');
    await git('commit', '--quiet', '--message', 'all');
  });

  it('asks for what is kept of the formats of that line', async () => {
    for (const version of ['7.3.0', '7.3.1', '7.3.0-rc.1'])
      assert.match(await release(version), /what Bunny 7\.3 publishes: run scripts\/keep-format 7\.3/);
    await writeFiles(checkout, { 'fixtures/formats/7.3/registry/index.json': '{}' });
    assert.match(await release('7.3.0'), /the work tree has changes/);
    await git('add', '.');
    await git('commit', '--quiet', '--message', 'kept');
    // What comes after that check is not in this checkout.
    assert.match(await release('7.3.0'), /set-version\.mjs/);
    assert.match(await release('7.4.0'), /scripts\/keep-format 7\.4/);
  });
});
