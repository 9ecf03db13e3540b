import assert from 'node:assert/strict';
import { join } from 'node:path';
import { bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfWarren, type Warren, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

/** A port as its maintainer has it: sources of others in a directory of their own, left as they are, and glue beside. */
const port = {
  'component.yaml': `framework: warren
name: port
version: 1.0.0
options:
  fast: { type: boolean, default: false }
  extra: { type: boolean, default: false }
flags: -Werror
sources:
  - files: upstream/*.c
    exclude: [upstream/tool.c, upstream/extra.c]
    include: glue/private
  - { files: upstream/old.c, flags: [-Wno-unused-variable, "-DQUOTED=\\"a b' $c\\""] }
  - { files: upstream/extra.c, when: { extra: true }, include: glue/private }
  - { when: { fast: true }, defines: { LEVEL: 3 } }
  - { when: { fast: false }, defines: { LEVEL: 1 } }
include:
  - { directory: upstream, files: [port.h] }
  - { directory: glue/amd64, when: { arch: amd64 } }
  - { directory: glue/arm64, when: { arch: arm64 } }
affectedBy: [arch]
matrix: { arch: [amd64, arm64], options: [{}, { fast: true }, { extra: true }] }
`,
  'upstream/port.h': '#include <port_arch.h>\nint port_level(void);\nconst char *port_text(void);\n',
  'upstream/internal.h': '#define SEED 40\n',
  'upstream/level.c':
    '#include "port.h"\n#include "internal.h"\n#include <config.h>\nint port_level(void) { return SEED + LEVEL + CONFIG + ARCH; }\n',
  'upstream/old.c': '#include "port.h"\nconst char *port_text(void) { int unused; return QUOTED; }\n',
  'upstream/tool.c': '#error a program of its own\n',
  'upstream/extra.c': '#include <config.h>\nint port_extra(void) { return CONFIG; }\n',
  'glue/private/config.h': '#define CONFIG 100\n',
  'glue/amd64/port_arch.h': '#define ARCH 1000\n',
  'glue/arm64/port_arch.h': '#define ARCH 2000\n',
};

/** Beside it a component that uses it, with a header of the same name as one that is not public. */
const user = {
  'component.yaml': `framework: warren
name: user
version: 1.0.0
dependencies: { port: { version: ^1.0, options: { fast: true } } }
sources: [src/*.c]
include: [include]
affectedBy: [arch]
matrix: { arch: [amd64] }
`,
  'include/internal.h': '#define OWN 1\n',
  'src/user.c': '#include <port.h>\n#include <internal.h>\nint user(void) { return port_level() + OWN; }\n',
};

interface Plans {
  plans: {
    variants: {
      settings: { arch: string };
      options: Record<string, boolean>;
      sources: { path: string; include: string[]; defines: object; flags: string[] }[];
    }[];
  }[];
}

interface Results {
  results: { pushed: { tag: string }[] }[];
}

describe('a port of sources that others wrote', function () {
  this.timeout(120_000);
  let to: Warren;
  let cwd: string;

  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
  });

  beforeEach(async () => {
    to = await copyOfWarren();
    cwd = await temporaryDirectory('ports');
    await writeFiles(join(cwd, 'port'), port);
  });

  const publish = (...words: string[]) => ['publish', ...words, '--to', to.registry];
  const place = () => ({ cwd, store: to.store });
  const refusal = (...words: string[]) => bunnyError(publish('port', ...words), place());

  /** An app that links against what was published says what it was compiled with. */
  async function outputOfApp(): Promise<string> {
    await writeFiles(join(cwd, 'app'), {
      Bunnyfile: `version: v0.1
name: app
platforms: { framework: warren }
registries: ['${to.registry}']
dependencies: { libc: ^1.0, port: ^1.0 }
targets: [amd64/linuxu]
`,
      'main.c':
        '#include <stdio.h>\n#include <port.h>\nint main(void) { printf("%d %s\\n", port_level(), port_text()); return 0; }\n',
    });
    const { stdout } = await bunnyDone(['run', '-f', 'app'], place());
    return stdout;
  }

  it('plans each file once, with what all entries say of it', async () => {
    const { plans } = await bunnyJson<Plans>(publish('port', '--dry-run'), place());
    const [plain, fast, extra, arm] = plans[0]?.variants ?? [];
    const flags = ['-Werror', '-Wno-unused-variable', `-DQUOTED="a b' $c"`];
    const [level, old] = [
      { path: 'upstream/level.c', include: ['glue/private'], defines: { LEVEL: 1 }, flags: ['-Werror'] },
      { path: 'upstream/old.c', include: ['glue/private'], defines: { LEVEL: 1 }, flags },
    ];
    assert.deepEqual(plain?.sources, [level, old]);
    assert.deepEqual(fast?.sources, [
      { ...level, defines: { LEVEL: 3 } },
      { ...old, defines: { LEVEL: 3 } },
    ]);
    assert.deepEqual(extra?.sources, [{ ...level, path: 'upstream/extra.c' }, level, old]);
    assert.equal(arm?.settings.arch, 'arm64');
  });

  it('compiles, links and runs, with flags to the letter', async () => {
    await bunnyDone(publish('port'), place());
    assert.equal(await outputOfApp(), "1141 a b' $c\n");
  });

  it('has the headers in its layer that are public for the architecture, and no others', async () => {
    const { results } = await bunnyJson<Results>(publish('port', '--arch', 'arm64'), place());
    assert.equal(results[0]?.pushed.length, 3);
    const reference = `${to.registry}:warren/port:${results[0]?.pushed[0]?.tag}`;
    const { stdout } = await bunnyDone(['inspect', reference], place());
    assert.deepEqual(stdout.match(/^header .*$/gm), [
      'header        include/port.h',
      'header        include/port_arch.h',
    ]);
  });

  it('shows dependents the same headers before it is published as afterwards', async () => {
    await writeFiles(join(cwd, 'user'), user);
    await bunnyDone(publish('port', 'user'), place());

    await edit(join(cwd, 'user/component.yaml'), '1.0.0', '1.0.1');
    await edit(join(cwd, 'user/src/user.c'), '<internal.h>', '"../../port-1.0.0/upstream/internal.h"');
    const error = await bunnyError(publish('user'), place());
    assert.equal(error.code, 'BUNNY_ECOMPILE');

    await edit(join(cwd, 'port/component.yaml'), '1.0.0', '1.0.1');
    await edit(join(cwd, 'user/src/user.c'), 'port-1.0.0', 'port-1.0.1');
    await edit(join(cwd, 'user/src/user.c'), 'OWN', 'SEED');
    const together = await bunnyError(publish('port', 'user'), place());
    assert.equal(together.code, 'BUNNY_ESOURCE');
    assert.equal(
      together.message,
      'src/user.c includes port-1.0.1/upstream/internal.h, which is of another component, and not public',
    );
  });

  it('is published with what the compiler has to say, once for all variants, where its maintainer has the file', async () => {
    const file = join(cwd, 'port/component.yaml');
    await edit(file, 'flags: -Werror', 'flags: -Wextra');
    await edit(file, '-Wno-unused-variable', '-Wunused-variable');
    const { stderr } = await bunnyDone(publish('port', '--arch', 'amd64'), place());
    const warnings = stderr.match(/^port\/upstream\/old\.c:2:\d+: warning: unused variable/gm);
    assert.equal(warnings?.length, 1, stderr);
  });

  it('is another thing with other flags, which a published version does not become', async () => {
    await bunnyDone(publish('port', '--arch', 'amd64'), place());
    await edit(join(cwd, 'port/component.yaml'), 'flags: -Werror', 'flags: -Werror -O3');
    const error = await refusal('--dry-run');
    assert.equal(error.code, 'BUNNY_EPUBLISHED');
    assert.match(error.details?.[0] ?? '', /differs in its files, or in how they are compiled, from/);
  });

  it('is refused where flags name a directory that the compiler would not find', async () => {
    await edit(join(cwd, 'port/component.yaml'), 'flags: -Werror', 'flags: [-Werror, -I, ./glue/private/]');
    const error = await refusal('--dry-run');
    assert.equal(error.code, 'BUNNY_EPATH');
    assert.equal(error.message, 'flags: the compiler does not run where glue/private is');
    assert.equal(error.hint, 'name glue/private in `include` of an entry of `sources`');
    assert.deepEqual(error.where, { file: 'port/component.yaml', line: 7, column: 8 });
  });

  it('is refused where two entries give a macro of one file two values', async () => {
    await edit(join(cwd, 'port/component.yaml'), 'fast: false }, defines', 'extra: false }, defines');
    const error = await refusal('--dry-run');
    assert.equal(error.code, 'BUNNY_EDUPLICATE');
    assert.equal(error.message, 'two entries give the macro LEVEL different values for upstream/level.c');
  });

  it('is refused where a file or a header that is named is not there', async () => {
    const file = join(cwd, 'port/component.yaml');
    await edit(file, 'upstream/*.c\n    exclude: [', 'upstream/**/*.c\n    exclude: [upstream/test, ');
    await writeFiles(join(cwd, 'port'), { 'upstream/test/deep/a.c': '#error no part of it\n' });
    const { plans } = await bunnyJson<Plans>(publish('port', '--dry-run'), place());
    assert.equal(plans[0]?.variants[0]?.sources.length, 2, 'a directory is left out whole');

    await edit(file, 'upstream/tool.c', 'upstream/tol.c');
    const excluded = await refusal('--dry-run');
    assert.equal(excluded.code, 'BUNNY_ESOURCE');
    assert.equal(excluded.message, 'exclude: upstream/tol.c names none of the files of this entry');

    await edit(file, 'upstream/tol.c', 'upstream/tool.c');
    await edit(file, '[port.h]', '[prot.h]');
    const header = await refusal('--dry-run');
    assert.equal(header.message, 'there is no file prot.h');
    assert.equal(header.hint, 'did you mean port.h?');

    await edit(file, '[prot.h]', '[port.h]');
    await edit(file, 'glue/arm64', 'glue/arm46');
    assert.equal((await refusal('--dry-run')).message, 'there is no directory glue/arm46');
  });

  it('is refused where it is made from what its layer hash does not know of', async () => {
    const file = join(cwd, 'port/component.yaml');
    await edit(file, 'affectedBy', 'exclude: [upstream/level.c]\naffectedBy');
    await edit(
      file,
      'files: upstream/*.c\n    exclude: [upstream/tool.c, upstream/extra.c]',
      'files: upstream/level.c',
    );
    const source = await refusal('--dry-run');
    assert.equal(source.code, 'BUNNY_ESOURCE');
    assert.equal(source.message, 'upstream/level.c is not part of the component’s source tree');

    await edit(file, 'exclude: [upstream/level.c]', 'exclude: [upstream/internal.h]');
    const header = await refusal();
    assert.equal(header.code, 'BUNNY_ESOURCE');
    assert.equal(
      header.message,
      'upstream/level.c includes upstream/internal.h, which is not part of the component’s source tree',
    );
  });

  it('is refused where a language of the framework has no place for its flags', async () => {
    await writeFiles(join(cwd, 'bare'), {
      'tooling/root/keep': '',
      'tooling/tooling.yaml': `framework: bare
version: 1.0.0
abi: bare-1
rootfs: { directory: root }
languages:
  c: { files: '*.c', compile: cc $flags -c $in -o $out }
  asm: { files: '*.s', compile: as $in -o $out }
targets: [{ arch: amd64, platform: linuxu, link: ld $objects -Map=$map -o $out, monitor: { command: $image } }]
`,
      'mixed/component.yaml': `framework: bare
name: mixed
version: 1.0.0
flags: -O3
sources: [a.c, { files: a.s }]
affectedBy: [arch]
matrix: { arch: [amd64] }
`,
      'mixed/a.c': '',
      'mixed/a.s': '',
    });
    const error = await bunnyError(publish('bare', '--dry-run'), place());
    assert.equal(error.code, 'BUNNY_ELANGUAGE');
    assert.equal(error.message, 'a.s is asm, which takes no flags');
    assert.equal(error.hint, 'move `flags` to an entry of `sources` that names files of other languages');
    assert.deepEqual(error.details, ['its compile command of bare tooling 1.0.0 does not use $flags']);

    await edit(join(cwd, 'bare/mixed/component.yaml'), 'flags: -O3\n', '');
    await edit(join(cwd, 'bare/mixed/component.yaml'), 'files: a.s', 'files: a.s, include: sub');
    await writeFiles(join(cwd, 'bare/mixed'), { 'sub/a.h': '' });
    assert.equal(
      (await bunnyError(publish('bare', '--dry-run'), place())).message,
      'a.s is asm, which takes no directories of headers',
    );
  });
});
