import { join } from 'node:path';
import { bunnyDone } from '../command/bunny.js';
import { writeFiles } from '../files/documents.js';
import { temporaryDirectory } from '../files/temporary.js';
import { warren } from './warren.js';

/** Two small frameworks, `burrow` and `hollow`, whose images are processes of Linux, each in a registry of its own. */
export interface Pair {
  burrow: string;
  hollow: string;
  store: string;
}

/**
 * Publishes them. They have one `say`, by an interface of their own each, and burrow alone has `dig`. They are compiled
 * by warren's tooling root, so call it in a `before` with `this.timeout(warrenTimeout)`.
 */
export async function frameworkPair(): Promise<Pair> {
  const { store, directory: root } = await warren();
  const directory = await temporaryDirectory('pair');
  const registry = (name: string) => `oci:${join(directory, `registry-${name}`)}`;
  const [burrow, hollow] = [registry('burrow'), registry('hollow')];
  for (const [name, to] of [
    ['burrow', burrow],
    ['hollow', hollow],
  ] as const) {
    const sources = join(directory, name);
    await writeFramework(sources, name, root);
    await bunnyDone(['publish', sources, '--to', to], { store });
  }
  return { burrow, hollow, store };
}

/** Writes a framework that says its name before what an app says. `root`: of the layout that has warren. */
export async function writeFramework(directory: string, name: string, root: string): Promise<void> {
  await writeFiles(directory, {
    'tooling/tooling.yaml': toolingText(name, root, template(name)),
    ...componentFiles(name, 'start', {
      'start.S': startSource,
      'start.c': systemCalls,
      'include/start.h': 'void put(const char *text);\n',
    }),
    ...componentFiles(
      name,
      'say',
      {
        'say.c': `#include <start.h>\n#include <say.h>\nvoid say(const char *text) { put("${name}: "); put(text); put("\\n"); }\n`,
        'include/say.h': 'void say(const char *text);\n',
      },
      'dependencies: { start: ^1.0 }',
    ),
    ...(name === 'burrow'
      ? componentFiles(name, 'dig', {
          'dig.c': 'int dig(void) { return 7; }\n',
          'include/dig.h': 'int dig(void);\n',
        })
      : {}),
  });
}

/** What a tooling layer of this kind says. `more` stands at its end: further keys. */
export function toolingText(name: string, root: string, more = ''): string {
  return `framework: ${name}
version: 1.0.0
abi: ${name}-1
rootfs: { image: 'oci:${root}:warren/tooling:1.0.0' }
settings: { arch: [amd64], platform: [linuxu] }
languages:
  c: &gcc
    files: '*.c'
    compile: x86_64-linux-gnu-gcc-12 -ffreestanding -fno-pic -fno-pie -fno-stack-protector -O1 $includes $defines $flags -MD -MF $depfile -c $in -o $out
    preprocess: x86_64-linux-gnu-gcc-12 -ffreestanding $includes $defines $flags -E -M -MG -MF $out $in
    depfile: gcc
  asm: { <<: *gcc, files: '*.S' }
targets:
  - arch: amd64
    platform: linuxu
    entry: _start
    link: x86_64-linux-gnu-ld -static -nostdlib --build-id=none -z noexecstack -e $entry $objects -Map=$map -o $out
    base: { start: ^1.0 }
    appDefines: [main]
    artifacts: [elf]
    monitor: { command: $image }
${more}`;
}

function template(framework: string): string {
  return `template:
  Bunnyfile: |
    version: v0.1
    name: $name
    platforms: { framework: ${framework} }
    app: { sources: [main.c] }
    dependencies: { say: ^1.0 }
  main.c: |
    #include <say.h>
    int main(void) { say("$name"); return 0; }
`;
}

function componentFiles(
  framework: string,
  name: string,
  files: Readonly<Record<string, string>>,
  more = '',
): Record<string, string> {
  const document = `framework: ${framework}
name: ${name}
version: 1.0.0
affectedBy: [arch]
sources: ${JSON.stringify(Object.keys(files).filter((path) => !path.startsWith('include/')))}
${'include/start.h' in files || `include/${name}.h` in files ? 'include: [include]\n' : ''}matrix: { arch: [amd64] }
${more}
`;
  return Object.fromEntries([
    [`${name}/component.yaml`, document],
    ...Object.entries(files).map(([path, text]) => [`${name}/${path}`, text]),
  ]);
}

const startSource = `.globl _start
.section .text._start,"ax"
_start: xor %ebp, %ebp
mov %rsp, %rdi
and $-16, %rsp
call begin
.section .note.GNU-stack,"",@progbits
`;

const systemCalls = `#include <start.h>
int main(void);
static long call(long n, long a, long b, long c)
{ long r; __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory"); return r; }
void put(const char *text) { long n = 0; while (text[n]) n++; call(1, 1, (long)text, n); }
void begin(long *stack) { (void)stack; call(60, main(), 0, 0); }
`;
