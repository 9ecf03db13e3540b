import assert from 'node:assert/strict';
import { OnceMap } from './once-map.js';

describe('what is computed once for each key', () => {
  it('is shared by all who ask at the same time, and kept', async () => {
    const map = new OnceMap<string, object>();
    let computed = 0;
    const compute = async () => {
      computed++;
      await new Promise(setImmediate);
      return {};
    };
    const [one, other] = await Promise.all([map.get('a', compute), map.get('a', compute)]);
    assert.equal(one, other);
    assert.equal(await map.get('a', compute), one);
    assert.notEqual(await map.get('b', compute), one);
    assert.equal(computed, 2);
    assert.equal(await map.peek('a'), one);
    assert.equal(map.peek('c'), undefined);
    assert.deepEqual(await Promise.all(map.values()), [one, await map.peek('b')]);
  });

  it('tells a failure to all who share it, and tries again for who asks later', async () => {
    const map = new OnceMap<string, number>();
    const fail = async (): Promise<number> => {
      await new Promise(setImmediate);
      throw new Error('down');
    };
    const never = async () => assert.fail('computed a second time');
    await Promise.all([
      assert.rejects(map.get('a', fail), /down/),
      assert.rejects(map.get('a', never), /down/),
    ]);
    assert.equal(map.has('a'), false);
    assert.equal(await map.get('a', async () => 1), 1);
  });

  it('is only shared where that is asked for', async () => {
    const map = new OnceMap<string, object>();
    const compute = async () => {
      await new Promise(setImmediate);
      return {};
    };
    const [one, other] = await Promise.all([map.share('a', compute), map.share('a', compute)]);
    assert.equal(one, other);
    assert.equal(map.has('a'), false);
    assert.notEqual(await map.share('a', compute), one);
  });

  it('keeps what took the place of a computation that fails late', async () => {
    const map = new OnceMap<string, number>();
    const late = map.get('a', async () => {
      await new Promise(setImmediate);
      throw new Error('late');
    });
    map.set('a', 2);
    await assert.rejects(late, /late/);
    assert.equal(await map.get('a', async () => 3), 2);
  });
});
