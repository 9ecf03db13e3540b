import assert from 'node:assert/strict';
import { type Command, isGroup } from '../options/command.js';
import { parserOf } from '../options/parser.js';
import { explainUsage } from '../options/usage-error.js';
import { bunny } from './bunny.js';

const declared = bunny.commands.flatMap((each) =>
  isGroup(each)
    ? each.commands.map((command) => ({ path: `bunny ${each.name} ${command.name}`, command }))
    : [{ path: `bunny ${each.name}`, command: each }],
);

/** The command lines of ours in an example, without what a shell makes of the rest. */
function ownLines(line: string): string[][] {
  return line
    .split(/[|\n]|<\(/)
    .map((part) => part.trim())
    .filter((part) => part.startsWith('bunny '))
    .map((part) =>
      part
        .replace(/ [<>] .*$|\)$/, '')
        .split(' ')
        .slice(1),
    );
}

/** The command that a command line is read as. Throws where it cannot be read. */
async function readAs(words: string[]): Promise<Command> {
  const read: Command[] = [];
  const parser = parserOf(bunny, '1.0.0', words, async (command) => void read.push(command));
  explainUsage(parser, bunny);
  await parser.parseAsync(words, { from: 'user' });
  assert.ok(read[0] !== undefined);
  return read[0];
}

describe('the declarations of commands', () => {
  for (const { path, command } of declared) {
    if (command.hidden) continue;
    it(`${path} has examples that can be read as they stand`, async () => {
      const lines = command.examples.flatMap(([line]) => ownLines(line));
      assert.ok(lines.length > 0);
      const read = await Promise.all(lines.map((words) => readAs(words)));
      assert.ok(read.includes(command), 'one of them is of this command');
    });

    it(`${path} is explained in words that fit`, () => {
      const texts = [command.about, ...Object.values(command.flags).map(({ about }) => about)];
      for (const text of texts) assert.doesNotMatch(text, /[^.]\.$/, 'one line, no sentence');
      for (const line of (command.notes ?? '').split('\n')) assert.ok(line.length <= 120, line);
    });
  }

  it('knows no word of another tool that is a command here', () => {
    const names = bunny.commands.map(({ name }) => name);
    const words = declared.flatMap(({ command }) => command.otherWords ?? []);
    assert.deepEqual(
      words.filter((word) => names.includes(word)),
      [],
    );
  });

  it('names a command, a flag and a letter once', () => {
    const paths = declared.flatMap(({ path, command }) => [
      path,
      ...(command.aliases ?? []).map((alias) => path.replace(/\S+$/, alias)),
    ]);
    assert.deepEqual(paths, [...new Set(paths)]);
    for (const { path, command } of declared) {
      const letters = Object.values(command.flags).flatMap(({ short }) => short ?? []);
      assert.deepEqual(letters, [...new Set(letters)], path);
    }
  });
});
