import assert from 'node:assert/strict';
import { type AnnotationValues, imageAnnotations } from './image-annotations.js';

describe('annotations of an image', () => {
  const values: AnnotationValues = {
    name: 'hello',
    framework: 'warren',
    arch: 'amd64',
    platform: 'qemu',
    version: '1.2.0',
    kernel: '/.boot/kernel',
    rootfs: undefined,
    cmd: '--port 80',
  };
  const of = (annotations?: Record<string, string>, more: Partial<AnnotationValues> = {}) =>
    imageAnnotations(
      annotations === undefined ? {} : { annotations },
      { ...values, ...more },
      new Map([['memory', '64']]),
      'targets[0].annotations',
    );

  it('are those that urunc reads where the target names none, without what the image lacks', () => {
    assert.deepEqual(of(), {
      'com.urunc.unikernel.unikernelType': 'warren',
      'com.urunc.unikernel.hypervisor': 'qemu',
      'com.urunc.unikernel.binary': '/.boot/kernel',
      'com.urunc.unikernel.cmdline': '--port 80',
      'com.urunc.unikernel.unikernelVersion': '1.2.0',
      'com.urunc.unikernel.mountRootfs': 'false',
    });
    const full = of(undefined, { rootfs: '/.boot/rootfs', cmd: undefined });
    assert.equal(full['com.urunc.unikernel.initrd'], '/.boot/rootfs');
    assert.ok(!('com.urunc.unikernel.cmdline' in full));
  });

  it('are those that the target names, with its variables', () => {
    assert.deepEqual(
      of({ 'a.kernel': 'file:$kernel', 'a.memory': '${memory}M', 'a.root': 'x $rootfs', b: 'on' }),
      {
        'a.kernel': 'file:/.boot/kernel',
        'a.memory': '64M',
        b: 'on',
      },
    );
    assert.throws(() => of({ a: '$kernle' }), { code: 'BUNNY_ETEMPLATE' });
    assert.deepEqual(of({}), {});
  });
});
