import { defaultStoreDirectory } from 'bunny-libos-oci';
import { exitStatus } from 'bunny-libos-spec';
import type { Run } from '../../options/command.js';

/** `bunny cache dir` */
export async function run({ terminal }: Run): Promise<number> {
  const directory = defaultStoreDirectory();
  terminal.print(directory);
  terminal.result({ directory });
  return exitStatus.done;
}
