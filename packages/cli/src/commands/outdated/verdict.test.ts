import assert from 'node:assert/strict';
import type { OutdatedComponent } from 'bunny-libos-resolver';
import { verdict } from './verdict.js';

const component = (current: string, more: Partial<OutdatedComponent>): OutdatedComponent => ({
  name: 'libc',
  current,
  yanked: false,
  targets: ['amd64/qemu'],
  ...more,
});

describe('the verdict on a lock', () => {
  it('counts as newer just what is', () => {
    const newer = component('1.0.0', { wanted: '1.10.0', latest: '2.0.0' });
    const held = component('1.9.0', { wanted: '1.9.0', latest: '1.10.0' });
    const yanked = component('1.1.0', { wanted: '1.0.0', latest: '1.0.0', yanked: true });
    const replaced = component('1.1.0', { wanted: '1.2.0', latest: '1.2.0', yanked: true });
    const alone = component('1.0.0', { yanked: true });
    const lowered = component('2.0.0', { wanted: '1.0.0', latest: '2.0.0' });
    const leaving = component('2.0.0', { latest: '2.0.0' });
    assert.equal(verdict([]), 'all are up to date');
    assert.equal(verdict([newer, held]), '2 could be newer');
    assert.equal(verdict([yanked]), '1 is yanked');
    assert.equal(verdict([newer, yanked, alone, replaced]), '2 could be newer, 2 are yanked');
    assert.equal(verdict([lowered, leaving]), '2 would be older, or left out');
  });
});
