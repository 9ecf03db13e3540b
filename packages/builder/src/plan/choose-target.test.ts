import assert from 'node:assert/strict';
import { chooseTarget } from './choose-target.js';

const target = (text: string) => {
  const [arch = '', platform = ''] = text.split('/');
  return { arch, platform };
};
const all = ['amd64/linuxu', 'amd64/qemu', 'arm64/qemu'].map(target);

describe('chooseTarget', () => {
  const chosen = (
    bunnyfile: { architecture?: string; monitor?: string; targets?: string[] },
    here = 'amd64',
  ) => {
    const { targets = [], ...platforms } = bunnyfile;
    const found = chooseTarget(all, { ...platforms, targets: targets.map(target) }, here);
    return `${found?.arch}/${found?.platform}`;
  };

  it('takes the monitor and the architecture that the Bunnyfile names', () => {
    assert.equal(chosen({ monitor: 'qemu' }), 'amd64/qemu');
    assert.equal(chosen({ monitor: 'qemu', architecture: 'arm64' }), 'arm64/qemu');
    assert.equal(chosen({ monitor: 'linuxu', architecture: 'arm64' }), 'amd64/linuxu');
  });

  it('takes what this machine runs, then what is listed first', () => {
    assert.equal(chosen({}, 'arm64'), 'arm64/qemu');
    assert.equal(chosen({}), 'amd64/linuxu');
    assert.equal(chosen({ targets: ['arm64/qemu', 'amd64/qemu', 'amd64/linuxu'] }), 'amd64/qemu');
    assert.equal(chosen({ targets: ['arm64/qemu', 'amd64/qemu'] }, 'riscv64'), 'arm64/qemu');
  });

  it('takes nothing of nothing', () => {
    assert.equal(chooseTarget([], { targets: [] }, 'amd64'), undefined);
  });
});
