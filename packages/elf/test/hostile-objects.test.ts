import assert from 'node:assert/strict';
import { everyKind, Workbench } from 'bunny-libos-testing/objects/compiled.js';
import fc from 'fast-check';
import { duplicateSymbols } from '../src/duplicates.js';
import { ElfError } from '../src/errors.js';
import { definedSymbols, undefinedSymbols } from '../src/linkage.js';
import { readObject } from '../src/object.js';

/** Reads hostile bytes: a result or an ElfError will do, nothing else. */
function survives(bytes: Uint8Array): void {
  try {
    const object = readObject(bytes);
    for (const names of [definedSymbols(object), undefinedSymbols(object)]) {
      assert.ok(names.every((name) => typeof name === 'string' && name !== ''));
    }
    assert.deepEqual([...duplicateSymbols([object])].flat(), []);
    const { text, data, bss } = object.sizes;
    assert.ok([text, data, bss].every((size) => Number.isSafeInteger(size) && size >= 0));
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
  }
}

function refused(bytes: Uint8Array): string {
  try {
    readObject(bytes);
  } catch (error) {
    if (error instanceof ElfError) return error.message;
    throw error;
  }
  throw new assert.AssertionError({ message: 'accepted' });
}

describe('hostile objects', () => {
  const bench = new Workbench();
  let objects: Uint8Array[] = [];
  before(() => {
    // The narrow one has section groups: its code asks a function in one where it is.
    const flags = [
      ['-m64', '-fno-pic'],
      ['-m32', '-fPIC'],
    ];
    objects = flags.map(([bits = '', pic = '']) =>
      bench.read(bench.make(`${bits}.o`, everyKind, 'gcc', '-c', '-O1', '-fcommon', bits, pic)),
    );
  });
  after(() => bench.remove());

  const changed = (object: Uint8Array, ...edits: [offset: number, bytes: number[]][]) => {
    const copy = Uint8Array.from(object);
    for (const [offset, bytes] of edits) copy.set(bytes, offset);
    return copy;
  };

  it('truncated anywhere', () => {
    fc.assert(
      fc.property(fc.nat(1), fc.double({ min: 0, max: 1, noNaN: true }), (which, part) => {
        const object = objects[which] ?? new Uint8Array();
        survives(object.subarray(0, Math.floor(object.length * part)));
      }),
    );
  });

  it('with any bytes changed', () => {
    const word = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      fc.constantFrom(
        ...[0, 1, 0x7f, 0xff].flatMap((byte) => [1, 2, 4, 8].map((n) => new Uint8Array(n).fill(byte))),
      ),
    );
    const edit = fc.tuple(fc.nat(0xffff_ffff), word);
    fc.assert(
      fc.property(fc.nat(1), fc.array(edit, { minLength: 1, maxLength: 6 }), (which, edits) => {
        const copy = Uint8Array.from(objects[which] ?? []);
        for (const [place, bytes] of edits) {
          copy.set(bytes, place % (copy.length - bytes.length));
        }
        survives(copy);
      }),
      { numRuns: 1000 },
    );
  });

  it('with any header field changed', () => {
    fc.assert(
      fc.property(fc.nat(1), fc.nat(63), fc.nat(255), (which, offset, byte) => {
        survives(changed(objects[which] ?? new Uint8Array(64), [offset, [byte]]));
      }),
      { numRuns: 500 },
    );
  });

  it('of bytes that are no object at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        survives(bytes);
        survives(Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, ...bytes]));
      }),
    );
  });

  it('is told what else a file may be', () => {
    assert.match(refused(new Uint8Array()), /not an ELF file/);
    assert.match(refused(new TextEncoder().encode('!<arch>\n')), /archive/);
    assert.match(refused(Uint8Array.of(0x42, 0x43, 0xc0, 0xde)), /bitcode/);
    const [object = new Uint8Array()] = objects;
    assert.match(refused(changed(object, [5, [2]])), /little-endian/);
    assert.match(refused(changed(object, [18, [0xff, 0xff]])), /machine 65535/);
    assert.match(refused(object.subarray(0, 100)), /no room for|the file ends/);
  });

  it('is the machine that its header names', () => {
    const [object = new Uint8Array(), narrow = new Uint8Array()] = objects;
    assert.equal(readObject(object).machine, 'amd64');
    assert.equal(readObject(narrow).machine, '386');
    assert.equal(readObject(changed(object, [18, [243, 0]])).machine, 'riscv64');
    assert.equal(readObject(changed(object, [18, [183, 0]])).machine, 'arm64');
  });

  it('cannot waste memory with names that overlap', () => {
    const strings = Buffer.alloc(100_000, 'a');
    strings.writeUInt8(0, strings.length - 1);
    const names = Array.from({ length: 4_000 }, (_, index) => index);
    assert.match(refused(objectOf(names, strings)), /too many names of a string table overlap/);
  });

  it('cannot waste time with a name that seems to have many versions', () => {
    const name = `name${'@@'.repeat(100_000)}\n`;
    const object = readObject(objectOf([0, 1], Buffer.from(`\0${name}\0`)));
    assert.deepEqual(definedSymbols(object), ['name', name.replace('@@', '@'), name].sort());
    assert.deepEqual([...duplicateSymbols([object])], []);
  });
});

/** An object with a table of absolute, global symbols, whose names are at these offsets of the strings. */
function objectOf(names: readonly number[], strings: Uint8Array): Uint8Array {
  const tableAt = 64 + 3 * 64;
  const stringsAt = tableAt + names.length * 24;
  const bytes = Buffer.alloc(stringsAt + strings.length);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes.writeUInt16LE(1, 16);
  bytes.writeUInt16LE(62, 18);
  bytes.writeBigUInt64LE(64n, 40);
  bytes.writeUInt16LE(64, 58);
  bytes.writeUInt16LE(3, 60);
  const section = (index: number, type: number, range: [number, number], link: number, entry: number) => {
    const at = 64 + index * 64;
    bytes.writeUInt32LE(type, at + 4);
    bytes.writeBigUInt64LE(BigInt(range[0]), at + 24);
    bytes.writeBigUInt64LE(BigInt(range[1]), at + 32);
    bytes.writeUInt32LE(link, at + 40);
    bytes.writeBigUInt64LE(BigInt(entry), at + 56);
  };
  section(1, 2, [tableAt, names.length * 24], 2, 24);
  section(2, 3, [stringsAt, strings.length], 0, 0);
  names.forEach((name, index) => {
    bytes.writeUInt32LE(name, tableAt + index * 24);
    bytes.writeUInt8(1 << 4, tableAt + index * 24 + 4);
    bytes.writeUInt16LE(0xfff1, tableAt + index * 24 + 6);
  });
  bytes.set(strings, stringsAt);
  return bytes;
}
