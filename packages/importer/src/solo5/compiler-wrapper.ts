import { BunnyError } from 'bunny-libos-spec';

/** What the `cc` that Solo5 installs adds to a compiler's command line. */
export interface CompilerWrapper {
  /** Flags without those that name directories, as they stand there. */
  flags: string[];
  /** Whether the compiler's own headers stand below `include/TRIPLE`. */
  hasOwnHeaders: boolean;
}

/** The branch that compiles, as configure.sh writes it: a command over several lines that ends in "$@". */
const compileBranch = /\n\s*compile\)\n(?:[^\n]*set -x\n)?\s*exec ([^;&|`]*?)"\$@"\s*\n\s*;;/;
/** A flag of a compiler: no quotes, no expansion, nothing that a shell would act upon. */
const plainFlag = /^-[\w=.,+@/-]+$/;

/**
 * Reads the flags that apps are compiled with from the text of `bin/TRIPLE-cc`. The script is not run: it is read, and one
 * that has another form than configure.sh gives it is refused. Throws BUNNY_EIMPORT.
 */
export function readCompilerWrapper(text: string, triple: string, where: string): CompilerWrapper {
  const [, command] = compileBranch.exec(text) ?? [];
  if (command === undefined) throw unreadable(where, 'it has no branch that compiles');
  const [, ...words] = command.replaceAll('\\\n', ' ').trim().split(/\s+/);
  const flags: string[] = [];
  let hasOwnHeaders = false;
  while (words.length > 0) {
    const word = words.shift() ?? '';
    if (word === '-isystem' || word === '-I') {
      const directory = words.shift() ?? '';
      // Those of the component are searched anyway.
      if (directory === `\${I}/${triple}`) hasOwnHeaders = true;
      else if (directory !== '${I}/solo5') throw unreadable(where, `it searches ${directory}`);
    } else if (plainFlag.test(word)) flags.push(word);
    else throw unreadable(where, `it has the word ${JSON.stringify(word)}`);
  }
  return { flags, hasOwnHeaders };
}

function unreadable(where: string, why: string): BunnyError {
  return new BunnyError(
    'BUNNY_EIMPORT',
    `the compiler's wrapper is not as Solo5's configure.sh writes it: ${why}`,
    {
      where,
      hint: 'import an unchanged installation of Solo5 0.7 or newer',
    },
  );
}
