import assert from 'node:assert/strict';
import { kernelMachine } from './machine.js';

/** A file of 1 KiB with these bytes in it: offset -> text. */
function head(parts: Readonly<Record<number, string>>): Buffer {
  const bytes = Buffer.alloc(1024);
  for (const [offset, text] of Object.entries(parts)) bytes.write(text, Number(offset), 'latin1');
  return bytes;
}

describe('kernelMachine', () => {
  it('reads ELF files, also those of 32 bits that boot a 64-bit machine', () => {
    assert.equal(kernelMachine(head({ 0: '\x7fELF\x02\x01\x01', 16: '\x02\0\x3e\0' })), 'amd64');
    assert.equal(kernelMachine(head({ 0: '\x7fELF\x01\x01\x01', 16: '\x02\0\x03\0' })), 'amd64');
    assert.equal(kernelMachine(head({ 0: '\x7fELF\x02\x01\x01', 16: '\x02\0\xb7\0' })), 'arm64');
    assert.throws(() => kernelMachine(head({ 0: '\x7fELF\x02\x01\x01', 16: '\x02\0\x16\0' })), {
      code: 'BUNNY_EOBJECT',
    });
  });

  it('reads kernels of Linux, and programs of UEFI', () => {
    assert.equal(kernelMachine(head({ 56: 'ARMd' })), 'arm64');
    assert.equal(kernelMachine(head({ 56: 'RSC\x05' })), 'riscv64');
    assert.equal(kernelMachine(head({ 0: 'MZ', 514: 'HdrS' })), 'amd64');
    assert.equal(kernelMachine(head({ 0: 'MZ', 60: '\x80\0\0\0', 128: 'PE\0\0\x64\xaa' })), 'arm64');
  });

  it('knows nothing of others, however short', () => {
    for (const text of ['', '\x7fEL', 'MZ', 'a kernel of some kind']) {
      assert.equal(kernelMachine(Buffer.from(text)), undefined);
    }
    assert.equal(kernelMachine(head({ 0: 'MZ', 60: '\xff\xff\xff\xff' })), undefined);
  });
});
