import { type Command, Option } from 'commander';
import type { Act } from './options/action.js';
import {
  architectures,
  bunnyfile,
  from,
  frozen,
  networkCommand,
  offline,
  platforms,
  whole,
} from './options/flags.js';

/** The commands that change what an app depends on, and that show it. */
export function dependencyCommands(program: Command, act: Act): void {
  changing(
    program,
    'add [NAME[@RANGE]...]',
    'add dependencies to the Bunnyfile, or change their ranges, and lock them',
  )
    .addOption(allowDowngrade())
    .option('--auto', 'add what the sources use: by the headers they include and the symbols they need')
    .addHelpText(
      'after',
      `
Without a range: the newest version with which all that is locked stays as it is, where there is none the
newest with the fewest changes, and what is compatible with it. The Bunnyfile keeps its comments and layout.

Examples:
  bunny add net             net: ^1.2.0, should that be the newest
  bunny add net disk        both at once, as they go together
  bunny add net@~1.1.0      a range as node-semver reads it
  bunny add --auto          what the sources use and the Bunnyfile does not name
  bunny add net --dry-run   what would change`,
    )
    .action(act(() => import('./commands/add/run.js')));

  changing(
    program,
    'remove <NAME...>',
    'take dependencies out of the Bunnyfile, and what only they need out of the lock',
  )
    .alias('rm')
    .addHelpText('after', '\nExamples:\n  bunny remove net\n  bunny remove net disk')
    .action(act(() => import('./commands/remove/run.js')));

  changing(program, 'update [NAME...]', 'lock newer versions, as the Bunnyfile allows')
    .addOption(allowDowngrade())
    .addHelpText(
      'after',
      `
With names: each of these as new as it can be, the first first, and of the others only what has to
follow, as few as possible; what the Bunnyfile asks for by name follows to newer versions only, unless
--allow-downgrade is given. Without: all, and the tooling layer. A component stays with the registry
that bunny.lock has it from.

Examples:
  bunny update             everything
  bunny update net libc    these two
  bunny update --dry-run   what would change`,
    )
    .action(act(() => import('./commands/update/run.js')));

  networkCommand(program, 'outdated', 'show for which locked components there are newer versions')
    .addOption(bunnyfile())
    .addOption(from())
    .addOption(offline())
    .addHelpText(
      'after',
      `
WANTED is what \`bunny update\` would lock; LATEST is the newest version there is, in range or not.
Notes say who needs what where that keeps the latest out.

Examples:
  bunny outdated
  bunny outdated --json | jq -r '.components[].name'`,
    )
    .action(act(() => import('./commands/outdated/run.js')));

  showing(program, 'tree [NAME]', 'show the closure as a tree, below the app or one component')
    .option('--invert', 'show who depends on a component, not what it depends on')
    .option('--depth <N>', 'levels below the first', whole)
    .addHelpText(
      'after',
      `
What is below a component is shown once; (*) marks its other places.

Examples:
  bunny tree
  bunny tree libc --invert   everything that needs libc
  bunny tree --arch arm64 --platform qemu`,
    )
    .action(act(() => import('./commands/tree/run.js')));

  showing(program, 'why <NAME>', 'show how a component comes into the closure')
    .addHelpText(
      'after',
      `
Where a newer version was seen, and somebody is known to keep it out, it says who needs what.

Example:
  bunny why libc`,
    )
    .action(act(() => import('./commands/why/run.js')));

  showing(program, 'graph', 'print the closure as a graph')
    .addOption(
      new Option('--format <FORMAT>', 'dot (Graphviz; the default), mermaid or json').choices([
        'dot',
        'mermaid',
        'json',
      ]),
    )
    .addHelpText(
      'after',
      `
Examples:
  bunny graph --arch amd64 --platform qemu | dot -Tsvg -o closure.svg
  bunny graph --format mermaid`,
    )
    .action(act(() => import('./commands/graph/run.js')));
}

function allowDowngrade(): Option {
  return new Option(
    '--allow-downgrade',
    'let components that the Bunnyfile asks for become older, so that another one becomes newer',
  );
}

function changing(program: Command, nameAndArguments: string, description: string): Command {
  return networkCommand(program, nameAndArguments, description)
    .addOption(bunnyfile())
    .addOption(from())
    .addOption(offline())
    .option('--dry-run', 'show what would change, and change nothing');
}

function showing(program: Command, nameAndArguments: string, description: string): Command {
  return networkCommand(program, nameAndArguments, description)
    .addOption(bunnyfile())
    .addOption(from())
    .addOption(architectures())
    .addOption(platforms())
    .addOption(frozen())
    .addOption(offline());
}
