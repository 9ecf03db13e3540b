import assert from 'node:assert/strict';
import { compatibleLine, newestOfLines, predecessor } from './compatible-versions.js';

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

  it('have one that comes just before', () => {
    const published = ['1.0.0', '1.2.0', '1.4.0', '2.0.0', '0.9.0'];
    assert.equal(predecessor('1.3.0', published), '1.2.0');
    assert.equal(predecessor('1.2.0', published), '1.0.0');
    assert.equal(predecessor('2.0.0', published), undefined);
    assert.equal(predecessor('0.9.1', published), '0.9.0');
  });
});
