import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entryProgram, type Step, terminated } from '../src/sandbox/entry-program.js';
import { type Machine, thisMachine } from '../src/sandbox/system-calls.js';

/** One step of each kind: one that must be done, one of which one error ends the program, and one that need not be. */
const steps: readonly Step[] = [
  { call: 'close', operands: [3], otherwise: 'closed' },
  { call: 'execve', operands: [terminated('/x'), ['x'], []], only: 8, otherwise: 'exec f' },
  { call: 'prlimit64', operands: [0, -1, Buffer.alloc(16), 0] },
];

/** The same as people write it for an assembler. */
const assembly: Readonly<Record<Machine, { tools: string; code: string }>> = {
  amd64: {
    tools: '',
    code: `
.macro put register, value
  movabs $\\value, %\\register
.endm
  put rax, 3; put rdi, 3; syscall
  test %rax, %rax; jns 1f
  put rax, 1; put rdi, 2; put rsi, 0x400078; put rdx, 16; syscall
  put rax, 231; put rdi, 126; syscall
1:
  put rax, 59; put rdi, 0x400088; put rsi, 0x400098; put rdx, 0x4000a8; syscall
  cmp $-8, %rax; jne 2f
  put rax, 1; put rdi, 2; put rsi, 0x4000b0; put rdx, 16; syscall
  put rax, 231; put rdi, 126; syscall
2:
  put rax, 302; put rdi, 0; put rsi, -1; put rdx, 0x4000c0; put r10, 0; syscall
`,
  },
  arm64: {
    tools: 'aarch64-linux-gnu-',
    code: `
.macro put register, value
  movz \\register, #(\\value & 0xffff)
  movk \\register, #((\\value >> 16) & 0xffff), lsl #16
  movk \\register, #((\\value >> 32) & 0xffff), lsl #32
  movk \\register, #((\\value >> 48) & 0xffff), lsl #48
.endm
  put x8, 57; put x0, 3; svc #0
  tbz x0, #63, 1f
  put x8, 64; put x0, 2; put x1, 0x400078; put x2, 16; svc #0
  put x8, 94; put x0, 126; svc #0
1:
  put x8, 221; put x0, 0x400088; put x1, 0x400098; put x2, 0x4000a8; svc #0
  cmn x0, #8; b.ne 2f
  put x8, 64; put x0, 2; put x1, 0x4000b0; put x2, 16; svc #0
  put x8, 94; put x0, 126; svc #0
2:
  put x8, 261; put x0, 0; put x1, -1; put x2, 0x4000c0; put x3, 0; svc #0
`,
  },
};

describe('the first program of a sandbox', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'bunny-entry-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  for (const machine of ['amd64', 'arm64'] as const) {
    it(`is what an assembler makes of its steps, for ${machine}`, () => {
      const { tools, code } = assembly[machine];
      const [object, bytes] = [join(directory, 'object'), join(directory, 'bytes')];
      execFileSync(`${tools}gcc`, ['-c', '-x', 'assembler', '-', '-o', object], { input: code });
      execFileSync(`${tools}objcopy`, ['-O', 'binary', '-j', '.text', object, bytes]);
      const expected = readFileSync(bytes);
      const program = Buffer.from(entryProgram(steps, machine));
      assert.equal(program.subarray(-expected.length).toString('hex'), expected.toString('hex'));
      // It begins where the data ends.
      const start = 0x400000 + program.length - expected.length;
      assert.equal(program.readBigUInt64LE(24), BigInt(start));
    });
  }

  it('does its steps, and ends where one that must be done is refused', function () {
    const machine = thisMachine();
    if (machine === undefined) this.skip();
    const file = join(directory, 'program');
    const run = (...all: Step[]) => {
      writeFileSync(file, entryProgram(all, machine));
      chmodSync(file, 0o755);
      const { status, stdout, stderr } = spawnSync(file, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return [status, stdout, stderr];
    };
    const env: Step = {
      call: 'execve',
      operands: [terminated('/usr/bin/env'), ['env'], ['A=b', 'C=']],
      otherwise: 'cannot be run',
    };
    assert.deepEqual(run({ call: 'close', operands: [77] }, env), [0, 'A=b\nC=\n', '']);
    const refused: Step = { call: 'close', operands: [77], otherwise: 'this must be open' };
    assert.deepEqual(run(refused, env), [126, '', 'sandbox: this must be open\n']);
    const text = join(directory, 'text');
    writeFileSync(text, 'no program', { mode: 0o755 });
    const other: Step = {
      call: 'execve',
      operands: [terminated(text), ['x'], []],
      only: 8,
      otherwise: 'no program',
    };
    assert.deepEqual(run(other, env), [126, '', 'sandbox: no program\n']);
    const missing: Step = { ...other, operands: [terminated(`${text}2`), ['x'], []] };
    assert.deepEqual(run(missing, env), [0, 'A=b\nC=\n', '']);
  });
});
