import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildRequest } from 'bunny-libos-builder';
import { makeRootfs, openTooling, planRootfs, pushTooling, toolingDocument } from 'bunny-libos-namespace';
import {
  type ArchiveEntry,
  type Descriptor,
  FileLock,
  Layout,
  Network,
  packArchive,
  removeTree,
  Store,
} from 'bunny-libos-oci';
import {
  type Bunnyfile,
  type Document,
  type LockedComponent,
  type LockedTarget,
  type LockedTooling,
  mediaTypes,
  readBunnyfile,
  type ToolingRules,
  type ToolingTarget,
} from 'bunny-libos-spec';
import { runInSandbox } from 'bunny-libos-tooling';
import { lastingCache } from '../files/temporary.js';
import { repositoryFile } from '../repository.js';

const target: ToolingTarget = {
  arch: 'amd64',
  platform: 'linuxu',
  variables: {},
  link: 'x86_64-linux-gnu-ld -static -nostdlib --build-id=none --gc-sections -z noexecstack -e $entry $defaultScript $scripts $objects -Map=$map -o $out',
  entry: '_start',
  scriptFlag: '-T',
  defaultScriptFlag: '-dT',
  base: {},
  generate: [
    {
      name: 'names',
      command: [
        ...['sh', '-c'],
        '{ echo "const char small_names[] ="; while read -r name version hash; do echo "\\"$$name $$version;\\""; done < "$$1"; echo ";"; } > "$$2"',
        ...['sh', '$components', '$out'],
      ],
      output: 'names.c',
      defines: ['small_names'],
    },
  ],
  appDefines: ['main'],
  postLink: [{ name: 'strip', command: 'x86_64-linux-gnu-objcopy -S $in $out' }],
  artifacts: ['elf'],
  rootfs: 'initrd',
  monitor: {
    command: '$image',
    rootfs: [],
    arguments: [],
    memory: 16,
    exit: { offset: 0, factor: 1 },
  },
};

const gcc =
  'x86_64-linux-gnu-gcc-12 -ffreestanding -fno-pic -fno-pie -fno-stack-protector -ffunction-sections -fdata-sections -O1 -Wall $includes $defines $flags -MD -MF $depfile -c $in -o $out';
const preprocess = 'x86_64-linux-gnu-gcc-12 -ffreestanding $includes $defines $flags -E -M -MG -MF $out $in';
const language = {
  compile: gcc,
  preprocess,
  depfile: 'gcc',
  includeFlag: '-I',
  defineFlag: '-D',
  implies: {},
} as const;

export const rules: ToolingRules = {
  framework: 'small',
  version: '1.0.0',
  abi: 'small-1',
  settings: { arch: { values: ['amd64'] }, platform: { values: ['linuxu'] } },
  capabilities: {},
  variables: {},
  languages: { c: { ...language, files: ['*.c'] }, asm: { ...language, files: ['*.S'] } },
  targets: [target],
  template: {},
};

/** Sources of components: path in the layer -> text. A source becomes the object beside its name. */
const components: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  plat: {
    'objects/start.S':
      '.globl _start\n.section .text._start,"ax"\n_start: xor %ebp, %ebp\nmov %rsp, %rdi\nand $-16, %rsp\ncall plat_start\n',
    'objects/plat.c': `
int main(int argc, char **argv);
static long call(long n, long a, long b, long c)
{ long r; __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory"); return r; }
void plat_write(const char *text, unsigned long bytes) { call(1, 1, (long)text, bytes); }
void plat_start(long *stack) { call(60, main(*stack, (char **)(stack + 1)), 0, 0); }
void plat_unused(void) { plat_missing(); }
void plat_missing(void);
`.replace('void plat_unused', 'void plat_missing(void);\nvoid plat_unused'),
    'scripts/default/plat.lds':
      'SECTIONS { . = 0x400000; .text : { *(.text .text.*) } .rodata : { *(.rodata .rodata.*) } .data : { *(.data .data.*) } .bss : { *(.bss .bss.*) *(COMMON) } /DISCARD/ : { *(.comment .note* .eh_frame) } }\n',
  },
  say: {
    'objects/say.c': `
#include <small/say.h>
void plat_write(const char *, unsigned long);
extern const char greetings_start[], greetings_end[];
void say(const char *text) { unsigned long n = 0; while (text[n]) n++; plat_write(text, n); }
void say_greetings(void) { plat_write(greetings_start, greetings_end - greetings_start); }
`,
    'include/small/say.h':
      'void say(const char *text);\nvoid say_greetings(void);\n#define GREETING(name, text) __attribute__((used, section(".greetings"))) static const char name[sizeof(text) - 1] = text\n',
    'scripts/extra/greetings.ld':
      'SECTIONS { .greetings : { greetings_start = .; KEEP(*(.greetings)) greetings_end = .; } } INSERT AFTER .rodata;\n',
  },
  shout: {
    'objects/shout.c': 'void say(const char *text) { (void)text; }\nint shout_level = 3;\n',
  },
};

/** A libOS of three components, published to an image layout, with the real tooling root of the fixtures. */
export interface SmallLibos {
  store: Store;
  layout: Layout;
  tooling: LockedTooling;
  component(name: string): LockedComponent;
  /** Compiles and publishes one more component, or another version of one. */
  add(name: string, version: string, files: Readonly<Record<string, string>>): Promise<LockedComponent>;
  target(...names: string[]): LockedTarget;
  remove(): Promise<void>;
}

/** `generate`: what else is made for each image. */
export async function smallLibos(generate: ToolingTarget['generate'] = []): Promise<SmallLibos> {
  const scratch = mkdtempSync(join(tmpdir(), 'bunny-small-'));
  // Of its own: other files run at the same time, and some damage what is in theirs.
  const store = await Store.open(join(scratch, 'store'));
  const layout = new Layout(join(scratch, 'registry'));
  const targets = rules.targets.map((each) => ({ ...each, generate: [...each.generate, ...generate] }));
  const tooling = await publishTooling(layout, { ...rules, targets });
  const { root } = await openTooling(store, tooling, [layout]);
  const locked = new Map<string, LockedComponent>();
  const add = async (name: string, version: string, files: Readonly<Record<string, string>>) => {
    const component = await publishComponent(layout, root, scratch, { name, version, files });
    locked.set(name, component);
    return component;
  };
  for (const [name, files] of Object.entries(components)) await add(name, '1.0.0', files);
  const component = (name: string) => {
    const found = locked.get(name);
    if (found === undefined) throw new Error(name);
    return found;
  };
  return {
    store,
    layout,
    tooling,
    component,
    add,
    target: (...names) => ({
      arch: 'amd64',
      platform: 'linuxu',
      settings: { arch: 'amd64', platform: 'linuxu' },
      tooling,
      components: names.sort().map(component),
    }),
    remove: () => removeTree(scratch),
  };
}

/** The files of an app that uses a header of its own, a component and a linker script. */
export const hello = {
  'src/main.c':
    '#include <small/say.h>\n#include "name.h"\nGREETING(hi, "hi\\n");\nint main(int argc, char **argv) { (void)argv; say("Hello from " NAME "\\n"); say_greetings(); return argc; }\n',
  'src/name.h': '#define NAME "small"\n',
  'src/notes.txt': 'not a source',
};

/** An app in a directory of its own. */
export interface TestApp {
  directory: string;
  bunnyfile: Document<Bunnyfile>;
  write(path: string, text: string): void;
  request(libos: SmallLibos, components: readonly string[], more?: Partial<BuildRequest>): BuildRequest;
  remove(): void;
}

export function testApp(files: Readonly<Record<string, string>>, bunnyfile = ''): TestApp {
  const directory = mkdtempSync(join(tmpdir(), 'bunny-app-'));
  const write = (path: string, text: string) => {
    mkdirSync(join(directory, path, '..'), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const text = `version: v0.1\nname: hello\nplatforms: { framework: small }\n${bunnyfile}`;
  write('Bunnyfile', text);
  const document = readBunnyfile(text, join(directory, 'Bunnyfile'));
  return {
    directory,
    bunnyfile: document,
    write,
    request: (libos, components, more = {}) => ({
      bunnyfile: document,
      directory,
      target: libos.target(...components),
      store: libos.store,
      sources: () => [libos.layout],
      current: directory,
      ...more,
    }),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

async function publishTooling(layout: Layout, rules: ToolingRules): Promise<LockedTooling> {
  const command = { run: ['./make-root'], inputs: ['make-root'] };
  const directory = repositoryFile('fixtures/warren/tooling');
  // The tests of the CLI want the same root, perhaps at the same time.
  const one = new FileLock(join(lastingCache, '.lock'), 'tests');
  const options = { directory, network: new Network(), cache: lastingCache, allowCommands: true };
  const make = async () => makeRootfs(await planRootfs({ rootfs: { command } }, options));
  const rootfs = await one.hold(make, { timeout: 300_000 });
  const document = toolingDocument(
    rules,
    rootfs.map(({ diffId }) => diffId),
  );
  return { ...(await pushTooling(layout, { document, rootfs })), from: 'oci:registry' };
}

async function publishComponent(
  layout: Layout,
  root: string,
  scratch: string,
  { name, version, files }: { name: string; version: string; files: Readonly<Record<string, string>> },
): Promise<LockedComponent> {
  const directory = mkdtempSync(join(scratch, `${name}-`));
  const entries: ArchiveEntry[] = [];
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(directory, path, '..'), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  for (const path of Object.keys(files)) {
    if (!path.startsWith('objects/')) {
      entries.push({ path, source: join(directory, path) });
      continue;
    }
    const words = ['-Iinclude', '-ffreestanding', '-fno-pic', '-fno-stack-protector', '-ffunction-sections'];
    const result = await runInSandbox({
      root,
      binds: [{ from: directory, to: '/work', writable: true }],
      directory: '/work',
      command: ['x86_64-linux-gnu-gcc-12', ...words, '-O1', '-c', path, '-o', `${path}.o`],
    });
    if (result.status !== 0) throw new Error(result.stderr);
    entries.push({ path: `${path}.o`, content: readFileSync(join(directory, `${path}.o`)) });
  }
  const layer = await pushLayer(layout, mediaTypes.componentLayer, entries);
  return {
    name,
    version,
    layerHash: layer.digest,
    digest: `sha256:${'1'.repeat(64)}`,
    size: 1,
    layer: { digest: layer.digest, size: layer.size },
    from: 'oci:registry',
    options: {},
    dependencies: [],
  };
}

async function pushLayer(layout: Layout, mediaType: string, entries: ArchiveEntry[]): Promise<Descriptor> {
  const { bytes, digest, size } = await packArchive(entries);
  const descriptor = { mediaType, digest, size };
  await layout.push(descriptor, bytes);
  return descriptor;
}
