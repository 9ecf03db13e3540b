import assert from 'node:assert/strict';
import { configurationLabel, settingWords } from './local-variant.js';

describe('what a variant is called', () => {
  it('names settings whose values do not speak for themselves', () => {
    const settings = { arch: 'amd64', platform: 'qemu', lto: true, heap: 3 };
    assert.deepEqual(settingWords(settings), ['amd64', 'qemu', 'lto=true', 'heap=3']);
    assert.equal(
      configurationLabel({ settings, options: { ipv6: false } }),
      '(amd64, qemu, lto=true, heap=3; ipv6=false)',
    );
    assert.equal(configurationLabel({ settings: {}, options: {} }), '');
  });
});
