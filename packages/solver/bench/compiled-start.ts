import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Script } from 'node:vm';

// Runs a CommonJS file as the command line runs its program: with what V8 made of it the first time.
const [file = ''] = process.argv.splice(2, 1);
const kept = `${file}.compiled`;
const cachedData = existsSync(kept) ? readFileSync(kept) : undefined;
const script = new Script(`(function(require){${readFileSync(file, 'latin1')}\n})`, {
  filename: file,
  ...(cachedData && { cachedData }),
});
if (script.cachedDataRejected) throw new Error('what V8 kept of the program is of no use to it');
script.runInThisContext()(require);
if (cachedData === undefined) writeFileSync(kept, script.createCachedData());
