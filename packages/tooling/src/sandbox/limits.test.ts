import assert from 'node:assert/strict';
import { defaultLimits, overLimit, readLimits } from './limits.js';

describe('limits of a sandbox', () => {
  const before = process.env.BUNNY_LIMIT;
  beforeEach(() => {
    delete process.env.BUNNY_LIMIT;
  });
  after(() => {
    if (before === undefined) delete process.env.BUNNY_LIMIT;
    else process.env.BUNNY_LIMIT = before;
  });

  it('are those of the machine, of the environment, and of the command line, the last being right', () => {
    assert.deepEqual(readLimits(), defaultLimits());
    process.env.BUNNY_LIMIT = 'memory=1GB, time=2m';
    const limits = readLimits(['memory=2GiB', 'processes=100', 'disk=none', 'memory=1.5GiB']);
    assert.deepEqual(limits, {
      ...defaultLimits(),
      memory: 1_610_612_736,
      processes: 100,
      disk: Infinity,
      time: 120_000,
    });
    assert.equal(readLimits(['time=90']).time, 90_000);
    assert.equal(readLimits(['time=1.5h']).time, 5_400_000);
  });

  it('are refused where they say nothing', () => {
    const refusal = (word: string) => {
      try {
        readLimits([word]);
      } catch (error) {
        const { code, message, hint } = error as { code: string; message: string; hint: string };
        return [code, message, hint];
      }
      return undefined;
    };
    assert.deepEqual(refusal('memroy=1GB'), [
      'BUNNY_EUSAGE',
      'there is no limit "memroy"',
      'did you mean "memory"?',
    ]);
    assert.match(refusal('x')?.[2] ?? '', /names are memory, processes, file-size, disk, tmp, time$/);
    for (const word of [
      'memory',
      'memory=',
      'memory=0',
      'memory=-1',
      'memory=much',
      'processes=1.5',
      'time=1d',
    ]) {
      assert.equal(refusal(word)?.[0], 'BUNNY_EUSAGE', word);
    }
    assert.deepEqual(refusal('time=soon')?.slice(1), [
      'the limit time cannot be "soon"',
      'write it as time=10m, or time=none',
    ]);
    assert.equal(refusal('constructor=1')?.[1], 'there is no limit "constructor"');
  });

  it('are named when one is met', () => {
    const limits = readLimits(['memory=4GB', 'time=90s']);
    assert.match(overLimit('memory', limits, 'x').message, /the limit memory is 4\.0 GB$/);
    assert.match(overLimit('time', limits, 'x').message, /the limit time is 90 s$/);
  });
});
