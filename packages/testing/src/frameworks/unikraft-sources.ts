/**
 * A library OS that is built as Unikraft 0.17 is, and is nothing of it: a few libraries, rules that are data for the tests
 * only, and what import reads of a build: `.cmd` files, dependency files, scripts, lists that awk makes. It boots by PVH
 * on a PC, prints to the serial line, and ends by a reset.
 */
export const unikraftSources: Readonly<Record<string, string>> = {
  'version.mk': 'UK_VERSION = 0\nUK_SUBVERSION = 17\nUK_EXTRAVERSION = 0\n',
  'include/uk/config.h': '#include <uk/bits/config.h>\n',
  'include/uk/libid.h': [
    '#include <uk/bits/libid.h>',
    '#define JOINED(a, b) a##b',
    '#define SELF(name) JOINED(_uk_libid_self_, name)',
    'extern const unsigned short SELF(__LIBNAME__);',
    '#define uk_libid_self() SELF(__LIBNAME__)',
    'const char *uk_libname(unsigned short id);',
    '',
  ].join('\n'),

  'plat/kvm/Makefile.uk': '$(eval $(call addplatlib_s,kvm,libkvmplat,$(CONFIG_PLAT_KVM)))\n',
  'plat/kvm/entry.S': `
	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 8, 18
	.asciz "Xen"
	.quad entry
	.text
	.code32
	.globl entry
entry:
	cli
	movl $stack_top, %esp
	movl $directory + 3, pointers
	movl $pointers + 3, root
	movl $0x83, %eax
	movl $directory, %edi
	movl $512, %ecx
1:	movl %eax, (%edi)
	addl $0x200000, %eax
	addl $8, %edi
	loop 1b
	movl $0x620, %eax
	movl %eax, %cr4
	movl $root, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x100, %eax
	wrmsr
	movl $0x80010033, %eax
	movl %eax, %cr0
	lgdt gdt_pointer
	ljmp $8, $long_mode
	.code64
long_mode:
	movl $0x10, %eax
	movl %eax, %ds
	movl %eax, %ss
	call uk_boot
	lidt nothing
	int3
	.data
gdt:	.quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
	.word gdt_pointer - gdt - 1
	.long gdt
nothing: .quad 0, 0
	.bss
	.balign 4096
root:	.skip 4096
pointers: .skip 4096
directory: .skip 4096
	.skip 16384
stack_top:
	.section .bootinfo, "a", @progbits
	.skip 16
	.section .note.GNU-stack, "", @progbits
`,
  'plat/kvm/serial.c': [
    '#include <uk/print.h>',
    'void uk_serial(char c)',
    '{',
    '\t__asm__ volatile("outb %0, %w1" : : "a"(c), "Nd"(0x3f8));',
    '}',
    '',
  ].join('\n'),
  'plat/kvm/link64.lds': `ENTRY(entry)
SECTIONS {
	. = 0x100000;
	.text : { *(.text*) }
	.note.pvh : { KEEP(*(.note.pvh)) }
	.rodata : { *(.rodata*) }
	.bootinfo : { KEEP(*(.bootinfo)) }
	.data : { *(.data*) }
	.bss : { *(.bss*) *(COMMON) }
}
`,

  'lib/ukprint/Makefile.uk': '$(eval $(call addlib_s,libukprint,$(CONFIG_LIBUKPRINT)))\n',
  'lib/ukprint/include/uk/print.h': 'void uk_print(const char *text);\nvoid uk_serial(char c);\n',
  'lib/ukprint/print.c': [
    '#include <uk/print.h>',
    '#include "private.h"',
    'void uk_print(const char *text)',
    '{',
    '\tfor (; *text; text++)',
    '\t\tHIDDEN(*text);',
    '}',
    '',
  ].join('\n'),
  'lib/ukprint/private.h': '#define HIDDEN uk_serial\n',
  'lib/ukprint/extra.ld':
    'SECTIONS { .tab : { tab_start = .; KEEP(*(.tab)) tab_end = .; } }\nINSERT AFTER .data;\n',

  'lib/ukboot/Makefile.uk': '$(eval $(call addlib_s,libukboot,$(CONFIG_LIBUKBOOT)))\n',
  'lib/ukboot/include/uk/boot.h': 'void uk_boot(void);\n',
  'lib/ukboot/exportsyms.uk': 'uk_boot\n',
  'lib/ukboot/boot.c': [
    '#include <uk/config.h>',
    '#include <uk/boot.h>',
    '#include <uk/libid.h>',
    '#include <uk/print.h>',
    'extern const char tab_start[], tab_end[];',
    'int main(int argc, char *argv[]);',
    'void helper(void) { }',
    'void uk_boot(void)',
    '{',
    '\tstatic char *argv[] = { CONFIG_UK_NAME, 0 };',
    '\tuk_print(uk_libname(uk_libid_self()));',
    '\tuk_print(" boots ");',
    '\tuk_print(CONFIG_UK_NAME);',
    '\tuk_print("\\n");',
    '\tfor (const char *text = tab_start; text < tab_end; text++)',
    '\t\tfor (uk_print(text); *text; text++)',
    '\t\t\t;',
    '\tmain(1, argv);',
    '}',
    '',
  ].join('\n'),

  'lib/noise/Makefile.uk': '$(eval $(call addlib_s,libnoise,$(CONFIG_LIBNOISE)))\n',
  'lib/noise/include/noise.h': 'extern const char noise[];\n',
  'lib/noise/noise.c': [
    '#include <uk/config.h>',
    '#ifdef CONFIG_LOUD',
    'const char noise[] __attribute__((section(".tab"), used)) = "LOUD\\n";',
    '#else',
    'const char noise[] __attribute__((section(".tab"), used)) = "quiet\\n";',
    '#endif',
    '',
  ].join('\n'),
  'lib/extra/Makefile.uk': '$(eval $(call addlib_s,libextra,$(CONFIG_LIBEXTRA)))\n',
  'lib/extra/include/extra.h': 'extern const char extra[];\n',
  'lib/extra/extra.c': 'const char extra[] __attribute__((section(".tab"), used)) = "extra\\n";\n',

  'lib/uklibid/Makefile.uk': '$(eval $(call addlib_s,libuklibid,$(CONFIG_LIBUKLIBID)))\n',
  'lib/uklibid/libid.awk': '{ print "#define __UKLIBID_" $1 " " NR - 1 } END { print "#define COUNT " NR }\n',
  'lib/uklibid/namemap.awk':
    'BEGIN { print "const char *namemap[] = {" } { print "\\"" $1 "\\"," } END { print "};" }\n',
  'lib/uklibid/selfids.awk':
    'BEGIN { print "#include <uk/bits/libid.h>" }\n' +
    '{ print "const unsigned short _uk_libid_self_" $1 " = __UKLIBID_" $1 ";" }\n',
  'lib/uklibid/exportsyms.awk': 'BEGIN { print "uk_libname" } { print "_uk_libid_self_" $1 }\n',
  'lib/uklibid/rtmap.c': [
    '#include <uk/bits/libid.h>',
    'extern const char *namemap[];',
    'const char *uk_libname(unsigned short id) { return id < COUNT ? namemap[id] : "?"; }',
    '',
  ].join('\n'),
  'lib/uklibid/libinfo.S': [
    '#define TEXT(x) #x',
    '#define STRING(x) TEXT(x)',
    '\t.section .uk_libinfo, "a", @progbits',
    '#ifdef __GLOBALINFO__',
    '\t.asciz STRING(UK_UTCDATE)',
    '#else',
    '\t.asciz STRING(__LIBNAME__), __COMPILER__',
    '#endif',
    '\t.section .note.GNU-stack, "", @progbits',
    '',
  ].join('\n'),
  'lib/uklibid/infosec.ld': 'SECTIONS { .uk_libinfo : { KEEP(*(.uk_libinfo)) } }\nINSERT AFTER .rodata;\n',

  'support/scripts/mkbootinfo.py': [
    '#!/usr/bin/env python3',
    'import subprocess, sys',
    'headers = subprocess.check_output(["objdump", "-h", sys.argv[1]])',
    'assert b".bootinfo" in headers and sys.argv[3:] == ["-a", "x86_64"]',
    'open(sys.argv[2], "wb").write(b"%016d" % headers.count(b"CONTENTS"))',
    '',
  ].join('\n'),
  'support/scripts/multiboot.py': [
    '#!/usr/bin/env python3',
    'import sys',
    'with open(sys.argv[1], "r+b") as image:',
    '    image.seek(8)',
    '    image.write(b"marked")',
    '',
  ].join('\n'),
};
