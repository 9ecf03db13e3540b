import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { writeUntilComplete } from './concurrent-writing.js';

describe('what several write at the same time', () => {
  const giveUp = () => new Error('without pause');

  it('has it all in the end, however their looks and writes fall', async () => {
    const truth = new Set<number>();
    let derived: readonly number[] = [];
    const writers = Array.from({ length: 12 }, async (_, number) => {
      await pause(Math.random() * 10);
      truth.add(number);
      await writeUntilComplete({
        look: async () => {
          const there = derived;
          await pause(Math.random() * 3);
          const missing = [...truth].filter((each) => !there.includes(each));
          return missing.length === 0 ? undefined : [...there, ...missing];
        },
        write: async (all) => {
          await pause(Math.random() * 3);
          derived = all;
        },
        giveUp,
      });
    });
    await Promise.all(writers);
    assert.deepEqual([...derived].sort(), [...truth].sort());
  });

  it('is looked at once where nothing is missing, and not without end where something always is', async () => {
    const rounds: number[] = [];
    let written = 0;
    const look = async (round: number) => {
      rounds.push(round);
      return round;
    };
    const write = async () => {
      written += 1;
    };
    await writeUntilComplete({ look: async () => undefined, write, giveUp });
    assert.equal(written, 0);
    await assert.rejects(writeUntilComplete({ look, write, giveUp }), /without pause/);
    assert.deepEqual([rounds.length, written], [20, 20]);
  });
});
