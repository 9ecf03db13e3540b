import { BunnyError, errorCodes, errorStatuses, exitStatus, own, suggestion } from 'bunny-libos-spec';
import type { Run } from '../../options/command.js';

/** `bunny explain` */
export async function run({ terminal, program }: Run, word: string): Promise<number> {
  const code = codeOf(word);
  const statuses = errorStatuses[code].map((status: number) => ({
    status,
    meaning: program.statuses.find(([number]) => number === status)?.[1] ?? '',
  }));
  const ends = statuses.map(({ status, meaning }) => `${status} (${meaning})`).join(' or ');
  terminal.print(`${code}: ${errorCodes[code]}\nExit status: ${ends}.`);
  terminal.result({ code, meaning: errorCodes[code], statuses });
  return exitStatus.done;
}

/** `enosolution`, `ENOSOLUTION` and `BUNNY_ENOSOLUTION` are one. Throws BUNNY_EUSAGE for what is none. */
function codeOf(word: string): keyof typeof errorCodes {
  const written = word.toUpperCase();
  const code = written.startsWith('BUNNY_') ? written : `BUNNY_${written}`;
  if (own(errorCodes, code) !== undefined) return code as keyof typeof errorCodes;
  throw new BunnyError('BUNNY_EUSAGE', `no error has the code ${JSON.stringify(word)}`, {
    where: 'bunny explain',
    hint: suggestion(code, Object.keys(errorCodes)) ?? 'docs/reference/errors.md lists all codes',
    exitStatus: exitStatus.usage,
  });
}
