import { defaultStoreDirectory } from 'bunny-libos-oci';
import { exitStatus } from 'bunny-libos-spec';
import type { CommonFlags, Run } from '../../options/action.js';

/** `bunny cache dir` */
export async function run({ terminal }: Run<CommonFlags>): Promise<number> {
  const directory = defaultStoreDirectory();
  terminal.print(directory);
  terminal.result({ directory });
  return exitStatus.done;
}
