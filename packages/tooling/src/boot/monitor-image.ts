import { closeSync, openSync, readSync } from 'node:fs';
import { type FileKind, fileKind } from 'bunny-libos-elf';
import { BunnyError, exitStatus, normaliseArchitecture } from 'bunny-libos-spec';

/** Bytes of an ELF header. */
const headSize = 64;

/**
 * Refuses an image that is run as a program and is none for this machine: the kernel would refuse it too, but C libraries
 * then hand it to a shell, and a machine may be set up to emulate others. Throws BUNNY_EMONITOR.
 */
export function requireProgram(image: string): void {
  const head = headOf(image);
  if (head.toString('latin1', 0, 2) === '#!') return;
  const reason = refusal(head);
  if (reason === undefined) return;
  throw new BunnyError('BUNNY_EMONITOR', `the image cannot be run as a program: ${reason}`, {
    where: image,
    hint: 'boot it on a machine that it is made for, or choose a target that an emulator boots (--platform)',
    exitStatus: exitStatus.unsatisfiable,
  });
}

function refusal(head: Buffer): string | undefined {
  let kind: FileKind | undefined;
  try {
    kind = fileKind(head);
  } catch (error) {
    return (error as Error).message;
  }
  if (kind === undefined) return 'it is not an ELF file';
  if (kind.type !== 'executable' && kind.type !== 'shared') return 'it is not linked to a program';
  const here = normaliseArchitecture(process.arch);
  // Kernels for amd64 run programs of 32 bits as well.
  if (kind.machine === here || (kind.machine === '386' && here === 'amd64')) return undefined;
  return `it is for ${kind.machine}, and this machine is ${here}`;
}

function headOf(image: string): Buffer {
  const head = Buffer.alloc(headSize);
  const file = openSync(image, 'r');
  try {
    return head.subarray(0, readSync(file, head, 0, headSize, 0));
  } finally {
    closeSync(file);
  }
}
