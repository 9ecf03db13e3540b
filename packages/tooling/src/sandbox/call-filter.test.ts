import assert from 'node:assert/strict';
import { callFilter } from './call-filter.js';
import { abis, type Machine } from './system-calls.js';

const allowed = 0x7fff0000;
const notPermitted = 0x00050001;
const noSuchCall = 0x00050026;
const killed = 0x80000000;
const newUser = 0x10000000;

/** What a filter answers, by the rules of the kernel (Documentation/networking/filter.rst). */
function answer(filter: Uint8Array, audit: number, call: number, firstArgument = 0): number {
  const bytes = Buffer.from(filter);
  const data: Readonly<Record<number, number>> = { 0: call, 4: audit, 16: firstArgument };
  let value = 0;
  for (let at = 0; at < bytes.length; at += 8) {
    const operand = bytes.readUInt32LE(at + 4);
    const jump = (isTrue: boolean) => {
      at += 8 * bytes.readUInt8(at + (isTrue ? 2 : 3));
    };
    const code = bytes.readUInt16LE(at);
    if (code === 0x06) return operand;
    if (code === 0x20) value = (data[operand] ?? 0) >>> 0;
    else if (code === 0x15) jump(value === operand);
    else if (code === 0x35) jump(value >= operand);
    else if (code === 0x45) jump((value & operand) !== 0);
    else assert.fail(`instruction ${code}`);
  }
  return assert.fail('no answer');
}

describe('the filter of system calls', () => {
  for (const machine of ['amd64', 'arm64'] as const satisfies readonly Machine[]) {
    const filter = callFilter(machine);
    for (const { audit, calls, otherFrom } of abis[machine]) {
      it(`refuses user namespaces, and nothing that programs need, on ${machine} (${audit.toString(16)})`, () => {
        for (const call of [calls.clone, calls.unshare]) {
          assert.equal(answer(filter, audit, call, newUser), notPermitted);
          assert.equal(answer(filter, audit, call, newUser | 0x20000000 | 17), notPermitted);
          // CLONE_VM | CLONE_VFORK | SIGCHLD
          assert.equal(answer(filter, audit, call, 0x4111), allowed);
        }
        assert.equal(answer(filter, audit, calls.clone3), noSuchCall);
        assert.equal(answer(filter, audit, calls.io_uring_setup), noSuchCall);
        assert.equal(answer(filter, audit, calls.keyctl), notPermitted);
        const refused = new Set(Object.values(calls));
        for (let call = 0; call < 600; call++) {
          if (!refused.has(call)) assert.equal(answer(filter, audit, call, newUser), allowed, String(call));
        }
        if (otherFrom === undefined) return;
        for (const call of [calls.clone, calls.unshare, 0]) {
          assert.equal(answer(filter, audit, otherFrom + call, newUser), noSuchCall);
        }
      });
    }
    it(`ends who calls otherwise on ${machine}`, () => {
      assert.equal(answer(filter, 0x1234, 0), killed);
    });
  }
});
