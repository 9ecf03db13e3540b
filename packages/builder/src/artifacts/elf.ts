import type { ArtifactType } from './artifact.js';

/** The bootable image as it was linked, and its root file system beside it. */
export const elf: ArtifactType = {
  type: 'elf',
  outputs: { image: '', initrd: '.initrd' },
  async write(files, { image, rootfs, outputs = new Map() }) {
    await Promise.all([
      files.copy('image', image),
      rootfs?.stage(files, 'initrd'),
      ...[...outputs].map(([name, file]) => files.copy(name, file)),
    ]);
    return undefined;
  },
};
