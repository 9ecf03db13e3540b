// The command as scripts/bundle.mjs packs it, in two files: this one, and the program with all else.
import path from 'node:path';
import { defaultStoreDirectory } from 'bunny-libos-oci';
import { CompiledFile } from './compiled-file.js';
import { type Program, start } from './start.js';

/** Names the contents of program.cjs; the packer fills it in. */
declare const programDigest: string;

let program: CompiledFile | undefined;
void start(() => {
  program = new CompiledFile({
    file: path.join(import.meta.dirname, 'program.cjs'),
    cache: defaultStoreDirectory(),
    release: `${programDigest}-${process.version}-${process.arch}`,
    // Each command compiles functions of its own.
    part: commandName(),
  });
  return program.exports as Program;
}).finally(() => {
  // What `bunny cache prune` has removed stays removed.
  if (process.exitCode === 0 && commandName() !== 'cache') program?.keep();
});

function commandName(): string {
  const [first = ''] = process.argv.slice(2);
  return /^[a-z][a-z-]*$/.test(first) ? first : 'bunny';
}
