import type { Command } from 'commander';
import type { Act } from './options/action.js';
import { command, filled } from './options/flags.js';

/** The commands that take a library OS as its own build leaves it. */
export function importCommands(program: Command, act: Act): void {
  const imports = program
    .command('import')
    .description('make directories to publish of a library OS that has a build of its own');
  importCommand(imports, 'solo5 <PREFIX>', 'an installed Solo5: its bindings, compiler flags and tenders')
    .addHelpText(
      'after',
      `
PREFIX is where Solo5 was installed. Its tenders stay there: have PREFIX/bin in PATH to boot with them.

Examples:
  bunny import solo5 ~/solo5 --out libos
  bunny publish libos --to oci:registry --allow-commands`,
    )
    .action(act(() => import('./commands/import-solo5/run.js')));
  importCommand(
    imports,
    'unikraft <BUILD_DIR...>',
    'finished builds of Unikraft 0.17: libraries, headers, rules',
  )
    .addHelpText(
      'after',
      `
BUILD_DIR is the directory 'build' of an app, after make; NAME=BUILD_DIR names its configuration, which is
otherwise called as the directory of the app. Several in one import share the libraries that are equal in them.

Examples:
  bunny import unikraft app/build --out libos
  bunny import unikraft small=hello/build web=server/build --out libos
  bunny publish libos --to oci:registry --allow-commands`,
    )
    .action(act(() => import('./commands/import-unikraft/run.js')));
}

function importCommand(parent: Command, nameAndArguments: string, description: string): Command {
  return command(parent, nameAndArguments, description)
    .requiredOption('--out <DIR>', 'the directory to write, new or empty', filled)
    .option(
      '--root <REF>',
      'an OCI image with compiler, linker, sh and ninja (default: a program that makes one of Debian packages)',
      filled,
    );
}
