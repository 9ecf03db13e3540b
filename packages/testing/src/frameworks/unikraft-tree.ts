import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { appendFile, cp } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeFiles } from '../files/documents.js';
import { unikraftSources } from './unikraft-sources.js';

/** How a tree is configured. */
export interface TreeOptions {
  /** CONFIG_UK_NAME */
  name?: string;
  loud?: boolean;
  /** With a library more. */
  extra?: boolean;
  /** Where that library lies; among the others where left out. */
  elsewhere?: string;
  /** Further flags for every compilation. */
  flags?: string;
  main?: string;
}

/** A main that prints its macros as Unikraft's headers use them. */
export const standInMain = `#include <uk/print.h>
#include <uk/libid.h>
#define TEXT(x) #x
#define STRING(x) TEXT(x)
int main(int argc, char *argv[])
{
	uk_print("main of ");
	uk_print(argv[0]);
	uk_print(" in " STRING(__BASENAME__) ", ");
	uk_print(uk_libname(uk_libid_self()));
	uk_print("\\n");
	return argc - 1;
}
`;

/** Writes the sources of the library OS below a directory. */
export async function writeStandIn(base: string): Promise<void> {
  await writeFiles(base, unikraftSources);
  for (const path of Object.keys(unikraftSources))
    if (path.endsWith('.py')) chmodSync(join(base, path), 0o755);
}

/** Builds an app in `app` against the sources in `base`, as make of Unikraft would. Gives its image. */
export async function buildTree(base: string, app: string, options: TreeOptions = {}): Promise<string> {
  const {
    name = basename(app),
    loud = false,
    extra = false,
    elsewhere,
    flags = '',
    main = standInMain,
  } = options;
  await writeFiles(app, { 'main.c': main, 'Makefile.uk': '$(eval $(call addlib,appmine))\n' });
  const extraPlace = elsewhere ?? join(base, 'lib/extra');
  if (elsewhere !== undefined) {
    await cp(join(base, 'lib/extra'), elsewhere, { recursive: true });
    await appendFile(join(elsewhere, 'Makefile.uk'), 'LIBEXTRA_VERSION=4.5\n');
  }
  const build = join(app, 'build');
  rmSync(build, { recursive: true, force: true });
  mkdirSync(build, { recursive: true });
  const image = `${build}/${name}_qemu-x86_64`;
  const appLibrary = `app${name}`;
  const order = ['libkvmplat', appLibrary, 'libukprint', 'libukboot', 'libuklibid', 'libnoise'];
  if (extra) order.push('libextra');

  const write = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  /** Runs a line of shell and keeps it beside what it makes. */
  const make = (line: string, output: string, noted = output) => {
    mkdirSync(dirname(output), { recursive: true });
    write(`${noted}.cmd`, line);
    execFileSync('sh', ['-c', line], { cwd: base, stdio: ['ignore', 'ignore', 'pipe'] });
  };

  const symbols = [
    ['UK_FULLVERSION', '"0.17.0~stand1n"'],
    ['UK_NAME', `"${name}"`],
    ['UK_ARCH', '"x86_64"'],
    ['UK_BASE', `"${base}"`],
    ['UK_APP', `"${app}"`],
    ['PLAT_KVM', 'y'],
    ['KVM_VMM_QEMU', 'y'],
    ...(loud ? [['LOUD', 'y']] : []),
  ];
  write(`${build}/config`, symbols.map(([key, value]) => `CONFIG_${key}=${value}\n`).join(''));
  write(
    `${build}/include/uk/bits/config.h`,
    symbols.map(([key, value]) => `#define CONFIG_${key} ${value === 'y' ? 1 : value}\n`).join(''),
  );
  write(
    `${build}/libuklibid/libraries.in`,
    order
      .toSorted()
      .map((each) => `${each}\n`)
      .join(''),
  );
  const list = `${build}/libuklibid/libraries.in`;
  const awk = (script: string, output: string) =>
    make(`awk -f ${base}/lib/uklibid/${script}.awk        ${list} > ${output}`, output);
  awk('libid', `${build}/libuklibid/include/uk/bits/libid.h`);
  awk('namemap', `${build}/libuklibid/namemap.c`);
  awk('selfids', `${build}/libuklibid/selfids.c`);
  awk('exportsyms', `${build}/libuklibid/exportsyms.uk`);

  const includes = [
    `${build}/include`,
    `${base}/include`,
    ...['ukprint', 'ukboot', 'noise'].map((each) => `${base}/lib/${each}/include`),
    `${extraPlace}/include`,
    `${build}/libuklibid/include`,
    `${base}/lib/missing/include`,
  ];
  const common =
    '-nostdlib -U __linux__ -nostdinc -fno-stack-protector -fcf-protection=none -O2 -D __Unikraft__';
  const compile = (library: string, source: string, variant = '', more = '') => {
    const stem = `${basename(source).replace(/\.\w+$/, '')}${variant === '' ? '' : `.${variant}`}`;
    const object = `${build}/${library}/${stem}.o`;
    const list = `${build}/${library}/.${stem}.o.d`;
    const isAssembly = source.endsWith('.S');
    const words = [
      `""gcc ${common} -DUK_FULLVERSION=0.17.0~stand1n -DUK_CODENAME="Stand In" -fno-PIC ${flags}  `,
      ...includes.map((each) => `-I${each}`),
      `-m64 -mno-red-zone${isAssembly ? ' -D__ASSEMBLY__ -D__COMPILER__=\\"GCC\\"' : ''} ${more}      -g3`,
      `-D__LIBNAME__=${library} -D__BASENAME__=${basename(source)}${variant === '' ? '' : ` -D__VARIANT__=${variant}`}`,
      `-c ${source} -o ${object} -Wp,-MD,${list}`,
    ];
    make(words.join(' '), object);
    noteDependencies(object, source, list);
    return object;
  };
  const library = (name: string, objects: string[], exported?: string) => {
    const output = `${build}/${name}.ld.o`;
    const all = [...objects, compile(name, `${base}/lib/uklibid/libinfo.S`, 'libuklibid')];
    make(
      `""gcc -nostdlib -Wl,-r -Wl,-d -Wl,--build-id=none -no-pie -nostdinc    ${all.join(' ')}   -Wl,--start-group     -Wl,--end-group -o ${output}`,
      output,
    );
    const keep = exported === undefined ? '' : `--keep-global-symbols=${exported}`;
    make(`""objcopy ${keep}       ${output} ${build}/${name}.o`, `${build}/${name}.o`);
  };
  library('libkvmplat', [
    compile('libkvmplat', `${base}/plat/kvm/entry.S`),
    compile('libkvmplat', `${base}/plat/kvm/serial.c`),
  ]);
  library(appLibrary, [compile(appLibrary, `${app}/main.c`)]);
  library('libukprint', [compile('libukprint', `${base}/lib/ukprint/print.c`)]);
  library(
    'libukboot',
    [compile('libukboot', `${base}/lib/ukboot/boot.c`)],
    `${base}/lib/ukboot/exportsyms.uk`,
  );
  library(
    'libuklibid',
    [
      compile('libuklibid', `${build}/libuklibid/namemap.c`),
      compile('libuklibid', `${build}/libuklibid/selfids.c`),
      compile('libuklibid', `${base}/lib/uklibid/rtmap.c`),
      compile(
        'libuklibid',
        `${base}/lib/uklibid/libinfo.S`,
        'global',
        '-D__GLOBALINFO__ -DUK_UTCDATE="2024-06-03"',
      ),
    ],
    `${build}/libuklibid/exportsyms.uk`,
  );
  library('libnoise', [compile('libnoise', `${base}/lib/noise/noise.c`)]);
  if (extra) library('libextra', [compile('libextra', `${extraPlace}/extra.c`)]);

  const script = `${build}/libkvmplat/link64.lds`;
  make(`cat ${base}/plat/kvm/link64.lds > ${script}`, script);
  make(
    `""gcc -Wl,-m,elf_x86_64 -Wl,--entry=entry ${order.map((each) => `${build}/${each}.o`).join(' ')} -Wl,--start-group -Wl,--end-group -nostdlib -Wl,--build-id=none -nostdinc -no-pie -Wl,-dT,${script} -Wl,-T,${base}/lib/uklibid/infosec.ld -Wl,-T,${base}/lib/ukprint/extra.ld -o ${image}.dbg`,
    `${image}.dbg`,
  );
  make(
    `""strip -s ${image}.dbg -o ${image} 2>&1 | { grep -Ev "Empty loadable segment|lma.*adjusted" || true; }`,
    image,
  );
  make(
    `${base}/support/scripts/mkbootinfo.py ${image} ${image}.bootinfo -a "x86_64" && ""objcopy ${image} --update-section .bootinfo=${image}.bootinfo`,
    `${image}.bootinfo`,
  );
  make(`${base}/support/scripts/multiboot.py ${image}`, image, `${image}.multiboot`);
  return image;
}

/** As fixdep of Kconfig writes them: the source, then headers but for the configuration's own. */
function noteDependencies(object: string, source: string, list: string): void {
  const listed = readFileSync(list, 'utf8')
    .replaceAll('\\\n', ' ')
    .split(/[:\s]+/)
    .slice(1);
  const headers = listed.filter(
    (path) => path !== '' && path !== source && !path.endsWith('/uk/bits/config.h'),
  );
  const lines = headers
    .map((path) => `  ${path} \\\n    $(wildcard include/config/some/thing.h) \\\n`)
    .join('');
  writeFileSync(
    object.replace(/\.o$/, '.d'),
    `cmd_${object} := /bin/bash ${object}.cmd\n\nsource_${object} := ${source}\n\ndeps_${object} := \\\n${lines}\n${object}: $(deps_${object})\n\n$(deps_${object}):\n`,
  );
  rmSync(list);
}
