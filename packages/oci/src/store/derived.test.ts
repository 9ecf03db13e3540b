import assert from 'node:assert/strict';
import { describe as describeContent } from '../content/content.js';
import { Store } from './store.js';

describe('what is made of content', () => {
  const content = describeContent('text/plain', Buffer.from('content'));
  const other = describeContent('text/plain', Buffer.from('other'));

  it('is made once for all who ask for the same', async () => {
    const store = new Store('/nowhere');
    let made = 0;
    const make = async () => `made ${++made}`;
    const both = [store.derived('words', content, make), store.derived('words', content, make)];
    assert.deepEqual(await Promise.all(both), ['made 1', 'made 1']);
    assert.equal(await store.derived('words', content, make), 'made 1');
    assert.equal(await store.derived('words', other, make), 'made 2');
    assert.equal(await store.derived('letters', content, make), 'made 3');
    assert.equal(await store.derived('words', { ...content, size: content.size + 1 }, make), 'made 4');
  });

  it('is made by who can where somebody else could not', async () => {
    const store = new Store('/nowhere');
    const [first, second] = await Promise.allSettled([
      store.derived('words', content, () => Promise.reject(new Error('no source'))),
      store.derived('words', content, async () => 'made'),
    ]);
    assert.equal(first.status, 'rejected');
    assert.deepEqual(second, { status: 'fulfilled', value: 'made' });
    assert.equal(await store.derived('words', content, () => Promise.reject(new Error('again'))), 'made');
  });
});
