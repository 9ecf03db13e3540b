import { type Command, Option } from 'commander';
import type { Act } from './options/action.js';
import { age, command, each, size } from './options/flags.js';

/** The commands about the store on this machine. */
export function cacheCommands(program: Command, act: Act): void {
  const cache = program.command('cache').description('the store of layers on this machine');
  command(cache, 'dir', 'print where the store is').action(act(() => import('./commands/cache-dir/run.js')));
  command(cache, 'ls', 'list what the store holds, the longest unused first').action(
    act(() => import('./commands/cache-ls/run.js')),
  );
  command(
    cache,
    'verify',
    'read all blobs and what is unpacked; status 1 where something was damaged, which is removed',
  ).action(act(() => import('./commands/cache-verify/run.js')));
  command(cache, 'prune', 'remove what is old, too much, or in no lock')
    .option('--older-than <AGE>', 'only what was not used for so long: 90m, 12h, 30d, 2w', age)
    .option(
      '--max-size <SIZE>',
      'only until the rest has this size, the longest unused first: 500MB, 2GB',
      size,
    )
    .addOption(new Option('--keep <LOCK>', 'nothing that this lock pins; may be repeated').argParser(each))
    .option('--all', 'everything, as far as the others allow')
    .option('--dry-run', 'say what would go, and do nothing')
    .addHelpText(
      'after',
      `
What is removed is fetched or made again when it is needed; a process that is at work is not disturbed.

Examples:
  bunny cache prune --older-than 30d
  bunny cache prune --keep app/bunny.lock --keep other/bunny.lock`,
    )
    .action(act(() => import('./commands/cache-prune/run.js')));
}
