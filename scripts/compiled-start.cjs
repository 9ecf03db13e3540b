// Starts a CommonJS program as the packed command line starts its own: with what V8 made of it the first time, which
// is kept beside it for each first argument. `node compiled-start.cjs PROGRAM ARGUMENT...`, for benchmarks.
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

const [program] = process.argv.splice(2, 1);
const kept = `${program}.${/^\w+$/.test(process.argv[2]) ? process.argv[2] : 'compiled'}`;
const cachedData = existsSync(kept) ? readFileSync(kept) : undefined;
const script = new Script(`(function(require){${readFileSync(program, 'latin1')}\n})`, {
  filename: program,
  cachedData,
});
if (script.cachedDataRejected) throw new Error('what V8 kept of the program is of no use to it');
if (cachedData === undefined) {
  const { setFlagsFromString } = require('node:v8');
  setFlagsFromString('--no-flush-bytecode');
  process.once('exit', () => {
    setFlagsFromString('--flush-bytecode');
    writeFileSync(kept, script.createCachedData());
  });
}
script.runInThisContext()(require);
