import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { bunny } from '../commands/bunny.js';
import type { Program } from '../options/command.js';
import { toggle } from '../options/flag.js';
import { manualPages } from './roff.js';

/** A page as groff shows it, and what it complains of. */
function shown(page: string): { text: string; complaints: string } {
  const words = ['-man', '-ww', '-Tutf8', '-P-cbou', '-rLL=200n'];
  const { stdout, stderr } = spawnSync('groff', words, { input: page, encoding: 'utf8' });
  return { text: stdout, complaints: stderr };
}

describe('the manual pages', () => {
  it('are one for each command, and groff finds nothing wrong with any', () => {
    const pages = manualPages(bunny, '1.2.3');
    assert.ok(pages.has('bunny.1') && pages.has('bunny-build.1') && pages.has('bunny-import-solo5.1'));
    assert.ok(![...pages.keys()].some((name) => name.includes('completion-values')));
    for (const [name, page] of pages) assert.equal(shown(page).complaints, '', name);
  });

  it('show flags and examples as they are typed, whatever stands in them', () => {
    const line = '.it\'s \\fBa\\fR `b` "c" ^~ --x-y … é';
    const command = {
      name: 'odd',
      about: 'do it',
      operands: [],
      flags: { dryRun: toggle("'text that begins with a quote") },
      notes: '.SH is not a heading\n\n\\nor an escape',
      examples: [[line]],
      run: async () => 0,
    } as const;
    const program: Program = {
      name: 'x',
      about: 'a program',
      notes: '',
      environment: [],
      statuses: [],
      commands: [command],
    };
    const { text, complaints } = shown(manualPages(program, '1').get('x-odd.1') ?? '');
    assert.equal(complaints, '');
    for (const part of [
      line,
      '--dry-run',
      "'text that begins with a quote",
      '.SH is not a heading',
      '\\nor an escape',
    ])
      assert.ok(text.includes(part), `${part}\n${text}`);
  });
});
