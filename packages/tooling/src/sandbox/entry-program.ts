import { type EntryCall, entryCalls, type Machine } from './system-calls.js';

/** A number, or something that the program carries with it and whose address is meant: bytes, or texts as execve takes them. */
export type Operand = number | Uint8Array | readonly string[];

/** One system call, and what becomes of the program where the kernel refuses it. */
export interface Step {
  call: EntryCall;
  /** Four at most. */
  operands: readonly Operand[];
  /** What the program says when it ends because of a refusal. Where left out it goes on. */
  otherwise?: string | undefined;
  /** The one error number that ends it, where not all do. */
  only?: number | undefined;
}

/** What comes before its own words, and its status when it ends by itself. */
export const entryPrefix = 'sandbox: ';
export const entryRefusal = 126;

const loadAddress = 0x400000;
const headerSize = 64 + 56;
/** The largest page of any machine here. */
const pageSize = 0x10000;

/**
 * An executable for Linux that makes these system calls, in this order, and nothing else. It is what runs first in a
 * sandbox, where the root file system and each program in it may be hostile, with the rights that it is there to give
 * up: so it needs no loader, no library, no file. What it has to say it says on the descriptor `report`.
 */
export function entryProgram(steps: readonly Step[], machine: Machine, report = 2): Uint8Array {
  const data = new Data();
  const code = Buffer.concat(steps.map((step) => encodeStep(step, machine, data, report)));
  const content = data.bytes();
  const size = headerSize + content.length + code.length;
  const header = Buffer.alloc(headerSize);
  // ELF64, little endian, version 1.
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(2, 16); // e_type: ET_EXEC
  header.writeUInt16LE(encoders[machine].elfMachine, 18);
  header.writeUInt32LE(1, 20); // e_version
  header.writeBigUInt64LE(BigInt(loadAddress + headerSize + content.length), 24); // e_entry
  header.writeBigUInt64LE(64n, 32); // e_phoff
  header.writeUInt16LE(64, 52); // e_ehsize
  header.writeUInt16LE(56, 54); // e_phentsize
  header.writeUInt16LE(1, 56); // e_phnum
  header.writeUInt32LE(1, 64); // p_type: PT_LOAD
  header.writeUInt32LE(5, 68); // p_flags: read, execute
  for (const place of [80, 88]) header.writeBigUInt64LE(BigInt(loadAddress), place); // p_vaddr, p_paddr
  for (const place of [96, 104]) header.writeBigUInt64LE(BigInt(size), place); // p_filesz, p_memsz
  header.writeBigUInt64LE(BigInt(pageSize), 112); // p_align
  return Buffer.concat([header, content, code]);
}

/** What the program points at. It stands before the code, so that its addresses are known at once. */
class Data {
  readonly #parts: Buffer[] = [];
  #length = 0;

  /** The value of an operand in a register. */
  value(operand: Operand): bigint {
    if (typeof operand === 'number') return BigInt(operand);
    if (operand instanceof Uint8Array) return this.#add(operand);
    const addresses = operand.map((text) => this.#add(terminated(text)));
    const bytes = Buffer.alloc((operand.length + 1) * 8);
    for (const [index, address] of addresses.entries()) bytes.writeBigUInt64LE(address, index * 8);
    return this.#add(bytes);
  }

  #add(bytes: Uint8Array): bigint {
    const address = BigInt(loadAddress + headerSize + this.#length);
    const padded = Buffer.alloc(Math.ceil(bytes.length / 8) * 8);
    padded.set(bytes);
    this.#parts.push(padded);
    this.#length += padded.length;
    return address;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** A text as C has it. */
export function terminated(text: string): Uint8Array {
  return Buffer.from(`${text}\0`);
}

function encodeStep(
  { call, operands, otherwise, only }: Step,
  machine: Machine,
  data: Data,
  report: number,
): Buffer {
  const encoder = encoders[machine];
  const numbers = entryCalls[machine];
  const make = (number: number, values: readonly Operand[]) =>
    encoder.call(
      number,
      values.map((value) => data.value(value)),
    );
  const made = make(numbers[call], operands);
  if (otherwise === undefined) return made;
  const words = Buffer.from(`${entryPrefix}${otherwise}\n`);
  const end = Buffer.concat([
    make(numbers.write, [report, words, words.length]),
    make(numbers.exit_group, [entryRefusal]),
  ]);
  const skip = only === undefined ? encoder.skipIfDone(end.length) : encoder.skipUnless(only, end.length);
  return Buffer.concat([made, skip, end]);
}

/** Machine code for the few things that a step needs. Values are of 64 bits, negative ones in two's complement. */
interface Encoder {
  elfMachine: number;
  call(number: number, values: readonly bigint[]): Buffer;
  /** Passes over so many bytes of code where the last call has succeeded: its result is not negative. */
  skipIfDone(length: number): Buffer;
  /** Passes over so many bytes unless the last call ended with this error number, below 128. */
  skipUnless(error: number, length: number): Buffer;
}

const encoders: Readonly<Record<Machine, Encoder>> = {
  amd64: {
    elfMachine: 62,
    call(number, values) {
      // mov rax, number; mov rdi, rsi, rdx, r10 with values; syscall
      const registers = [0xbf48, 0xbe48, 0xba48, 0xba49];
      const move = (opcode: number, value: bigint) => {
        const bytes = Buffer.alloc(10);
        bytes.writeUInt16LE(opcode);
        bytes.writeBigUInt64LE(BigInt.asUintN(64, value), 2);
        return bytes;
      };
      return Buffer.concat([
        move(0xb848, BigInt(number)),
        ...values.map((value, index) => move(registers[index] ?? 0, value)),
        Buffer.from([0x0f, 0x05]),
      ]);
    },
    // test rax, rax; jns
    skipIfDone: (length) => Buffer.from([0x48, 0x85, 0xc0, 0x79, length]),
    // cmp rax, -error; jne
    skipUnless: (error, length) => Buffer.from([0x48, 0x83, 0xf8, 256 - error, 0x75, length]),
  },
  arm64: {
    elfMachine: 183,
    call(number, values) {
      // x8: number; x0 to x3: values; svc #0
      return words([
        ...moveWide(8, BigInt(number)),
        ...values.flatMap((value, index) => moveWide(index, value)),
        0xd4000001,
      ]);
    },
    // tbz x0, #63
    skipIfDone: (length) => words([0xb6f80000 | ((length / 4 + 1) << 5)]),
    // cmn x0, #error; b.ne
    skipUnless: (error, length) => words([0xb100001f | (error << 10), 0x54000001 | ((length / 4 + 1) << 5)]),
  },
};

/** movz and three movk: a register gets a value of 64 bits. */
function moveWide(register: number, value: bigint): number[] {
  const bits = BigInt.asUintN(64, value);
  return [0, 1, 2, 3].map((part) => {
    const half = Number((bits >> BigInt(16 * part)) & 0xffffn);
    return (part === 0 ? 0xd2800000 : 0xf2800000) | (part << 21) | (half << 5) | register;
  });
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
  return bytes;
}
