import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFiles } from '../files/documents.js';
import { temporaryDirectory } from '../files/temporary.js';

export const triple = 'x86_64-solo5-none-static';

/** Bindings that are a Linux process: enough of Solo5's interface to say hello, read the command line and exit. */
const bindings = (version: string) => `
#include <solo5.h>
static const char version[] __attribute__((used, section(".rodata.version"))) = "\\0v${version}";
static long call(long number, long a, long b, long c)
{
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}
void solo5_console_write(const char *text, unsigned long size) { call(1, 1, (long)text, size); }
void solo5_exit(int status) { call(60, status, 0, 0); __builtin_unreachable(); }
void start(long *stack)
{
	struct solo5_start_info info = { stack[0] > 1 ? (const char *)stack[2] : "" };
	solo5_exit(solo5_app_main(&info));
}
__asm__(".globl _start\\n_start: mov %rsp, %rdi\\nand $-16, %rsp\\ncall start\\n");
`;

const header = `
struct solo5_start_info { const char *cmdline; };
#define SOLO5_EXIT_SUCCESS 0
int solo5_app_main(const struct solo5_start_info *info);
void solo5_console_write(const char *text, unsigned long size);
void solo5_exit(int status) __attribute__((noreturn));
`;

const script = `ENTRY(_start)
SECTIONS {
	. = 0x400000;
	.text : { *(.text*) }
	. = ALIGN(0x1000);
	.rodata : { *(.rodata*) KEEP(*(.note.solo5.manifest)) }
	. = ALIGN(0x1000);
	.data : { *(.data*) *(.bss*) *(COMMON) }
	/DISCARD/ : { *(.comment) *(.eh_frame) *(.note.GNU-stack) *(.note.gnu.property) }
}
`;

/** The compiler's wrapper, in the form that Solo5's configure.sh gives it. */
export const wrapper = `#!/bin/sh
touch "$MARK"
M=link
case \${M} in
    compile)
        [ -n "\${__V}" ] && set -x
        exec cc \\
            -nostdinc -mno-red-zone \\
            -isystem \${I}/${triple} \\
            -I \${I}/solo5 \\
            -ffreestanding \\
            "$@"
        ;;
    link)
        exec cc "$@"
        ;;
esac
`;

/** Where this machine or a test has a prefix. */
export async function solo5Prefix(version = '0.9.1'): Promise<string> {
  const prefix = await temporaryDirectory('solo5');
  const lib = `lib/${triple}`;
  await writeFiles(prefix, {
    'include/solo5/solo5.h': header,
    'include/solo5/mft_abi.h': '#define MANIFEST __attribute__((used, section(".note.solo5.manifest")))\n',
    'include/solo5/xen/xen.h': 'of bindings that are not taken\n',
    [`include/${triple}/stddef.h`]: 'typedef unsigned long size_t;\n',
    [`bin/${triple}-cc`]: wrapper,
    // It is run in the sandbox alone, which does not have the variable.
    'bin/solo5-elftool': [
      '#!/bin/sh',
      '[ -z "$MARK" ] || touch "$MARK"',
      'read -r manifest <"$2"',
      'echo "#include <mft_abi.h>',
      `const char __solo5_mft1_note[] MANIFEST = \\"\${#manifest}\\";" >"$3"`,
      '',
    ].join('\n'),
    'tender/solo5-spt': '#!/bin/sh\n[ "$1" = --mem=64 ] || exit 99\nshift\nexec "$@"\n',
    [`${lib}/solo5_spt.lds`]: script,
    [`${lib}/solo5_hvt.lds`]: script,
    [`${lib}/solo5_muen.lds`]: script,
    'source/bindings.c': bindings(version),
  });
  for (const program of [`bin/${triple}-cc`, 'bin/solo5-elftool', 'tender/solo5-spt'])
    await chmod(join(prefix, program), 0o755);
  for (const platform of ['spt', 'hvt', 'muen', 'stub']) compileBindings(prefix, platform);
  await mkdir(join(prefix, 'share'));
  await symlink('/etc', join(prefix, 'share/elsewhere'));
  return prefix;
}

/** Compiles the bindings for a platform, of what `source/bindings.c` says now. */
export function compileBindings(prefix: string, platform: string): void {
  execFileSync(
    'gcc',
    ['-O1', '-ffreestanding', '-fno-pic', '-fno-stack-protector', '-fcf-protection=none'].concat([
      '-Iinclude/solo5',
      '-c',
      'source/bindings.c',
      '-o',
      `lib/${triple}/solo5_${platform}.o`,
    ]),
    { cwd: prefix },
  );
}
