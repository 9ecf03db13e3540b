import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '../files/temporary.js';
import { type BunnyOptions, bunnyDone } from './bunny.js';

/** Counts what is opened by name, in the program that loads it first, and writes that to a file at its end. */
const counter = (log: string) => `
const fs = require('node:fs');
const path = require('node:path');
const opened = new Map();
const { writeFileSync } = fs;
function count(module, name) {
  const real = module[name];
  module[name] = function (file, ...rest) {
    if (typeof file === 'string') {
      const where = path.resolve(file);
      opened.set(where, (opened.get(where) ?? 0) + 1);
    }
    return real.call(this, file, ...rest);
  };
}
for (const module of [fs, fs.promises]) {
  for (const name of ['open', 'openSync', 'readFile', 'readFileSync']) if (name in module) count(module, name);
}
require('node:module').syncBuiltinESMExports();
process.on('exit', () => writeFileSync(${JSON.stringify(log)}, JSON.stringify([...opened])));
`;

/** Runs `bunny`, requires that it succeeds, and gives the files that it opened by name, each with how many times. */
export async function openedFiles(
  words: readonly string[],
  options: BunnyOptions,
): Promise<ReadonlyMap<string, number>> {
  const directory = await temporaryDirectory('opened');
  const program = join(directory, 'counter.cjs');
  const log = join(directory, 'log.json');
  await writeFile(program, counter(log));
  await bunnyDone(words, { ...options, env: { ...options.env, NODE_OPTIONS: `--require=${program}` } });
  return new Map(JSON.parse(await readFile(log, 'utf8')) as [string, number][]);
}
