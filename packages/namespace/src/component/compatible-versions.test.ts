import assert from 'node:assert/strict';
import { compatibleLine, newestForAny, newestOfLines, predecessor } from './compatible-versions.js';

describe('versions that are compatible', () => {
  it('are told by what ^ takes', () => {
    const lines = ['1.0.0', '1.9.2', '0.3.1', '0.0.4', '2.0.0-rc.1'].map(compatibleLine);
    assert.deepEqual(lines, ['1', '1', '0.3', '0.0.4', '2']);
  });

  it('have one that is the newest, a pre-release only where there is nothing else', () => {
    assert.deepEqual(
      newestOfLines(['1.0.0', '1.10.0', '1.9.0', '1.11.0-rc.1', '2.0.0-rc.1', '0.2.0', '0.1.9']),
      ['2.0.0-rc.1', '1.10.0', '0.2.0', '0.1.9'],
    );
  });

  it('have one for who asks for any: a hyphen of build metadata makes no pre-release', () => {
    assert.equal(newestForAny(['1.0.0', '1.1.0+build-7', '2.0.0-rc.1']), '1.1.0+build-7');
    assert.equal(newestForAny(['1.0.0-rc.1', '1.0.0-rc.2']), '1.0.0-rc.2');
    assert.equal(newestForAny([]), undefined);
  });

  it('have one that comes just before', () => {
    const published = ['1.0.0', '1.2.0', '1.4.0', '2.0.0', '0.9.0'];
    assert.equal(predecessor('1.3.0', published), '1.2.0');
    assert.equal(predecessor('1.2.0', published), '1.0.0');
    assert.equal(predecessor('2.0.0', published), undefined);
    assert.equal(predecessor('0.9.1', published), '0.9.0');
  });
});
