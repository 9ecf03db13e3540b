import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CompiledFile } from './compiled-file.js';

describe('a compiled file', () => {
  let place: string;
  let file: string;
  let cached: string;

  beforeEach(() => {
    place = mkdtempSync(path.join(tmpdir(), 'bunny-compiled-'));
    file = path.join(place, 'program.cjs');
    cached = path.join(place, 'code/1/build');
    writeFileSync(
      file,
      'exports.sum = (a, b) => a + b; exports.basename = require("node:path").basename(__filename);',
    );
  });

  afterEach(() => rmSync(place, { recursive: true }));

  /** Loads the file, uses and keeps it. Tells whether it came from the cache. */
  function use(cache = place): boolean {
    const before = inode();
    const compiled = new CompiledFile({ file, cache, release: '1', part: 'build' });
    const { sum, basename } = compiled.exports as { sum(a: number, b: number): number; basename: string };
    assert.deepEqual([sum(2, 3), basename], [5, 'program.cjs']);
    compiled.keep();
    return before !== undefined && before === inode();
  }

  /** 2 + 3, as a process that begins anew has it. It keeps what V8 made of that. */
  function sumInNewProcess(): number {
    const module = new URL('./compiled-file.js', import.meta.url).href;
    const script = `import { CompiledFile } from ${JSON.stringify(module)};
      const options = { file: ${JSON.stringify(file)}, cache: ${JSON.stringify(place)}, release: '1', part: 'build' };
      const compiled = new CompiledFile(options);
      console.log(compiled.exports.sum(2, 3));
      compiled.keep();`;
    const words = ['--input-type=module', '--eval', script];
    return Number(execFileSync(process.execPath, words, { encoding: 'utf8' }));
  }

  const inode = () => statSync(cached, { throwIfNoEntry: false })?.ino;

  it('is kept, and not compiled again', () => {
    assert.equal(use(), false);
    assert.equal(statSync(cached).mode & 0o777, 0o600);
    assert.equal(use(), true);
  });

  it('is compiled anew where what was kept is damaged', () => {
    use();
    const bytes = readFileSync(cached);
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9);
    for (const damaged of [changed, bytes.subarray(0, 100), Buffer.alloc(bytes.length), Buffer.alloc(0)]) {
      rmSync(cached);
      writeFileSync(cached, damaged, { mode: 0o600 });
      assert.equal(use(), false);
      assert.equal(use(), true);
    }
  });

  it('takes no code that others could have written', () => {
    use();
    chmodSync(cached, 0o666);
    assert.equal(use(), false);
    assert.equal(statSync(cached).mode & 0o777, 0o600);
  });

  it('takes no code from where others could have put it', () => {
    const honest = readFileSync(file, 'utf8');
    // V8 takes what was made of another file of the same length.
    writeFileSync(file, honest.replace('a + b', 'a * b'));
    assert.equal(sumInNewProcess(), 6);
    writeFileSync(file, honest);
    assert.equal(sumInNewProcess(), 6, 'the attack has to work where nothing is open');
    const release = path.dirname(cached);
    for (const [directory, mode] of [
      [release, 0o777],
      [path.dirname(release), 0o770],
      [place, 0o777],
    ] as const) {
      chmodSync(directory, mode);
      assert.equal(sumInNewProcess(), 5, directory);
      chmodSync(directory, 0o700);
    }
  });

  it('follows no link, neither to read nor to keep', () => {
    const elsewhere = path.join(place, 'elsewhere');
    use();
    renameSync(cached, elsewhere);
    symlinkSync(elsewhere, cached);
    const before = statSync(elsewhere).mtimeMs;
    use();
    assert.equal(lstatSync(cached).isFile(), true);
    assert.equal(statSync(elsewhere).mtimeMs, before);
    assert.equal(use(), true);
    renameSync(path.dirname(cached), elsewhere.concat('s'));
    symlinkSync(elsewhere.concat('s'), path.dirname(cached));
    for (const name of readdirSync(elsewhere.concat('s'))) rmSync(path.join(elsewhere.concat('s'), name));
    use();
    assert.deepEqual(readdirSync(elsewhere.concat('s')), []);
    rmSync(path.dirname(cached));
  });

  it('does not wait for a pipe', () => {
    use();
    rmSync(cached);
    execFileSync('mkfifo', [cached]);
    chmodSync(cached, 0o600);
    assert.equal(use(), false);
  });

  it('takes the place of releases that nobody has used for a week', () => {
    const kept = (release: string, { written, read }: { written: number; read: number }) => {
      const directory = path.join(place, 'code', release);
      const ago = (days: number) => new Date(Date.now() - days * 86_400_000);
      mkdirSync(directory, { recursive: true });
      writeFileSync(path.join(directory, 'build'), '');
      utimesSync(path.join(directory, 'build'), ago(read), ago(written));
      utimesSync(directory, ago(written), ago(written));
    };
    kept('old', { written: 9, read: 8 });
    kept('read', { written: 9, read: 2 });
    kept('new', { written: 1, read: 1 });
    use();
    assert.deepEqual(readdirSync(path.join(place, 'code')).sort(), ['1', 'new', 'read']);
    kept('old', { written: 9, read: 8 });
    use();
    assert.ok(
      statSync(path.join(place, 'code/old')).isDirectory(),
      'a start from what was kept looks at nothing else',
    );
  });

  it('begins no cache, and does without one', () => {
    const nowhere = path.join(place, 'nowhere');
    assert.equal(use(nowhere), false);
    assert.equal(statSync(nowhere, { throwIfNoEntry: false }), undefined);
    assert.equal(use(file), false);
  });
});
