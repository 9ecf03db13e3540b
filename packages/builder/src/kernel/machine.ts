import { fileKind } from 'bunny-libos-elf';

/** Bytes at the start of a kernel that tell what it is. */
export const kernelHead = 4096;

/** The 16-bit numbers by which PE files (UEFI) call a machine. */
const peMachines: Readonly<Record<number, string>> = { 34404: 'amd64', 43620: 'arm64', 20580: 'riscv64' };

/**
 * The OCI name of the architecture that a kernel is for, by its first `kernelHead` bytes: of an ELF file, a UEFI
 * program, or Linux's own formats. Undefined where nothing in it says so. Throws ElfError for an ELF file of a machine
 * that is not known.
 */
export function kernelMachine(head: Uint8Array): string | undefined {
  const elf = fileKind(head);
  // A multiboot kernel is an ELF file of 32 bits, whatever it switches to.
  if (elf !== undefined) return elf.machine === '386' ? 'amd64' : elf.machine;
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  // Documentation/arch/arm64/booting.rst, riscv/boot-image-header.rst and x86/boot.rst of Linux.
  if (bytes.toString('latin1', 56, 60) === 'ARM\x64') return 'arm64';
  if (bytes.toString('latin1', 56, 60) === 'RSC\x05') return 'riscv64';
  if (bytes.toString('latin1', 0x202, 0x206) === 'HdrS') return 'amd64';
  return peMachine(bytes);
}

function peMachine(bytes: Buffer): string | undefined {
  if (bytes.toString('latin1', 0, 2) !== 'MZ' || bytes.length < 64) return undefined;
  const header = bytes.readUInt32LE(60);
  if (header + 6 > bytes.length || bytes.toString('latin1', header, header + 4) !== 'PE\0\0')
    return undefined;
  return peMachines[bytes.readUInt16LE(header + 4)];
}
