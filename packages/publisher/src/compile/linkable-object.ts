import { type ElfError, type ElfObject, machineNames, readObject } from 'bunny-libos-elf';
import { BunnyError, exitStatus, type ToolingRules } from 'bunny-libos-spec';
import { type LocalVariant, targetsOf } from '../plan/local-variant.js';

/** What an object is for, and where it is. */
interface Purpose {
  file: string;
  variant: LocalVariant;
  rules: ToolingRules;
}

/**
 * Reads an object of a variant. Throws BUNNY_EOBJECT where it is none that the images of the variant's targets could
 * be linked from, so that a wrong prebuilt one is not found out by its first user.
 */
export function readLinkable(content: Uint8Array, { file, variant, rules }: Purpose): ElfObject {
  const elf = read(content, file);
  if (elf.type !== 'relocatable') {
    const made = elf.type === 'core' ? 'a core dump' : `linked already: ${elf.type}`;
    throw failure(`this is not a relocatable object but ${made}`, file, 'link it with ld -r, or not at all');
  }
  const archs = targetsOf(variant, rules).map(({ target }) => target.arch);
  const other = archs.find((arch) => machineNames.has(arch) && arch !== elf.machine);
  if (other !== undefined) {
    throw failure(
      `this object is for ${elf.machine}, the variant for ${[...new Set(archs)].join(' and ')}`,
      file,
      `compile it for ${other}; objects for several architectures are told apart by \`when: { arch: … }\``,
    );
  }
  if (elf.symbols.some(({ name }) => name === '__gnu_lto_slim')) {
    throw failure(
      'this object holds nothing but LTO bytecode, of which no symbol can be read',
      file,
      'compile with -ffat-lto-objects, or without -flto',
    );
  }
  return elf;
}

function read(content: Uint8Array, file: string): ElfObject {
  try {
    return readObject(content);
  } catch (cause) {
    const { message, hint } = cause as ElfError;
    throw failure(
      `this is not a relocatable object: ${message}`,
      file,
      hint ?? 'the compile command of the tooling layer must write ELF objects (no LTO bytecode alone)',
      cause,
    );
  }
}

function failure(summary: string, file: string, hint: string, cause?: unknown): BunnyError {
  return new BunnyError('BUNNY_EOBJECT', summary, {
    where: file,
    hint,
    exitStatus: exitStatus.buildFailed,
    cause,
  });
}
