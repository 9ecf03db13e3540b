// Starts a CommonJS program as the packed command line starts its own: with what V8 made of it the first time, which
// is kept beside it for each first argument. `node compiled-start.cjs PROGRAM ARGUMENT...`, for benchmarks.
const { lstatSync, readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

const [program] = process.argv.splice(2, 1);
const kept = `${program}.${/^\w+$/.test(process.argv[2]) ? process.argv[2] : 'compiled'}`;
const status = lstatSync(kept, { throwIfNoEntry: false });
if (
  status !== undefined &&
  (!status.isFile() || status.uid !== process.getuid() || (status.mode & 0o022) !== 0)
) {
  throw new Error(`${kept} could be somebody else’s`);
}
const cachedData = status === undefined ? undefined : readFileSync(kept);
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
    writeFileSync(kept, script.createCachedData(), { mode: 0o600, flag: 'wx' });
  });
}
script.runInThisContext()(require);
